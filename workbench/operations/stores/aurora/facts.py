"""The facts of an Aurora cluster that commands judge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.aws.cloudwatch import CloudWatch, Metric
from workbench.aws.ec2.instances import CidrRule, Ec2
from workbench.aws.rds.clusters import DatabaseCluster, Rds
from workbench.aws.rds.maintenance import CertificateAuthority, PendingAction, RdsMaintenance
from workbench.operations.readings import Reading, Unread, attempt
from workbench.operations.stores.kind import StoreReading
from workbench.stores import AuroraCluster


@dataclass(frozen=True, kw_only=True)
class AuroraFacts:
    """A cluster, as it was read. Either command reads what the other leaves out."""

    cluster: DatabaseCluster | Unread | None
    """None: there is none."""
    actions: Sequence[PendingAction] | Unread
    acu: float | Unread | None = None
    """None: nothing was measured."""
    rules: Sequence[CidrRule] | Unread = ()
    """The ranges of addresses that its security groups let in."""
    authorities: Sequence[CertificateAuthority] | Unread = ()
    """Of the certificates that its instances show."""


def start_status(store: AuroraCluster, reading: StoreReading) -> Callable[[], AuroraFacts]:
    """Begin to read the cluster, its pending maintenance, and its capacity now."""
    pool, of = reading.pool, reading.wrappers.of
    cluster = pool.start(of(Rds).cluster, store.identifier)
    actions = pool.start(of(RdsMaintenance).pending_actions, store.identifier)
    acu = pool.start(_acu, store.identifier, of(CloudWatch))
    return lambda: AuroraFacts(cluster=cluster.outcome(), actions=actions.outcome(), acu=acu.outcome())


def start_examination(store: AuroraCluster, reading: StoreReading) -> Callable[[], AuroraFacts]:
    """Begin to read the cluster, its pending maintenance, who may reach it, and who signed its certificates."""
    pool, of = reading.pool, reading.wrappers.of
    cluster = pool.start(of(Rds).cluster, store.identifier)
    actions = pool.start(of(RdsMaintenance).pending_actions, store.identifier)
    authorities = pool.start(of(RdsMaintenance).certificate_authorities, store.identifier)
    rules = pool.start(_rules, cluster, of(Ec2))

    def facts() -> AuroraFacts:
        found = rules.outcome()
        return AuroraFacts(
            cluster=cluster.outcome(), actions=actions.outcome(), rules=found, authorities=authorities.outcome()
        )

    return facts


def _acu(cluster: str, cloudwatch: CloudWatch) -> float | None:
    metric = Metric(
        namespace="AWS/RDS",
        name="ServerlessDatabaseCapacity",
        dimensions={"DBClusterIdentifier": cluster},
        # The fullest instance, as the alarm takes it.
        statistic="Maximum",
    )
    return cloudwatch.latest({"acu": metric}).get("acu")


def _rules(reading: Reading[DatabaseCluster | None], ec2: Ec2) -> Sequence[CidrRule] | Unread:
    cluster = reading.outcome()
    if cluster is None or isinstance(cluster, Unread):
        return ()
    return attempt(ec2.ingress_cidrs, cluster.security_group_ids)
