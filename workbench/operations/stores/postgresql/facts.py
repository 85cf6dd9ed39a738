"""The facts of a PostgreSQL instance that commands judge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.aws.cloudwatch import CloudWatch, Metric
from workbench.aws.ec2.instances import CidrRule, Ec2
from workbench.aws.rds.instances import Instance, RdsInstances
from workbench.aws.rds.maintenance import CertificateAuthority, PendingAction, RdsMaintenance
from workbench.aws.secrets_manager.secrets import SecretsManager
from workbench.operations.readings import Reading, Unread, attempt
from workbench.operations.stores.kind import StoreReading
from workbench.stores import PostgresInstance

HOST_KEY = "DB_HOST"
"""The key of the store's secret under which applications are told its host."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The newest measurements of an instance; None: nothing was measured."""

    free_storage_bytes: float | None
    connections: float | None


@dataclass(frozen=True, kw_only=True)
class PostgresFacts:
    """An instance, as it was read. Either command reads what the other leaves out."""

    instance: Instance | Unread | None
    """None: there is none."""
    actions: Sequence[PendingAction] | Unread
    measured: Measured | Unread = Measured(free_storage_bytes=None, connections=None)
    rules: Sequence[CidrRule] | Unread = ()
    """The ranges of addresses that its security groups let in."""
    authority: CertificateAuthority | Unread | None = None
    """Of the certificate that it shows; None: there is no instance."""
    told: str | Unread | None = None
    """The host that applications are told; None: none."""


_InstanceReading = Reading[Instance | None]


def start_status(store: PostgresInstance, reading: StoreReading) -> Callable[[], PostgresFacts]:
    """Begin to read the instance, its pending maintenance, and what is measured of it."""
    pool, of = reading.pool, reading.wrappers.of
    instance = pool.start(of(RdsInstances).instance, store.identifier)
    actions = pool.start(of(RdsMaintenance).pending_actions, store.identifier)
    measured = pool.start(_measured, store.identifier, of(CloudWatch))
    return lambda: PostgresFacts(instance=instance.outcome(), actions=actions.outcome(), measured=measured.outcome())


def start_examination(store: PostgresInstance, reading: StoreReading) -> Callable[[], PostgresFacts]:
    """Begin to read the instance, its maintenance, who may reach it, its certificate's authority, and who is told."""
    pool, of = reading.pool, reading.wrappers.of
    instance = pool.start(of(RdsInstances).instance, store.identifier)
    actions = pool.start(of(RdsMaintenance).pending_actions, store.identifier)
    authority = pool.start(_authority, instance, of(RdsMaintenance))
    rules = pool.start(_rules, instance, of(Ec2))
    told = pool.start(_told, store.secret, of(SecretsManager))
    return lambda: PostgresFacts(
        instance=instance.outcome(),
        actions=actions.outcome(),
        rules=rules.outcome(),
        authority=authority.outcome(),
        told=told.outcome(),
    )


def _measured(identifier: str, cloudwatch: CloudWatch) -> Measured:
    metrics = {
        name: Metric(
            namespace="AWS/RDS",
            name=name,
            dimensions={"DBInstanceIdentifier": identifier},
            statistic="Maximum" if name == "DatabaseConnections" else "Average",
        )
        for name in ("FreeStorageSpace", "DatabaseConnections")
    }
    latest = cloudwatch.latest(metrics)
    return Measured(free_storage_bytes=latest.get("FreeStorageSpace"), connections=latest.get("DatabaseConnections"))


def _rules(reading: _InstanceReading, ec2: Ec2) -> Sequence[CidrRule] | Unread:
    instance = reading.outcome()
    if instance is None or isinstance(instance, Unread):
        return ()
    return attempt(ec2.ingress_cidrs, instance.settings.security_group_ids)


def _authority(reading: _InstanceReading, maintenance: RdsMaintenance) -> CertificateAuthority | Unread | None:
    instance = reading.outcome()
    if instance is None or isinstance(instance, Unread):
        return instance
    return attempt(maintenance.certificate_authority, instance.settings.ca_certificate)


def _told(secret: str, secrets: SecretsManager) -> str | None:
    values = secrets.values_of(secret)
    told = None if values is None else values.get(HOST_KEY)
    return told if isinstance(told, str) else None
