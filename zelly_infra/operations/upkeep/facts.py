"""What is read of versions, pending maintenance and certificate authorities, or why it was not."""

from collections.abc import Sequence
from dataclasses import dataclass

from zelly_infra.aws.elasticache import ElastiCache
from zelly_infra.aws.maintenance import CertificateAuthority, HostEvent, Maintenance, PendingAction, ServiceUpdate
from zelly_infra.operations.landscape import Landscape
from zelly_infra.operations.readings import Readers, Reading, Unread


@dataclass(frozen=True, kw_only=True)
class UpkeepFacts:
    """What AWS did, or announces."""

    redis: str | Unread | None
    """The engine and version that the node runs, e.g. ``redis 7.1.0``; None: there is no node."""
    database_actions: Sequence[PendingAction] | Unread
    cache_updates: Sequence[ServiceUpdate] | Unread
    host_events: Sequence[HostEvent] | Unread


@dataclass(frozen=True)
class UpkeepReading:
    """The same while it is being read."""

    redis: Reading[str | None]
    database_actions: Reading[Sequence[PendingAction]]
    cache_updates: Reading[Sequence[ServiceUpdate]]
    host_events: Reading[Sequence[HostEvent]]

    def facts(self) -> UpkeepFacts:
        """Wait for all of it."""
        return UpkeepFacts(
            redis=self.redis.outcome(),
            database_actions=self.database_actions.outcome(),
            cache_updates=self.cache_updates.outcome(),
            host_events=self.host_events.outcome(),
        )


def start_upkeep(
    pool: Readers, landscape: Landscape, maintenance: Maintenance, elasticache: ElastiCache
) -> UpkeepReading:
    """Begin to read, with seven calls."""

    def redis() -> str | None:
        group = elasticache.replication_group(landscape.redis_prefix)
        return None if group is None or not group.node_ids else maintenance.cache_version(group.node_ids[0])

    def updates() -> Sequence[ServiceUpdate]:
        group = elasticache.replication_group(landscape.redis_prefix)
        return () if group is None else maintenance.cache_updates(group.id)

    return UpkeepReading(
        redis=pool.start(redis),
        database_actions=pool.start(maintenance.database_actions, landscape.aurora_cluster),
        cache_updates=pool.start(updates),
        host_events=pool.start(maintenance.host_events, list(landscape.hosts.values())),
    )


Authorities = Sequence[CertificateAuthority] | Unread
