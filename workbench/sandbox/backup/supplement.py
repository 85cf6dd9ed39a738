"""AWS Backup, of which moto has plans and vaults: backups of file systems that are asked for, and their restoration."""

import secrets
from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend
from moto.core.utils import utcnow

from workbench.sandbox.backup import plans
from workbench.sandbox.server.table import Call, Missing, RefusalError, Supplement

_LOOKS_UNTIL_COMPLETE = 2


def _file_system(call: Call, arn: str) -> Any:
    file_systems: Mapping[str, Any] = get_backend("efs")[call.account_id][call.region].file_systems_by_id
    file_system = file_systems.get(arn.rpartition("/")[2])
    if file_system is None or file_system.file_system_arn != arn:
        raise RefusalError("InvalidParameterValueException", f"{arn} is no file system of this account and region.")
    return file_system


def _check_role(call: Call) -> None:
    roles: Mapping[str, Any] = get_backend("iam")[call.account_id]["aws"].roles
    if call.parameters["IamRoleArn"] not in [role.arn for role in roles.values()]:
        raise RefusalError("InvalidParameterValueException", "IAM Role cannot be assumed by AWS Backup")


def _start_backup(call: Call) -> Mapping[str, Any]:
    """Make a recovery point at once; its vault comes into being with it."""
    _check_role(call)
    resource_arn = call.parameters["ResourceArn"]
    file_system = _file_system(call, resource_arn)
    vault, now = call.parameters["BackupVaultName"], utcnow()
    arn = call.arn("backup", f"recovery-point:{secrets.token_hex(16)}")
    call.kept("recovery points")[arn] = {
        "RecoveryPointArn": arn,
        "BackupVaultName": vault,
        "BackupVaultArn": call.arn("backup", f"backup-vault:{vault}"),
        "ResourceArn": resource_arn,
        "ResourceType": "EFS",
        "ResourceName": next((tag["Value"] for tag in file_system.info_json()["Tags"] if tag["Key"] == "Name"), ""),
        "IamRoleArn": call.parameters["IamRoleArn"],
        "Status": "COMPLETED",
        "CreationDate": now,
        "CompletionDate": now,
        "BackupSizeInBytes": 0,
        "IsEncrypted": True,
    }
    return {"BackupJobId": secrets.token_hex(16), "RecoveryPointArn": arn, "CreationDate": now}


def _list(call: Call) -> Mapping[str, Any]:
    vault = call.parameters["BackupVaultName"]
    points = [point for point in call.kept("recovery points").values() if point["BackupVaultName"] == vault]
    if not points and vault not in plans.backend(call).vaults:
        raise RefusalError("ResourceNotFoundException", f"Backup vault {vault} does not exist.")
    asked = {"ByResourceArn": "ResourceArn", "ByResourceType": "ResourceType"}
    wanted = {member: call.parameters[given] for given, member in asked.items() if given in call.parameters}
    return {"RecoveryPoints": [point for point in points if wanted.items() <= point.items()]}


def _delete(call: Call) -> Mapping[str, Any]:
    arn = call.parameters["RecoveryPointArn"]
    if call.kept("recovery points").pop(arn, None) is None:
        raise RefusalError("ResourceNotFoundException", f"Recovery point {arn} does not exist.")
    return {}


def _start_restore(call: Call) -> Mapping[str, Any]:
    """Begin a job; one with the same token is the same job."""
    _check_role(call)
    arn, metadata = call.parameters["RecoveryPointArn"], call.parameters["Metadata"]
    if arn not in call.kept("recovery points"):
        raise RefusalError("ResourceNotFoundException", f"Recovery point {arn} does not exist.")
    if metadata.get("newFileSystem") != "false":
        raise RefusalError("InvalidRequestException", "Only restoring into an existing file system is emulated.")
    into = call.arn("elasticfilesystem", f"file-system/{metadata['file-system-id']}")
    _file_system(call, into)
    tokens = call.kept("restore tokens")
    job_id = tokens.setdefault(call.parameters.get("IdempotencyToken") or secrets.token_hex(16), secrets.token_hex(16))
    job = {
        "RestoreJobId": job_id,
        "RecoveryPointArn": arn,
        "CreationDate": utcnow(),
        "IamRoleArn": call.parameters["IamRoleArn"],
        "ResourceType": "EFS",
        "CreatedResourceArn": into,
    }
    call.kept("restore jobs").setdefault(job_id, {"job": job, "looks": 0})
    return {"RestoreJobId": job_id}


def _describe_job(call: Call) -> Mapping[str, Any]:
    kept = call.kept("restore jobs").get(call.parameters["RestoreJobId"])
    if kept is None:
        raise RefusalError("ResourceNotFoundException", "Restore job does not exist.")
    kept["looks"] += 1
    is_complete = kept["looks"] >= _LOOKS_UNTIL_COMPLETE
    progress = {"Status": "COMPLETED", "PercentDone": "100.00%"} if is_complete else {"Status": "RUNNING"}
    return {**kept["job"], **progress}


_MISSING = (
    Missing(service="backup", operation="StartBackupJob", answer=_start_backup),
    Missing(service="backup", operation="ListRecoveryPointsByBackupVault", answer=_list),
    Missing(service="backup", operation="DeleteRecoveryPoint", answer=_delete),
    Missing(service="backup", operation="StartRestoreJob", answer=_start_restore),
    Missing(service="backup", operation="DescribeRestoreJob", answer=_describe_job),
)

SUPPLEMENT = Supplement(missing=(*_MISSING, *plans.MISSING))
