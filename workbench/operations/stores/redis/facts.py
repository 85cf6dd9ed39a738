"""The facts of a replication group that commands judge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.aws.cloudwatch import CloudWatch, Metric
from workbench.aws.elasticache.maintenance import CacheNode, ElastiCacheMaintenance, ServiceUpdate
from workbench.aws.elasticache.replication_groups import ElastiCache, ReplicationGroup
from workbench.aws.sns import Sns, Subscription
from workbench.operations.readings import Reading, Unread, attempt
from workbench.operations.stores.kind import StoreReading
from workbench.stores import RedisNode


@dataclass(frozen=True, kw_only=True)
class RedisFacts:
    """A replication group, as it was read. Either command reads what the other leaves out."""

    group: ReplicationGroup | Unread | None
    """None: there is none."""
    node: CacheNode | Unread | None
    updates: Sequence[ServiceUpdate] | Unread
    memory_percent: float | Unread | None = None
    """How full its memory is; None: nothing was measured."""
    snapshot_at: datetime | Unread | None = None
    """When the newest automatic snapshot was taken; None: there is none."""
    events: Sequence[Subscription] | Unread | None = None
    """Who is told of its events; None: there is no node."""


Group = Reading[ReplicationGroup | None]


def start_status(store: RedisNode, reading: StoreReading) -> Callable[[], RedisFacts]:
    """Begin to read the group, its node's version, updates that wait for it, and its memory."""
    pool, of = reading.pool, reading.wrappers.of
    group = pool.start(of(ElastiCache).replication_group, store.prefix)
    node = pool.start(_node, group, of(ElastiCacheMaintenance))
    updates = pool.start(_updates, group, of(ElastiCacheMaintenance))
    memory = pool.start(_memory, group, of(CloudWatch))
    return lambda: RedisFacts(
        group=group.outcome(), node=node.outcome(), updates=updates.outcome(), memory_percent=memory.outcome()
    )


def start_examination(store: RedisNode, reading: StoreReading) -> Callable[[], RedisFacts]:
    """Begin to read the group, its node's version, updates that wait for it, its snapshot, and who hears its events."""
    pool, of = reading.pool, reading.wrappers.of
    group = pool.start(of(ElastiCache).replication_group, store.prefix)
    node = pool.start(_node, group, of(ElastiCacheMaintenance))
    updates = pool.start(_updates, group, of(ElastiCacheMaintenance))
    snapshot = pool.start(_snapshot, group, of(ElastiCache))
    events = pool.start(_events, node, of(Sns))
    return lambda: RedisFacts(
        group=group.outcome(),
        node=node.outcome(),
        updates=updates.outcome(),
        snapshot_at=snapshot.outcome(),
        events=events.outcome(),
    )


def _node(reading: Group, maintenance: ElastiCacheMaintenance) -> CacheNode | Unread | None:
    group = reading.outcome()
    if isinstance(group, Unread):
        return group
    return None if group is None or not group.node_ids else maintenance.node(group.node_ids[0])


def _updates(reading: Group, maintenance: ElastiCacheMaintenance) -> Sequence[ServiceUpdate] | Unread:
    group = reading.outcome()
    if isinstance(group, Unread):
        return group
    return () if group is None else maintenance.updates(group.id)


def _memory(reading: Group, cloudwatch: CloudWatch) -> float | Unread | None:
    group = reading.outcome()
    if group is None or isinstance(group, Unread):
        return None
    metrics = {
        node: Metric(
            namespace="AWS/ElastiCache",
            name="DatabaseMemoryUsagePercentage",
            dimensions={"CacheClusterId": node},
            statistic="Maximum",
        )
        for node in group.node_ids
    }
    return max(cloudwatch.latest(metrics).values(), default=None)


def _snapshot(reading: Group, elasticache: ElastiCache) -> datetime | Unread | None:
    group = reading.outcome()
    if group is None or isinstance(group, Unread):
        return group
    return attempt(elasticache.newest_snapshot, group)


def _events(reading: Reading[CacheNode | Unread | None], sns: Sns) -> Sequence[Subscription] | Unread | None:
    node = reading.outcome()
    if node is None or isinstance(node, Unread):
        return node
    return [] if node.event_topic is None else sns.subscriptions(node.event_topic)
