"""EFS: file systems, who may mount them, and from where."""

from collections.abc import Mapping
from typing import Any

from zelly_infra.sandbox.making import Made
from zelly_infra.sandbox.mapping import plain
from zelly_infra.sandbox.table import Function, ResourceRow, Row, Tags


def _file_system_arn(made: Made) -> str:
    return made.arn("elasticfilesystem", f"file-system/{made.inputs['fileSystemId']}")


def _dns_name(made: Made) -> str:
    return f"{made.result['FileSystemId']}.efs.{made.region}.amazonaws.com"


def _zone_dns_name(made: Made) -> str:
    return f"{made.result['AvailabilityZoneName']}.{_dns_name(made)}"


def _size(made: Made) -> list[Any]:
    # The provider's schema has a list of one.
    return [plain(made.result["SizeInBytes"])]


_TRANSITIONS: Mapping[str, str] = {
    "transitionToArchive": "TransitionToArchive",
    "transitionToIa": "TransitionToIA",
    "transitionToPrimaryStorageClass": "TransitionToPrimaryStorageClass",
}


def _lifecycle_policies(made: Made, policies: Any) -> None:
    members = [{_TRANSITIONS[name]: value for name, value in policy.items()} for policy in policies]
    made.call("put_lifecycle_configuration", FileSystemId=made.id, LifecyclePolicies=members)


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:efs/fileSystem:FileSystem": Row(
        service="efs",
        operation="create_file_system",
        id="FileSystemId",
        then={"lifecyclePolicies": _lifecycle_policies},
        tags=Tags(),
        outputs={"arn": "FileSystemArn", "dnsName": _dns_name, "sizeInBytes": _size},
        not_emulated=("A file system holds no files, and nothing can mount it.",),
    ),
    "aws:efs/accessPoint:AccessPoint": Row(
        service="efs",
        operation="create_access_point",
        id="AccessPointId",
        tags=Tags(),
        outputs={"arn": "AccessPointArn", "fileSystemArn": _file_system_arn},
    ),
    "aws:efs/mountTarget:MountTarget": Row(
        service="efs",
        operation="create_mount_target",
        id="MountTargetId",
        outputs={
            "dnsName": _dns_name,
            "mountTargetDnsName": _zone_dns_name,
            "fileSystemArn": _file_system_arn,
        },
    ),
    "aws:efs/backupPolicy:BackupPolicy": Row(
        service="efs",
        operation="put_backup_policy",
        id=lambda made: made.inputs["fileSystemId"],
        not_emulated=("No backup is ever taken.",),
    ),
    "aws:efs/fileSystemPolicy:FileSystemPolicy": Row(
        service="efs", operation="put_file_system_policy", id="FileSystemId"
    ),
}

FUNCTIONS: Mapping[str, Function] = {}
