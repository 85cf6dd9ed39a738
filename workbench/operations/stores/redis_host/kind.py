"""Redis on hosts, as a kind of store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.operations.readings import Unread
from workbench.operations.status.screen import Row, State, unread
from workbench.operations.stores.host_volume.kind import VolumeKind, backup, start_snapshot
from workbench.operations.stores.host_volume.measured import Measured, start_measuring
from workbench.operations.stores.kind import ShownKind, StoreCheck, StoreReading
from workbench.operations.stores.rows import SECTION, measured
from workbench.stores import RedisHost

NAMESPACE = "RedisHost"
MEMORY, FAILING = "MemoryPercent", "PersistenceFailing"
"""What the hosts publish every minute."""


@dataclass(frozen=True, kw_only=True)
class RedisHostFacts:
    """A host, as it was read. Either command reads what the other leaves out."""

    values: Measured | Unread | None = None
    snapshot_at: datetime | Unread | None = None


class RedisOnHosts(VolumeKind[RedisHost, RedisHostFacts], ShownKind[RedisHost, RedisHostFacts]):
    """Hosts of Redis."""

    verb = "redis-host"

    def start_status(self, store: RedisHost, reading: StoreReading) -> Callable[[], RedisHostFacts]:
        """Begin to read how full it is, and whether it can write."""
        values = start_measuring(store, reading, namespace=NAMESPACE, names=[MEMORY, FAILING])
        return lambda: RedisHostFacts(values=values.outcome())

    def start_examination(self, store: RedisHost, reading: StoreReading) -> Callable[[], RedisHostFacts]:
        """Begin to read the newest snapshot."""
        snapshot = start_snapshot(store, reading)
        return lambda: RedisHostFacts(snapshot_at=snapshot.outcome())

    def row(self, store: RedisHost, facts: RedisHostFacts) -> Row:
        """Return the row of a host's Redis: how full its memory is, and whether its writes reach the volume."""
        values = facts.values
        if isinstance(values, Unread):
            return unread(SECTION, [store.label], values)[0]
        known = values or {}
        fails = bool(known.get(FAILING))
        writes = {True: "CAN'T WRITE TO ITS VOLUME", False: "writes reach its volume"}[fails]
        return Row(
            section=SECTION,
            name=store.label,
            state=State.BROKEN if fails else State.WELL,
            what=f"memory: {measured(known.get(MEMORY), '{:.0f} % full')}"
            + (f"; {writes}" if FAILING in known else ""),
            details={"memory_percent": known.get(MEMORY), "persistence_fails": fails if FAILING in known else None},
        )

    def checks(self) -> Sequence[StoreCheck[RedisHost, RedisHostFacts]]:
        """Return the check of the volume's backup."""
        return (backup(),)


KIND = RedisOnHosts()
