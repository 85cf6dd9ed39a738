"""Backups: the place that they are kept in, and what the host is told, so that it makes them."""

from collections.abc import Sequence
from dataclasses import dataclass

from pakashop_infra import catalog
from pakashop_infra.composition.postgresql import Postgresql
from pakashop_infra.composition.scope import Scope
from zelly_components.alarms.alarm import Alarm
from zelly_components.alarms.backups import BackupTarget, backup_alarms, backup_widgets
from zelly_components.alarms.dashboard import Widget
from zelly_components.backup_document import BackupDocument, BackupDocumentArgs
from zelly_components.backup_vault import BackupVault, BackupVaultArgs, VaultPlanArgs
from zelly_components.hosts.rds_authorities import CA_BUNDLE_PATH
from zelly_components.service_host import HostBackupArgs

_SNAPSHOT_TIME, _TEST_TIME = "cron(0 3 * * ? *)", "cron(0 6 ? * SUN *)"
"""After the dump and its verification, and after the weekly drill."""

_BACKED_UP = ("arn:aws:rds:*:*:db:*", "arn:aws:ec2:*:*:volume/*")


@dataclass(frozen=True, kw_only=True)
class Backups:
    """The place of the backups, and what others need of it."""

    vault: BackupVault
    document: BackupDocument
    on_host: HostBackupArgs
    """What the host is told, so that it makes them."""
    alarms: Sequence[Alarm]
    widgets: Sequence[Widget]


def build_backups(scope: Scope, *, postgresql: Postgresql) -> Backups:
    """Make the bucket, the vault and the document."""
    vault = _vault(scope)
    target = BackupTarget(
        label="backups",
        database=scope.names.prefix,
        vault_name=None if scope.environment.backups.plan is None else scope.names.prefix,
    )
    return Backups(
        vault=vault,
        document=BackupDocument(
            scope.name("backup"), BackupDocumentArgs(document_name=scope.names.backup_document), scope.options
        ),
        on_host=_on_host(scope, vault, postgresql),
        alarms=backup_alarms(target),
        widgets=backup_widgets(target),
    )


def _vault(scope: Scope) -> BackupVault:
    environment = scope.environment
    backups, plan = environment.backups, environment.backups.plan
    return BackupVault(
        scope.name("backups"),
        BackupVaultArgs(
            bucket_name=scope.names.backup_bucket(environment.aws_account_id),
            vault_name=scope.names.prefix,
            retention_days={f"{prefix}/": days for prefix, days in backups.dump_retention_days},
            lock_days=backups.lock_days,
            replaced_version_days=backups.replaced_version_days,
            plan=plan
            and VaultPlanArgs(
                resources=_BACKED_UP,
                # As the provider puts them on everything.
                tags={**environment.tags, "environment": environment.environment},
                schedule=_SNAPSHOT_TIME,
                retention_days=plan.retention_days,
                restore_test_schedule=_TEST_TIME,
                restore_tests={kind: {} for kind in plan.restore_tests},
            ),
            force_destroy=not environment.deletion_protection,
        ),
        scope.options,
    )


def _on_host(scope: Scope, vault: BackupVault, postgresql: Postgresql) -> HostBackupArgs:
    environment = scope.environment
    return HostBackupArgs(
        bucket_name=scope.names.backup_bucket(environment.aws_account_id),
        bucket_arn=vault.bucket_arn,
        secret_name=catalog.DATABASE_SECRET,
        secret_arn=postgresql.secret_arn,
        dump_name=environment.backups.dump_name,
        metrics_database=scope.names.prefix,
        postgresql_version=int(environment.postgresql.engine_version.partition(".")[0]),
        ca_bundle=CA_BUNDLE_PATH,
    )
