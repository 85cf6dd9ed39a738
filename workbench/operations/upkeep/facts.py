"""Versions, pending maintenance and certificate authorities, or why they were not read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.aws.ec2.instances import HostEvent, Instance
from workbench.aws.elasticache.replication_groups import ReplicationGroup
from workbench.aws.maintenance import CacheNode, CertificateAuthority, Maintenance, PendingAction, ServiceUpdate
from workbench.operations.landscape import Landscape
from workbench.operations.readings import Readers, Reading, Unread
from workbench.program import AuroraCluster


@dataclass(frozen=True, kw_only=True)
class UpkeepFacts:
    """Facts about what AWS did, or announces."""

    redis: str | Unread | None
    """The engine and version that the node runs, e.g. ``redis 7.1.0``; None: there is no node."""
    database_actions: Sequence[PendingAction] | Unread
    cache_updates: Sequence[ServiceUpdate] | Unread
    host_events: Sequence[HostEvent] | Unread


@dataclass(frozen=True, kw_only=True)
class UpkeepReading:
    """The same while it is being read."""

    node: Reading[CacheNode | Unread | None]
    database_actions: Reading[Sequence[PendingAction]]
    cache_updates: Reading[Sequence[ServiceUpdate] | Unread]
    hosts: Reading[Mapping[str, Instance]]

    def facts(self) -> UpkeepFacts:
        """Wait for all of it."""
        node, hosts = self.node.outcome(), self.hosts.outcome()
        return UpkeepFacts(
            redis=node.version if isinstance(node, CacheNode) else node,
            database_actions=self.database_actions.outcome(),
            cache_updates=self.cache_updates.outcome(),
            host_events=hosts
            if isinstance(hosts, Unread)
            else [event for instance in hosts.values() for event in instance.events],
        )


def start_upkeep(
    pool: Readers,
    landscape: Landscape,
    maintenance: Maintenance,
    *,
    group: Reading[ReplicationGroup | None],
    hosts: Reading[Mapping[str, Instance]],
) -> UpkeepReading:
    """Begin to read, with three calls beside those that read the replication group and the hosts."""

    def node() -> CacheNode | Unread | None:
        found = group.outcome()
        if isinstance(found, Unread):
            return found
        return None if found is None or not found.node_ids else maintenance.cache_node(found.node_ids[0])

    def updates() -> Sequence[ServiceUpdate] | Unread:
        found = group.outcome()
        if isinstance(found, Unread):
            return found
        return () if found is None else maintenance.cache_updates(found.id)

    return UpkeepReading(
        node=pool.start(node),
        database_actions=pool.start(maintenance.database_actions, landscape.stores_of(AuroraCluster)[0].identifier),
        cache_updates=pool.start(updates),
        hosts=hosts,
    )


Authorities = Sequence[CertificateAuthority] | Unread
