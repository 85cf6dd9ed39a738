"""The rows of Aurora and Redis on the status screen, as pure functions."""

from typing import Any

from workbench.aws.rds.clusters import DatabaseCluster
from workbench.operations.readings import Unread
from workbench.operations.status.facts import RedisReading
from workbench.operations.status.screen import MAKES_IT, Row, State, unread, worst

_SECTION = "Stores"

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


def aurora_row(cluster: DatabaseCluster | Unread | None, acu: float | Unread | None) -> Row:
    """Return the row of the Aurora cluster: its state, its capacity now and the bounds of it."""
    if isinstance(cluster, Unread):
        return unread(_SECTION, ["Aurora"], cluster)[0]
    if cluster is None:
        return Row(section=_SECTION, name="Aurora", state=State.BROKEN, what=MAKES_IT)
    bounds = f"{cluster.minimum_capacity_acu:g} to {cluster.maximum_capacity_acu:g} ACU"
    ailing = [
        f"{instance.identifier} {instance.status}" for instance in cluster.instances if instance.status != "available"
    ]
    states = [_state(cluster.status), *(_state(instance.status) for instance in cluster.instances)]
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
        section=_SECTION,
        name="Aurora",
        state=worst([*states, *_unread_state(acu)]),
        what="; ".join([cluster.status, *ailing, f"{bounds}, now: {_measured(acu, '{:g}')}"]),
        details=details,
    )


def redis_row(reading: RedisReading | Unread | None) -> Row:
    """Return the row of the Redis node: its state and how full its memory is."""
    if isinstance(reading, Unread):
        return unread(_SECTION, ["Redis"], reading)[0]
    if reading is None:
        return Row(section=_SECTION, name="Redis", state=State.BROKEN, what=MAKES_IT)
    memory, group = reading.memory_percent, reading.group
    return Row(
        section=_SECTION,
        name="Redis",
        state=worst([_state(group.status), *_unread_state(memory)]),
        what=f"{group.status}; {group.node_type}, memory: {_measured(memory, '{:.0f} % full')}",
        details={
            "status": group.status,
            "id": group.id,
            "node_type": group.node_type,
            "memory_percent": None if isinstance(memory, Unread) else memory,
        },
    )


def _measured(value: float | Unread | None, form: str) -> str:
    if isinstance(value, Unread):
        return value.why
    return "no data" if value is None else form.format(value)


def _unread_state(value: float | Unread | None) -> list[State]:
    return [State.UNREAD] if isinstance(value, Unread) else []


def _state(status: str) -> State:
    if status == "available":
        return State.WELL
    return State.CHANGING if status in _CHANGING else State.BROKEN
