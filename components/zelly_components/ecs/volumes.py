"""Volumes of a task in the provider's own form."""

import pulumi_aws as aws

from zelly_components.ecs.task_definition import EfsVolumeArgs


def efs_volume(volume: EfsVolumeArgs) -> aws.ecs.TaskDefinitionVolumeArgs:
    """Return an EFS access point as a volume, over TLS and with the task role's permission."""
    return aws.ecs.TaskDefinitionVolumeArgs(
        name=volume.name,
        efs_volume_configuration=aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationArgs(
            file_system_id=volume.file_system_id,
            transit_encryption="ENABLED",
            authorization_config=aws.ecs.TaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfigArgs(
                access_point_id=volume.access_point_id, iam="ENABLED"
            ),
        ),
    )
