"""EFS: the backup policy, which moto knows only as an argument of a file system's creation, and changes of others."""

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from workbench.sandbox.server.limits import at_most, limited
from workbench.sandbox.server.state import change
from workbench.sandbox.server.table import Call, Missing, RefusalError, Supplement
from zelly_components.limits import sizes as limits


def _file_system(call: Call) -> Any:
    file_systems: Mapping[str, Any] = get_backend("efs")[call.account_id][call.region].file_systems_by_id
    file_system_id = call.parameters["FileSystemId"]
    if file_system_id not in file_systems:
        raise RefusalError("FileSystemNotFound", f"File system '{file_system_id}' does not exist.")
    return file_systems[file_system_id]


def _put_backup_policy(call: Call) -> Mapping[str, Any]:
    change(_file_system(call), _backup=call.parameters["BackupPolicy"]["Status"] == "ENABLED")
    return _describe_backup_policy(call)


def _describe_backup_policy(call: Call) -> Mapping[str, Any]:
    # moto answers with an error where backups are off.
    return {"BackupPolicy": _file_system(call).backup_policy or {"Status": "DISABLED"}}


def _update(call: Call) -> Mapping[str, Any]:
    file_system = _file_system(call)
    mode = call.parameters.get("ThroughputMode", file_system.throughput_mode)
    throughput = call.parameters.get("ProvisionedThroughputInMibps", file_system.provisioned_throughput_in_mibps)
    provisioned = throughput if mode == "provisioned" else None
    change(file_system, throughput_mode=mode, provisioned_throughput_in_mibps=provisioned)
    described = {
        "OwnerId": file_system.owner_id,
        "CreationToken": file_system.creation_token,
        "FileSystemId": file_system.file_system_id,
        "FileSystemArn": file_system.file_system_arn,
        "LifeCycleState": file_system.life_cycle_state,
        "NumberOfMountTargets": file_system.number_of_mount_targets,
        "SizeInBytes": file_system.size_in_bytes,
        "PerformanceMode": file_system.performance_mode,
        "Encrypted": file_system.encrypted,
        "ThroughputMode": file_system.throughput_mode,
        "ProvisionedThroughputInMibps": file_system.provisioned_throughput_in_mibps,
    }
    return {member: value for member, value in described.items() if value is not None}


def _delete_policy(call: Call) -> Mapping[str, Any]:
    change(_file_system(call), file_system_policy=None)
    return {}


_LIMITS = limited(
    "efs", {"PutFileSystemPolicy": at_most(limits.FILE_SYSTEM_POLICY, "Policy", "InvalidPolicyException")}
)

_MISSING = (
    Missing(service="efs", operation="PutBackupPolicy", answer=_put_backup_policy),
    Missing(service="efs", operation="DescribeBackupPolicy", answer=_describe_backup_policy),
    Missing(service="efs", operation="UpdateFileSystem", answer=_update),
    Missing(service="efs", operation="DeleteFileSystemPolicy", answer=_delete_policy),
)

SUPPLEMENT = Supplement(limits=_LIMITS, missing=_MISSING)
