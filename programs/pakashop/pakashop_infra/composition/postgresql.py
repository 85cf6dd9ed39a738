"""PostgreSQL, the secret that tells services of it, and what watches it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from pakashop_infra import catalog
from pakashop_infra.composition.scope import Scope
from zelly_components.alarms.alarm import Alarm
from zelly_components.alarms.dashboard import Widget
from zelly_components.alarms.postgresql import (
    PostgresTarget,
    PostgresThresholds,
    postgresql_alarms,
    postgresql_widgets,
)
from zelly_components.postgres_instance import PostgresInstance, PostgresInstanceArgs
from zelly_components.secrets import ManagedSecret, ManagedSecretArgs
from zelly_components.vpc import Vpc


@dataclass(frozen=True, kw_only=True)
class Postgresql:
    """The instance and what others need of it."""

    instance: PostgresInstance
    secret_arn: pulumi.Output[str]
    """Of the secret with :data:`pakashop_infra.catalog.DATABASE_KEYS`."""
    alarms: Sequence[Alarm]
    widgets: Sequence[Widget]


def build_postgresql(scope: Scope, network: Vpc) -> Postgresql:
    """Make the instance and its secret."""
    instance = _instance(scope, network)
    target = _target(scope, instance)
    return Postgresql(
        instance=instance,
        secret_arn=_secret(scope, instance).secret_arn,
        alarms=postgresql_alarms(target, _thresholds(scope)),
        widgets=postgresql_widgets(target),
    )


def _instance(scope: Scope, network: Vpc) -> PostgresInstance:
    postgresql = scope.environment.postgresql
    return PostgresInstance(
        scope.name("postgresql"),
        PostgresInstanceArgs(
            instance_identifier=scope.database,
            vpc_id=network.vpc_id,
            subnet_ids=network.private_subnet_ids,
            engine_version=postgresql.engine_version,
            allow_major_version_upgrade=postgresql.allow_major_version_upgrade,
            instance_class=postgresql.instance_class,
            multi_az=postgresql.multi_az,
            storage_gib=postgresql.storage_gib,
            maximum_storage_gib=postgresql.maximum_storage_gib,
            iops=postgresql.iops,
            throughput_mibps=postgresql.throughput_mibps,
            database_name=postgresql.database_name,
            master_username=postgresql.master_username,
            max_connections=postgresql.max_connections,
            backup_retention_days=postgresql.backup_retention_days,
            backup_window=postgresql.backup_window,
            maintenance_window=postgresql.maintenance_window,
            deletion_protection=scope.environment.deletion_protection,
            log_retention_days=postgresql.log_retention_days,
            performance_insights=postgresql.performance_insights,
            apply_immediately=postgresql.apply_immediately,
        ),
        scope.options,
    )


def _secret(scope: Scope, instance: PostgresInstance) -> ManagedSecret:
    values = (
        instance.connection_url,
        instance.endpoint,
        str(instance.port),
        instance.database_name,
        instance.master_username,
        instance.master_password,
    )
    return ManagedSecret(
        scope.name("postgresql-master"),
        ManagedSecretArgs(
            secret_name=catalog.DATABASE_SECRET,
            description="PostgreSQL: its host, database and user, and the connection string of them",
            recovery_window_days=scope.environment.secrets.recovery_window_days,
            values=dict(zip(catalog.DATABASE_KEYS, values, strict=True)),
        ),
        scope.options,
    )


def _target(scope: Scope, instance: PostgresInstance) -> PostgresTarget:
    postgresql = scope.environment.postgresql
    return PostgresTarget(
        label="postgresql",
        instance_identifier=instance.instance_identifier,
        instance_class=postgresql.instance_class,
        storage_gib=postgresql.storage_gib,
        max_connections=postgresql.max_connections,
    )


def _thresholds(scope: Scope) -> PostgresThresholds:
    figures = scope.environment.postgresql.alarms
    return PostgresThresholds(
        storage_percent=figures.storage_percent,
        connections_percent=figures.connections_percent,
        cpu_percent=figures.cpu_percent,
        memory_percent=figures.memory_percent,
    )
