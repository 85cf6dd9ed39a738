"""Amazon EFS: the file systems that there are."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_efs import EFSClient


@dataclass(frozen=True, kw_only=True)
class FileSystem:
    """A file system as it stands."""

    id: str
    arn: str
    state: str
    """``available`` is the one that can be restored into."""
    is_encrypted: bool
    is_backed_up: bool
    """By EFS's own daily plan."""


class EfsFileSystems:
    """The calls of Amazon EFS that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: EFSClient = connection.client("efs")

    def named(self, name: str) -> FileSystem | None:
        """Return the file system with a ``Name`` tag; None when there is none that is not being deleted."""
        with calling("elasticfilesystem:DescribeFileSystems", name):
            pages = self._client.get_paginator("describe_file_systems").paginate()
            described = [system for page in pages for system in page["FileSystems"]]
        for system in described:
            if system.get("Name") == name and system["LifeCycleState"] not in ("deleting", "deleted"):
                return FileSystem(
                    id=system["FileSystemId"],
                    arn=system["FileSystemArn"],
                    state=system["LifeCycleState"],
                    is_encrypted=system["Encrypted"],
                    is_backed_up=self._is_backed_up(system["FileSystemId"]),
                )
        return None

    def _is_backed_up(self, file_system_id: str) -> bool:
        try:
            with calling("elasticfilesystem:DescribeBackupPolicy", f"file system {file_system_id}"):
                policy = self._client.describe_backup_policy(FileSystemId=file_system_id)["BackupPolicy"]
        except AwsError as error:
            if error.code == "PolicyNotFound":
                return False
            raise
        return policy["Status"] in ("ENABLED", "ENABLING")
