"""EFS: the backup policy, which moto knows only as an argument of a file system's creation."""

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from zelly_infra.sandbox.supplement.table import Call, Forgotten, Missing, RefusalError


def _file_system(call: Call) -> Any:
    file_systems: Mapping[str, Any] = get_backend("efs")[call.account_id][call.region].file_systems_by_id
    file_system_id = call.parameters["FileSystemId"]
    if file_system_id not in file_systems:
        raise RefusalError("FileSystemNotFound", f"File system '{file_system_id}' does not exist.")
    return file_systems[file_system_id]


def _put_backup_policy(call: Call) -> Mapping[str, Any]:
    _file_system(call)._backup = call.parameters["BackupPolicy"]["Status"] == "ENABLED"
    return _describe_backup_policy(call)


def _describe_backup_policy(call: Call) -> Mapping[str, Any]:
    # moto answers with an error where backups are off.
    return {"BackupPolicy": _file_system(call).backup_policy or {"Status": "DISABLED"}}


MISSING: tuple[Missing, ...] = (
    Missing(service="efs", operation="PutBackupPolicy", answer=_put_backup_policy),
    Missing(service="efs", operation="DescribeBackupPolicy", answer=_describe_backup_policy),
)
FORGOTTEN: tuple[Forgotten, ...] = ()
