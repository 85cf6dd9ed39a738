"""Meilisearch on hosts, as a kind of store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.operations.doctor.report import Judgement, broken, cannot_tell, done, unread
from workbench.operations.readings import Unread
from workbench.operations.status.screen import Row, State
from workbench.operations.status.screen import unread as unread_row
from workbench.operations.stores.host_volume.kind import VolumeKind, backup, start_snapshot
from workbench.operations.stores.host_volume.measured import Measured, start_measuring
from workbench.operations.stores.kind import Examination, ShownKind, StoreCheck, StoreReading, Topic
from workbench.operations.stores.rows import SECTION, measured
from workbench.operations.stores.search import versions
from workbench.program import Release
from workbench.stores import SearchHost
from workbench.words import command

NAMESPACE = "SearchHost"
FAILED, BACKUP = "FailedTasks", "HoursSinceBackup"
"""What the hosts publish every five minutes."""

_OLDEST_DUMP_HOURS = 26
"""One is made every night."""


@dataclass(frozen=True, kw_only=True)
class SearchFacts:
    """A host, as it was read. Either command reads what the other leaves out."""

    values: Measured | Unread
    snapshot_at: datetime | Unread | None = None


class Search(VolumeKind[SearchHost, SearchFacts], ShownKind[SearchHost, SearchFacts]):
    """Hosts of Meilisearch."""

    verb = "search"
    ends = versions.ENDS

    def start_status(self, store: SearchHost, reading: StoreReading) -> Callable[[], SearchFacts]:
        """Begin to read which tasks failed, and how old the newest dump is."""
        values = start_measuring(store, reading, namespace=NAMESPACE, names=[FAILED, BACKUP])
        return lambda: SearchFacts(values=values.outcome())

    def start_examination(self, store: SearchHost, reading: StoreReading) -> Callable[[], SearchFacts]:
        """Begin to read the newest snapshot and the newest dump."""
        snapshot = start_snapshot(store, reading)
        values = start_measuring(store, reading, namespace=NAMESPACE, names=[BACKUP])
        return lambda: SearchFacts(values=values.outcome(), snapshot_at=snapshot.outcome())

    def row(self, store: SearchHost, facts: SearchFacts) -> Row:
        """Return the row of a host's Meilisearch: failed tasks, and the age of its newest dump."""
        values = facts.values
        if isinstance(values, Unread):
            return unread_row(SECTION, [store.label], values)[0]
        failed, hours = values.get(FAILED), values.get(BACKUP)
        late = hours is not None and hours > _OLDEST_DUMP_HOURS
        return Row(
            section=SECTION,
            name=store.label,
            state=State.BROKEN if failed or late else State.WELL,
            what=(
                f"{store.version} pinned; failed tasks: {measured(failed, '{:.0f}')}; "
                f"newest dump: {measured(hours, '{:.0f} hours old')}"
            ),
            details={"version": store.version, "failed_tasks": failed, "hours_since_backup": hours},
        )

    def checks(self) -> Sequence[StoreCheck[SearchHost, SearchFacts]]:
        """Return the checks of the volume's backup and of the dumps."""
        return (backup(), StoreCheck(topic=Topic.BACKUP, name="{} dump", check=_dump))

    def releases(self, store: SearchHost) -> Sequence[Release]:
        """Return the release of the version."""
        return [versions.release(store)]


def _dump(one: Examination[SearchHost, SearchFacts]) -> Judgement:
    """Check that the newest dump is of last night."""
    values = one.facts.values
    if isinstance(values, Unread):
        return unread(values)
    hours = values.get(BACKUP)
    if hours is None:
        why = "the embedded AWS has no hosts" if one.where.is_embedded else "the host has published nothing lately"
        return cannot_tell(why, then=None if one.where.is_embedded else command("status", one.where.stack))
    said = f"the newest dump is {hours:.0f} hours old"
    if hours <= _OLDEST_DUMP_HOURS:
        return done(said)
    return broken(f"{said}, and they are nightly", then=f"read search-back-up in the log group {one.store.log_group}")


KIND = Search()
