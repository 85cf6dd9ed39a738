"""EFS: file systems, who may mount them, and from where."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.making import Existing, Made
from workbench.sandbox.making.mapping import plain
from workbench.sandbox.making.table import Delete, ResourceRow, Row, Tags, Update


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
    # A file system that was made with some may be given none any more.
    members = [{_TRANSITIONS[name]: value for name, value in policy.items()} for policy in policies or ()]
    made.call("put_lifecycle_configuration", FileSystemId=made.id, LifecyclePolicies=members)


def _disable_backups(existing: Existing) -> None:
    # A backup policy cannot be deleted.
    existing.call("put_backup_policy", FileSystemId=existing.id, BackupPolicy={"Status": "DISABLED"})


_THROUGHPUT = Update(
    operation="update_file_system",
    parameters={"FileSystemId": "id"},
    always=("throughputMode", "provisionedThroughputInMibps"),
)

RESOURCES: Mapping[str, ResourceRow] = {
    "aws:efs/fileSystem:FileSystem": Row(
        service="efs",
        operation="create_file_system",
        id="FileSystemId",
        then={"lifecyclePolicies": _lifecycle_policies},
        tags=Tags(),
        outputs={"arn": "FileSystemArn", "dnsName": _dns_name, "sizeInBytes": _size},
        delete=Delete(operation="delete_file_system", parameters={"FileSystemId": "id"}),
        update={**dict.fromkeys(_THROUGHPUT.always, _THROUGHPUT), "lifecyclePolicies": _lifecycle_policies},
        not_emulated=("A file system holds no files, and nothing can mount it.",),
    ),
    "aws:efs/accessPoint:AccessPoint": Row(
        service="efs",
        operation="create_access_point",
        id="AccessPointId",
        tags=Tags(),
        outputs={"arn": "AccessPointArn", "fileSystemArn": _file_system_arn},
        delete=Delete(operation="delete_access_point", parameters={"AccessPointId": "id"}),
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
        delete=Delete(operation="delete_mount_target", parameters={"MountTargetId": "id"}),
        update={
            "securityGroups": Update(
                operation="modify_mount_target_security_groups", parameters={"MountTargetId": "id"}
            )
        },
    ),
    "aws:efs/backupPolicy:BackupPolicy": Row(
        service="efs",
        operation="put_backup_policy",
        id=lambda made: made.inputs["fileSystemId"],
        delete=_disable_backups,
        update={"backupPolicy": Update(operation="put_backup_policy", parameters={"FileSystemId": "id"})},
        not_emulated=(
            "No backup is taken by itself; one that AWS Backup is asked for holds nothing, and restoring it makes no "
            "directory.",
        ),
    ),
    "aws:efs/fileSystemPolicy:FileSystemPolicy": Row(
        service="efs",
        operation="put_file_system_policy",
        id="FileSystemId",
        delete=Delete(operation="delete_file_system_policy", parameters={"FileSystemId": "id"}),
        update={"policy": Update(operation="put_file_system_policy", parameters={"FileSystemId": "id"})},
    ),
}
