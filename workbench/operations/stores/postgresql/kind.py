"""RDS for PostgreSQL, as a kind of store."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from workbench.aws.rds.instances import RdsInstances
from workbench.aws.secrets_manager.versions import SecretVersions
from workbench.aws.shared.wrappers import Wrappers
from workbench.operations.readings import Unread
from workbench.operations.status.screen import MAKES_IT, Row, State, unread, worst
from workbench.operations.stores.kind import ManagedKind, StoreCheck, StoreReading, Topic
from workbench.operations.stores.points import FoundPoints, Point
from workbench.operations.stores.postgresql import checks, facts, versions
from workbench.operations.stores.postgresql.facts import Measured, PostgresFacts
from workbench.operations.stores.postgresql.restore import plan_postgresql, restore_postgresql
from workbench.operations.stores.postgresql.switch import plan_switch, switch
from workbench.operations.stores.restoration import Place, Restoration, RestoreChoice
from workbench.operations.stores.rows import SECTION, measured, state_of, unread_state
from workbench.operations.stores.switching import Readers, Switching
from workbench.operations.upkeep.announced import Announcement
from workbench.operations.upkeep.versions import Version
from workbench.program import Release
from workbench.stores import PostgresInstance


class Postgresql(ManagedKind[PostgresInstance, PostgresFacts]):
    """Instances of RDS for PostgreSQL that are no member of a cluster."""

    oldest_point = timedelta(minutes=15)
    """RDS uploads the write-ahead log every five minutes ("LatestRestorableTime", RDS API reference)."""
    ends = versions.ENDS

    def start_status(self, store: PostgresInstance, reading: StoreReading) -> Callable[[], PostgresFacts]:
        """Begin to read what the status screen shows."""
        return facts.start_status(store, reading)

    def start_examination(self, store: PostgresInstance, reading: StoreReading) -> Callable[[], PostgresFacts]:
        """Begin to read what the checks judge."""
        return facts.start_examination(store, reading)

    def row(self, store: PostgresInstance, facts: PostgresFacts) -> Row:
        """Return the row of an instance: its state, class, storage left and connections."""
        instance, seen = facts.instance, facts.measured
        if isinstance(instance, Unread):
            return unread(SECTION, [store.label], instance)[0]
        if instance is None:
            return Row(section=SECTION, name=store.label, state=State.BROKEN, what=MAKES_IT)
        known = seen if isinstance(seen, Measured) else None
        left = None if known is None else checks.storage_left(instance, known.free_storage_bytes)
        connections = None if known is None else known.connections
        standby = ", with a standby" if instance.settings.has_standby else ""
        size = f"{instance.settings.instance_class}{standby}, {instance.settings.storage_gib} GiB"
        return Row(
            section=SECTION,
            name=store.label,
            state=worst([state_of(instance.status), *unread_state(seen if isinstance(seen, Unread) else None)]),
            what=(
                f"{instance.status}; {size}: {measured(seen if isinstance(seen, Unread) else left, '{:.0f} % free')}, "
                f"connections: {measured(seen if isinstance(seen, Unread) else connections, '{:g}')}"
            ),
            details={
                "status": instance.status,
                "id": instance.identifier,
                "engine_version": instance.engine_version,
                "instance_class": instance.settings.instance_class,
                "standby": instance.settings.has_standby,
                "storage_gib": instance.settings.storage_gib,
                "storage_free_percent": left,
                "connections": connections,
            },
        )

    def is_there(self, facts: PostgresFacts) -> bool | Unread:
        """Tell whether there is an instance."""
        return facts.instance if isinstance(facts.instance, Unread) else facts.instance is not None

    def missing(self, store: PostgresInstance) -> str:
        """Return what to call an instance that is not there."""
        return f"{store.label} instance {store.identifier}"

    def version(self, store: PostgresInstance, facts: PostgresFacts) -> Version | Unread | None:
        """Return the version of the instance."""
        if facts.instance is None or isinstance(facts.instance, Unread):
            return None
        running = facts.instance.engine_version
        return Version(said=f"{store.label} {running}", difference=versions.difference(store, running))

    def announced(self, store: PostgresInstance, facts: PostgresFacts, region: str) -> Sequence[Announcement] | Unread:
        """Return the maintenance that waits for the instance."""
        if isinstance(facts.actions, Unread):
            return facts.actions
        return [
            Announcement(
                what=f"{store.identifier}: {action.action}"
                + (f" ({action.description})" if action.description else ""),
                at=action.applied_at,
                command=(
                    f"aws rds apply-pending-maintenance-action --resource-identifier {action.resource} "
                    f"--apply-action {action.action} --opt-in-type next-maintenance --region {region}"
                ),
            )
            # Those of copies begin with the same name.
            for action in facts.actions
            if action.resource.rpartition(":")[2] == store.identifier
        ]

    def names(self, facts: PostgresFacts) -> Sequence[str]:
        """Return the instance's own name."""
        instance = facts.instance
        return () if instance is None or isinstance(instance, Unread) or not instance.endpoint else [instance.endpoint]

    def checks(self) -> Sequence[StoreCheck[PostgresInstance, PostgresFacts]]:
        """Return the checks of an instance."""
        return (
            StoreCheck(topic=Topic.ACCESS, name="{} closed", check=checks.closed),
            StoreCheck(topic=Topic.ACCESS, name="{} told", check=checks.told),
            StoreCheck(topic=Topic.ACCESS, name="{} in sync", check=checks.in_sync),
            StoreCheck(topic=Topic.BACKUP, name="{} backup", check=checks.backup),
            StoreCheck(topic=Topic.AUTHORITY, name="{}'s authority", check=checks.authority),
        )

    def releases(self, store: PostgresInstance) -> Sequence[Release]:
        """Return the releases of PostgreSQL."""
        return versions.releases(store)

    def points(self, store: PostgresInstance, wrappers: Wrappers) -> FoundPoints:
        """Return both ends of the continuous backup, and the snapshots that were taken by hand or by a release."""
        rds = wrappers.of(RdsInstances)
        instance = rds.instance(store.identifier)
        if instance is None:
            return FoundPoints(name=store.identifier, points=(), problems=("the instance is not in RDS",))
        ends = {"latest": instance.restorable_until, "earliest": rds.restorable_from(store.identifier)}
        continuous = [
            Point(id=end, moment=moment, kind="continuous") for end, moment in ends.items() if moment is not None
        ]
        # The automated ones are inside the continuous backup.
        snapshots = [
            Point(id=snapshot.name, moment=snapshot.taken_at, kind="snapshot")
            for snapshot in rds.snapshots(store.identifier)
            if snapshot.kind == "manual"
        ]
        points = sorted([*continuous, *snapshots], key=lambda point: point.moment, reverse=True)
        return FoundPoints(name=store.identifier, points=tuple(points))

    def restoration(
        self, store: PostgresInstance, place: Place, choice: RestoreChoice, wrappers: Wrappers
    ) -> Restoration:
        """Plan a second instance, as the live one was at a moment."""
        rds = wrappers.of(RdsInstances)
        plan = plan_postgresql(store, place, source=choice.source, rds=rds)
        return Restoration(plan=plan, execute=lambda patience: restore_postgresql(plan, rds=rds, patience=patience))

    can_switch = True

    def switching(
        self, store: PostgresInstance, place: Place, target: str, readers: Readers, wrappers: Wrappers
    ) -> Switching:
        """Plan that applications are told of a copy in the place of the live instance."""
        secrets = wrappers.of(SecretVersions)
        plan = plan_switch(store, place, target=target, readers=readers, rds=wrappers.of(RdsInstances), secrets=secrets)
        return Switching(plan=plan, execute=lambda: switch(plan, secrets=secrets))


KIND = Postgresql()
