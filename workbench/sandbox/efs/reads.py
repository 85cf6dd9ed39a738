"""The readings of file systems, their mount targets, access points and policies."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.answers import asked
from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Read


def _lifecycle_policies(existing: Existing) -> list[dict[str, Any]]:
    answer = existing.call("describe_lifecycle_configuration", FileSystemId=existing.id)
    return [
        {f"{name[0].lower()}{name[1:]}": value for name, value in one.items()} for one in answer["LifecyclePolicies"]
    ]


READS: Mapping[str, Read] = {
    "aws:efs/fileSystem:FileSystem": Read(
        operation="describe_file_systems",
        parameters={"FileSystemId": "id"},
        result="FileSystems[0]",
        named={"lifecyclePolicies": _lifecycle_policies},
        defaults={"throughputMode": "bursting"},
    ),
    "aws:efs/accessPoint:AccessPoint": Read(
        operation="describe_access_points", parameters={"AccessPointId": "id"}, result="AccessPoints[0]"
    ),
    "aws:efs/mountTarget:MountTarget": Read(
        operation="describe_mount_targets",
        parameters={"MountTargetId": "id"},
        result="MountTargets[0]",
        named={"securityGroups": asked("describe_mount_target_security_groups", "SecurityGroups", MountTargetId="id")},
    ),
    "aws:efs/backupPolicy:BackupPolicy": Read(
        operation="describe_backup_policy",
        parameters={"FileSystemId": "id"},
        result="@",
        named={"fileSystemId": lambda existing: existing.id},
    ),
    "aws:efs/fileSystemPolicy:FileSystemPolicy": Read(
        operation="describe_file_system_policy", parameters={"FileSystemId": "id"}, result="@"
    ),
}
