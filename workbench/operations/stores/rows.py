"""Parts of the rows that stores have on the status screen. Pure functions."""

from workbench.operations.readings import Unread
from workbench.operations.status.screen import State

SECTION = "Stores"

_CHANGING = {
    "backing-up",
    "configuring-enhanced-monitoring",
    "configuring-log-exports",
    "creating",
    "maintenance",
    "modifying",
    "promoting",
    "rebooting",
    "renaming",
    "resetting-master-credentials",
    "snapshotting",
    "starting",
    "storage-optimization",
    "upgrading",
}
"""Of a cluster, an instance or a replication group ("Viewing DB cluster status", RDS; "ReplicationGroup", ElastiCache).
Everything else that is not ``available`` needs somebody."""


def state_of(status: str) -> State:
    """Return the state of what AWS says is in a status."""
    if status == "available":
        return State.WELL
    return State.CHANGING if status in _CHANGING else State.BROKEN


def measured(value: float | Unread | None, form: str) -> str:
    """Return a measurement in words."""
    if isinstance(value, Unread):
        return value.why
    return "no data" if value is None else form.format(value)


def unread_state(value: float | Unread | None) -> list[State]:
    """Return what a measurement adds to the states of its part: something where it could not be read."""
    return [State.UNREAD] if isinstance(value, Unread) else []
