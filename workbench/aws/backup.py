"""AWS Backup: recovery points of file systems, and jobs that restore them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_backup import BackupClient

AUTOMATIC_VAULT = "aws/efs/automatic-backup-vault"
"""Where EFS's own daily plan keeps its recovery points ("Backing up EFS file systems", EFS User Guide)."""


@dataclass(frozen=True, kw_only=True)
class RecoveryPoint:
    """One backup of a file system."""

    arn: str
    file_system_arn: str
    file_system_name: str
    """Its ``Name`` tag at that time; empty for one that had none."""
    status: str
    """``COMPLETED`` is the one that can be restored."""
    created_at: datetime
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class RestoreJob:
    """A restore job and its progress."""

    id: str
    status: str
    """``PENDING``, ``RUNNING``, ``COMPLETED``, ``ABORTED`` or ``FAILED``."""
    message: str
    percent: str
    """As AWS writes it, e.g. ``12.50%``; empty at first."""


class Backup:
    """The calls of AWS Backup that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: BackupClient = connection.client("backup")

    def recovery_points(self) -> list[RecoveryPoint]:
        """Return the recovery points of every file system in the vault of automatic backups, the newest first.

        The vault comes into being with the first file system that is backed up.
        """
        try:
            with calling("backup:ListRecoveryPointsByBackupVault", f"vault {AUTOMATIC_VAULT}"):
                pages = self._client.get_paginator("list_recovery_points_by_backup_vault").paginate(
                    BackupVaultName=AUTOMATIC_VAULT, ByResourceType="EFS"
                )
                described = [point for page in pages for point in page["RecoveryPoints"]]
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                return []
            raise
        points = [
            RecoveryPoint(
                arn=point["RecoveryPointArn"],
                file_system_arn=point["ResourceArn"],
                file_system_name=point.get("ResourceName", ""),
                status=point["Status"],
                created_at=point["CreationDate"],
                size_bytes=point.get("BackupSizeInBytes", 0),
            )
            for point in described
        ]
        return sorted(points, key=lambda point: (-point.created_at.timestamp(), point.arn))

    def start_restore(self, point: RecoveryPoint, *, file_system_id: str, role_arn: str, token: str) -> str:
        """Begin to restore a recovery point into a file system and return the job's id.

        The files come into a new directory in its root, ``aws-backup-restore_…``; nothing that is there is touched
        ("Restore an Amazon EFS file system", AWS Backup Developer Guide). The same ``token`` begins no second job.
        """
        with calling("backup:StartRestoreJob", f"recovery point {point.arn}"):
            answer = self._client.start_restore_job(
                RecoveryPointArn=point.arn,
                IamRoleArn=role_arn,
                IdempotencyToken=token,
                ResourceType="EFS",
                Metadata={
                    "file-system-id": file_system_id,
                    "newFileSystem": "false",
                    # Asked for whenever it is EFS; they say something of a new file system only.
                    "Encrypted": "true",
                    "PerformanceMode": "generalPurpose",
                    "CreationToken": token,
                },
            )
        return answer["RestoreJobId"]

    def restore_job(self, job_id: str) -> RestoreJob:
        """Return how far a job is."""
        with calling("backup:DescribeRestoreJob", f"job {job_id}"):
            job = self._client.describe_restore_job(RestoreJobId=job_id)
        return RestoreJob(
            id=job_id, status=job["Status"], message=job.get("StatusMessage", ""), percent=job.get("PercentDone", "")
        )
