"""The right to back a database up, as data: what a backup vault gives to a host."""

from dataclasses import dataclass

import pulumi

from zelly_components.base import Component
from zelly_components.hosts.permissions import database_backup_statements
from zelly_components.identity.grants import grant_to_role


@dataclass(frozen=True, kw_only=True)
class BackupGrantArgs:
    """Arguments of a grant to back a database up."""

    role_name: pulumi.Input[str]
    """The name of the role that is granted the right; not its ARN."""
    policy_name: str
    """The name of the inline policy in IAM: 1 to 128 letters, digits and ``+=,.@_-``, unique in the role. All inline
    policies of a role may have 10,240 characters in sum."""
    bucket_arn: pulumi.Input[str]
    """The bucket of the dumps: the output ``bucket_arn`` of a backup vault."""
    secret_arn: pulumi.Input[str]
    """The secret with the database's address, user and password."""


class BackupGrant(Component):
    """Let a host's role read a database's secret, write and read dumps, and publish the metrics of backups.

    It may delete nothing, and change no lock. In Python ``BackupVault.database_backup_statements`` returns the same
    permissions, for the arguments of a host.

    Example::

        from zelly_components.backup_grant import BackupGrant, BackupGrantArgs

        BackupGrant(
            "shop-host-backups",
            BackupGrantArgs(
                role_name="shop-host-role",
                policy_name="database-backup",
                bucket_arn="arn:aws:s3:::shop-backups-123456789012",
                secret_arn="arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/database-AbCdEf",
            ),
        )
    """

    policy_name: str
    """The name of the inline policy."""

    def __init__(self, name: str, args: BackupGrantArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        grant_to_role(
            self,
            name,
            database_backup_statements(args.bucket_arn, args.secret_arn),
            policy_name=args.policy_name,
            role_name=args.role_name,
        )
        self.policy_name = args.policy_name
        self.register_annotated_outputs()
