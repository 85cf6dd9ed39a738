"""When a service of a compose file may start, and what keeps it from that: compose's rules, as pure functions."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter

from tests.local_dev.model import Condition, Service


class State(StrEnum):
    """What is known of a service."""

    WAITING = "waiting"
    STARTING = "starting"
    """Started, and neither healthy nor ended yet, as far as anybody asks for that."""
    RUNNING = "running"
    """Started, and there is nothing to ask it."""
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    COMPLETED = "completed"
    FAILED = "failed"


_NEVER = {
    Condition.STARTED: frozenset[State](),
    Condition.HEALTHY: frozenset({State.UNHEALTHY, State.COMPLETED, State.FAILED}),
    Condition.COMPLETED: frozenset({State.FAILED}),
}
_MET = {
    Condition.STARTED: frozenset(State) - {State.WAITING},
    Condition.HEALTHY: frozenset({State.HEALTHY}),
    Condition.COMPLETED: frozenset({State.COMPLETED}),
}


def met(condition: Condition, state: State) -> bool | None:
    """Return whether a condition holds; None: not yet."""
    if state in _MET[condition]:
        return True
    return False if state in _NEVER[condition] else None


def startable(services: Mapping[str, Service], states: Mapping[str, State], late: Collection[str] = ()) -> list[str]:
    """Return which of the services that wait may start now; those that come late may not yet."""
    return [
        name
        for name, service in services.items()
        if states[name] is State.WAITING
        and name not in late
        and all(met(condition, states[other]) for other, condition in service.waits_for.items())
    ]


def stopped_by(services: Mapping[str, Service], states: Mapping[str, State]) -> dict[str, str]:
    """Return, of the services that will never start, the first service on the way there that is to blame."""
    found: dict[str, str] = {}
    for name in in_order(services):
        if states[name] is not State.WAITING:
            continue
        for other, condition in services[name].waits_for.items():
            blamed = found.get(other) or (other if met(condition, states[other]) is False else None)
            if blamed:
                found[name] = blamed
                break
    return found


def callers(services: Mapping[str, Service], name: str) -> frozenset[str]:
    """Return every service that waits for one, directly or by way of others."""
    found: set[str] = set()
    for each in in_order(services):
        if not found.union({name}).isdisjoint(services[each].waits_for):
            found.add(each)
    return frozenset(found)


def in_order(services: Mapping[str, Service]) -> tuple[str, ...]:
    """Return the services, each after those that it waits for.

    Raises:
        ValueError: for services that wait for each other, for one that is not there, and for a wait for the health of
            one that has no health check, which compose finds out only as it starts.
    """
    for name, service in services.items():
        for other, condition in service.waits_for.items():
            if other not in services:
                raise ValueError(f"{name} waits for {other}, which is not there")
            if condition is Condition.HEALTHY and services[other].health_check is None:
                raise ValueError(f"{name} waits until {other} is healthy, which has no health check")
    try:
        return tuple(TopologicalSorter({name: each.waits_for for name, each in services.items()}).static_order())
    except CycleError as cycle:
        raise ValueError(f"these wait for each other: {' → '.join(cycle.args[1])}") from None
