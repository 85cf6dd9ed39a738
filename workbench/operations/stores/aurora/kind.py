"""Aurora MySQL, as a kind of store."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from workbench.aws.rds.restore import RdsRestore
from workbench.aws.shared.wrappers import Wrappers
from workbench.errors import OperatorError
from workbench.operations.readings import Unread
from workbench.operations.status.screen import MAKES_IT, Row, State, unread, worst
from workbench.operations.stores.aurora import checks, facts, versions
from workbench.operations.stores.aurora.facts import AuroraFacts
from workbench.operations.stores.aurora.restore import plan_aurora, restore_aurora
from workbench.operations.stores.kind import ManagedKind, StoreCheck, StoreReading, Topic
from workbench.operations.stores.points import FoundPoints, Point
from workbench.operations.stores.restoration import Place, Restoration, RestoreChoice
from workbench.operations.stores.rows import SECTION, measured, state_of, unread_state
from workbench.operations.upkeep.announced import Announcement
from workbench.operations.upkeep.versions import Version
from workbench.program import Release
from workbench.stores import AuroraCluster


class Aurora(ManagedKind[AuroraCluster, AuroraFacts]):
    """Clusters of Aurora MySQL Serverless v2."""

    oldest_point = timedelta(minutes=15)
    """"Typically within five minutes" ("LatestRestorableTime", RDS API reference); a quarter of an hour is not
    typical."""
    ends = versions.ENDS

    def start_status(self, store: AuroraCluster, reading: StoreReading) -> Callable[[], AuroraFacts]:
        """Begin to read what the status screen shows."""
        return facts.start_status(store, reading)

    def start_examination(self, store: AuroraCluster, reading: StoreReading) -> Callable[[], AuroraFacts]:
        """Begin to read what the checks judge."""
        return facts.start_examination(store, reading)

    def row(self, store: AuroraCluster, facts: AuroraFacts) -> Row:
        """Return the row of a cluster: its state, its capacity now and the bounds of it."""
        cluster, acu = facts.cluster, facts.acu
        if isinstance(cluster, Unread):
            return unread(SECTION, [store.label], cluster)[0]
        if cluster is None:
            return Row(section=SECTION, name=store.label, state=State.BROKEN, what=MAKES_IT)
        bounds = f"{cluster.minimum_capacity_acu:g} to {cluster.maximum_capacity_acu:g} ACU"
        ailing = [
            f"{instance.identifier} {instance.status}"
            for instance in cluster.instances
            if instance.status != "available"
        ]
        states = [state_of(cluster.status), *(state_of(instance.status) for instance in cluster.instances)]
        if not cluster.instances:
            ailing.append("no instance")
            states.append(State.BROKEN)
        details: dict[str, Any] = {
            "status": cluster.status,
            "engine_version": cluster.engine_version,
            "instances": {instance.identifier: instance.status for instance in cluster.instances},
            "acu": None if isinstance(acu, Unread) else acu,
            "minimum_acu": cluster.minimum_capacity_acu,
            "maximum_acu": cluster.maximum_capacity_acu,
        }
        return Row(
            section=SECTION,
            name=store.label,
            state=worst([*states, *unread_state(acu)]),
            what="; ".join([cluster.status, *ailing, f"{bounds}, now: {measured(acu, '{:g}')}"]),
            details=details,
        )

    def is_there(self, facts: AuroraFacts) -> bool | Unread:
        """Tell whether there is a cluster."""
        return facts.cluster if isinstance(facts.cluster, Unread) else facts.cluster is not None

    def missing(self, store: AuroraCluster) -> str:
        """Return what to call a cluster that is not there."""
        return f"{store.label} cluster {store.identifier}"

    def version(self, store: AuroraCluster, facts: AuroraFacts) -> Version | Unread | None:
        """Return the version of the cluster."""
        if facts.cluster is None or isinstance(facts.cluster, Unread):
            return None
        running = facts.cluster.engine_version
        return Version(said=f"{store.label} {running}", difference=versions.difference(store, running))

    def announced(self, store: AuroraCluster, facts: AuroraFacts, region: str) -> Sequence[Announcement] | Unread:
        """Return the maintenance that waits for the cluster and its instances."""
        del store
        if isinstance(facts.actions, Unread):
            return facts.actions
        return [
            Announcement(
                what=f"{action.resource.rpartition(':')[2]}: {action.action}"
                + (f" ({action.description})" if action.description else ""),
                at=action.applied_at,
                command=(
                    f"aws rds apply-pending-maintenance-action --resource-identifier {action.resource} "
                    f"--apply-action {action.action} --opt-in-type next-maintenance --region {region}"
                ),
            )
            for action in facts.actions
        ]

    def names(self, facts: AuroraFacts) -> Sequence[str]:
        """Return the cluster's own name."""
        return () if facts.cluster is None or isinstance(facts.cluster, Unread) else [facts.cluster.endpoint]

    def checks(self) -> Sequence[StoreCheck[AuroraCluster, AuroraFacts]]:
        """Return the checks of a cluster."""
        return (
            StoreCheck(topic=Topic.ACCESS, name="{} closed", check=checks.closed),
            StoreCheck(topic=Topic.BACKUP, name="{} backup", check=checks.backup),
            StoreCheck(topic=Topic.AUTHORITY, name="{}'s authority", check=checks.authority),
        )

    def releases(self, store: AuroraCluster) -> Sequence[Release]:
        """Return the release of Aurora MySQL."""
        return [versions.release(store)]

    def points(self, store: AuroraCluster, wrappers: Wrappers) -> FoundPoints:
        """Return both ends of the continuous backup."""
        cluster = wrappers.of(RdsRestore).cluster(store.identifier)
        if cluster is None:
            return FoundPoints(name=store.identifier, points=(), problems=("the cluster is not in RDS",))
        ends = {"latest": cluster.restorable_until, "earliest": cluster.restorable_from}
        points = (Point(id=end, moment=moment, kind="continuous") for end, moment in ends.items() if moment is not None)
        return FoundPoints(name=store.identifier, points=tuple(points))

    def restoration(self, store: AuroraCluster, place: Place, choice: RestoreChoice, wrappers: Wrappers) -> Restoration:
        """Plan a second cluster, as the live one was at a moment."""
        rds = wrappers.of(RdsRestore)
        plan = plan_aurora(store, place, at=None if choice.source is None else _moment(choice.source), rds=rds)
        return Restoration(plan=plan, execute=lambda patience: restore_aurora(plan, rds=rds, patience=patience))


def _moment(at: str) -> datetime:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise OperatorError(f"--at: came {at!r}; allowed: latest, or a time with its zone, e.g. 2026-11-25T10:15:00Z")
    return moment.astimezone(UTC).replace(microsecond=0)


KIND = Aurora()
