"""Redis and Valkey of ElastiCache, as a kind of store."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from workbench.aws.elasticache.snapshots import ElastiCacheSnapshots
from workbench.aws.secrets_manager.secrets import SecretsManager
from workbench.aws.shared.wrappers import Wrappers
from workbench.aws.sns import Subscription
from workbench.operations.doctor.report import Judgement, to_do
from workbench.operations.doctor.report import unread as unread_judgement
from workbench.operations.readings import Unread
from workbench.operations.status.screen import MAKES_IT, Row, State, unread, worst
from workbench.operations.stores.kind import Examination, ManagedKind, StoreCheck, StoreReading, Topic
from workbench.operations.stores.points import FoundPoints, Point
from workbench.operations.stores.redis import facts, versions
from workbench.operations.stores.redis.facts import RedisFacts
from workbench.operations.stores.redis.restore import plan_redis, restore_redis
from workbench.operations.stores.restoration import Place, Restoration, RestoreChoice
from workbench.operations.stores.rows import SECTION, measured, state_of, unread_state
from workbench.operations.stores.snapshots import daily_snapshot
from workbench.operations.times import utc
from workbench.operations.upkeep.announced import Announcement
from workbench.operations.upkeep.versions import Version
from workbench.program import Release
from workbench.stores import RedisNode


class Redis(ManagedKind[RedisNode, RedisFacts]):
    """Replication groups of one node."""

    oldest_point = timedelta(hours=26)
    """Daily, in a window of at least an hour ("Scheduling automatic backups", ElastiCache User Guide)."""
    ends = versions.ENDS

    def start_status(self, store: RedisNode, reading: StoreReading) -> Callable[[], RedisFacts]:
        """Begin to read what the status screen shows."""
        return facts.start_status(store, reading)

    def start_examination(self, store: RedisNode, reading: StoreReading) -> Callable[[], RedisFacts]:
        """Begin to read what the checks judge."""
        return facts.start_examination(store, reading)

    def row(self, store: RedisNode, facts: RedisFacts) -> Row:
        """Return the row of a node: its state and how full its memory is."""
        group, memory = facts.group, facts.memory_percent
        if isinstance(group, Unread):
            return unread(SECTION, [store.label], group)[0]
        if group is None:
            return Row(section=SECTION, name=store.label, state=State.BROKEN, what=MAKES_IT)
        return Row(
            section=SECTION,
            name=store.label,
            state=worst([state_of(group.status), *unread_state(memory)]),
            what=f"{group.status}; {group.node_type}, memory: {measured(memory, '{:.0f} % full')}",
            details={
                "status": group.status,
                "id": group.id,
                "node_type": group.node_type,
                "memory_percent": None if isinstance(memory, Unread) else memory,
            },
        )

    def is_there(self, facts: RedisFacts) -> bool | Unread:
        """Tell whether there is a replication group."""
        return facts.group if isinstance(facts.group, Unread) else facts.group is not None

    def missing(self, store: RedisNode) -> str:
        """Return what to call a node that is not there."""
        return f"{store.label} {store.prefix}*"

    def version(self, store: RedisNode, facts: RedisFacts) -> Version | Unread | None:
        """Return the engine and version of the node."""
        if facts.node is None or isinstance(facts.node, Unread):
            return facts.node
        running = facts.node.version
        return Version(said=running, difference=versions.difference(store, running))

    def announced(self, store: RedisNode, facts: RedisFacts, region: str) -> Sequence[Announcement] | Unread:
        """Return the updates that wait for the group."""
        if isinstance(facts.updates, Unread):
            return facts.updates
        return [
            Announcement(
                what=f"{store.label}: {update.name}, {update.severity}"
                + (f", to be applied by {utc(update.apply_by)}" if update.apply_by else ""),
                # ElastiCache's service updates wait to be asked for ("Managing service updates").
                at=None,
                command=f"aws elasticache describe-update-actions --region {region}",
            )
            for update in facts.updates
        ]

    def event_subscriptions(self, facts: RedisFacts) -> Sequence[Subscription] | Unread | None:
        """Return who is told of what ElastiCache does: it publishes to no encrypted topic, which the alarms' is."""
        return facts.events

    def checks(self) -> Sequence[StoreCheck[RedisNode, RedisFacts]]:
        """Return the check of a node's backup."""
        return (StoreCheck(topic=Topic.BACKUP, name="{} backup", check=_backup),)

    def releases(self, store: RedisNode) -> Sequence[Release]:
        """Return the release of the engine."""
        return [versions.release(store)]

    def points(self, store: RedisNode, wrappers: Wrappers) -> FoundPoints:
        """Return the snapshots that are complete."""
        points = (
            Point(id=snapshot.name, moment=snapshot.taken_at, kind=snapshot.source)
            for snapshot in wrappers.of(ElastiCacheSnapshots).snapshots(store.prefix)
            if snapshot.status == "available" and snapshot.taken_at is not None
        )
        return FoundPoints(name=store.prefix.removesuffix("-"), points=tuple(points))

    def restoration(self, store: RedisNode, place: Place, choice: RestoreChoice, wrappers: Wrappers) -> Restoration:
        """Plan a second node of a snapshot."""
        redis, secrets = wrappers.of(ElastiCacheSnapshots), wrappers.of(SecretsManager)
        plan = plan_redis(store, place, snapshot=choice.source, redis=redis, secrets=secrets)
        return Restoration(
            plan=plan,
            execute=lambda patience: restore_redis(plan, redis=redis, secrets=secrets, patience=patience),
        )


def _backup(one: Examination[RedisNode, RedisFacts]) -> Judgement:
    """Check that the node has a fresh snapshot."""
    group = one.facts.group
    if isinstance(group, Unread):
        return unread_judgement(group)
    if group is None:
        return to_do(f"there is no {one.store.label}", then=one.where.provision_command)
    command = f"aws elasticache describe-snapshots --replication-group-id {group.id}"
    return daily_snapshot(one.where, one.facts.snapshot_at, command)


KIND = Redis()
