"""The next steps of ECS's scheduler for a service, as a pure function of the service's present state.

ECS Developer Guide: "Deploy Amazon ECS services by replacing tasks" for the order of starting and stopping, "How the
Amazon ECS deployment circuit breaker detects failures" for the breaker.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.sandbox.ecs.simulation.life import Life

BREAKER = "breaker"
ALARM = "alarm"
REQUEST = "request"
"""The causes for which a deployment ends early."""

_LOWEST_THRESHOLD = 3
_HIGHEST_THRESHOLD = 200
_SHARE_OF_DESIRED = 0.5


@dataclass(frozen=True, kw_only=True)
class TaskView:
    """A task of the service."""

    id: str
    deployment: str
    life: Life
    counted: bool = False
    """Its failure has been seen."""
    welcomed: bool = False
    """Its readiness has been seen."""


@dataclass(frozen=True, kw_only=True)
class DeploymentView:
    """A deployment of the service."""

    id: str
    definition: str
    """The task definition's ARN."""
    state: str
    """``IN_PROGRESS``, ``COMPLETED`` or ``FAILED``."""
    failed_tasks: int = 0
    rolls_back: bool = False
    """The circuit breaker began it."""


@dataclass(frozen=True, kw_only=True)
class ServiceView:
    """A service with all that the scheduler goes by."""

    desired: int
    deployments: tuple[DeploymentView, ...]
    """The primary one first."""
    tasks: tuple[TaskView, ...]
    """In the order in which they started; those that are gone matter no more."""
    minimum_percent: int = 100
    maximum_percent: int = 200
    breaker: bool = False
    rollback: bool = False
    alarmed: bool = False
    """An alarm that the deployment under way watches is in ALARM."""
    alarms_roll_back: bool = False
    requested: str | None = None
    """What somebody asked for of the deployment under way: ``ROLLBACK`` or ``ABORT``."""
    completed: DeploymentView | None = None
    """The last deployment that completed."""
    starts_from: datetime | None = None
    """Until then nothing is started, as the last tasks failed one after the other."""


@dataclass(frozen=True, kw_only=True)
class Welcome:
    """A task serves for the first time."""

    task: str


@dataclass(frozen=True, kw_only=True)
class CountFailure:
    """A task ended against the service's will."""

    task: str


@dataclass(frozen=True, kw_only=True)
class Fail:
    """The deployment starts nothing any more."""

    deployment: str
    cause: str = BREAKER
    without_candidate: bool = False
    """It should be rolled back, and nothing has ever completed."""


@dataclass(frozen=True, kw_only=True)
class RollBack:
    """What completed last is deployed again."""

    deployment: str
    to: DeploymentView
    cause: str = BREAKER


@dataclass(frozen=True, kw_only=True)
class Start:
    """Tasks are started."""

    deployment: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Stop:
    """Tasks are asked to end."""

    tasks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Retire:
    """A deployment without tasks is listed no more."""

    deployment: str


@dataclass(frozen=True, kw_only=True)
class Complete:
    """The service is what its primary deployment says, and nothing else."""

    deployment: str


Action = Welcome | CountFailure | Fail | RollBack | Start | Stop | Retire | Complete


def threshold(desired: int) -> int:
    """Return how many tasks in a row have to fail until the circuit breaker opens."""
    return min(max(math.ceil(_SHARE_OF_DESIRED * desired), _LOWEST_THRESHOLD), _HIGHEST_THRESHOLD)


def decide(service: ServiceView, at: datetime) -> Sequence[Action]:
    """Return the next steps; when they are done, the service has to be looked at anew, until there are none."""
    for rule in (seen, _break, _start, _stop, _settle):
        actions = rule(service, at)
        if actions:
            return actions
    return ()


def seen(service: ServiceView, at: datetime) -> Sequence[Action]:
    """Return what has happened to tasks since they were last looked at."""
    ready = [Welcome(task=task.id) for task in service.tasks if task.life.ready(at) and not task.welcomed]
    failed = [CountFailure(task=task.id) for task in service.tasks if _failed(task, at) and not task.counted]
    return [*ready, *failed]


def _failed(task: TaskView, at: datetime) -> bool:
    end = task.life.end
    return end is not None and end.failed and end.at <= at


def _break(service: ServiceView, _: datetime) -> Sequence[Action]:
    primary = service.deployments[0]
    ended = _early_end(service, primary) if primary.state == "IN_PROGRESS" else None
    if ended is None:
        return ()
    cause, goes_back = ended
    if goes_back and service.completed is not None:
        return [RollBack(deployment=primary.id, to=service.completed, cause=cause)]
    return [Fail(deployment=primary.id, cause=cause, without_candidate=goes_back)]


def _early_end(service: ServiceView, primary: DeploymentView) -> tuple[str, bool] | None:
    """Return why the deployment under way ends early, and whether it is to be rolled back."""
    if service.requested is not None and not primary.rolls_back:
        return REQUEST, service.requested == "ROLLBACK"
    if service.alarmed and not primary.rolls_back:
        return ALARM, service.alarms_roll_back
    if service.breaker and primary.failed_tasks >= threshold(service.desired):
        return BREAKER, service.rollback and not primary.rolls_back
    return None


def _start(service: ServiceView, at: datetime) -> Sequence[Action]:
    primary = service.deployments[0]
    if primary.state == "FAILED" or (service.starts_from is not None and at < service.starts_from):
        return ()
    alive = _alive(service, at)
    missing = service.desired - len(_of(primary, alive))
    room = service.desired * service.maximum_percent // 100 - len(alive)
    count = min(missing, room)
    return [Start(deployment=primary.id, count=count)] if count > 0 else ()


def _stop(service: ServiceView, at: datetime) -> Sequence[Action]:
    primary = service.deployments[0]
    alive = _alive(service, at)
    current = _of(primary, alive)
    surplus = current[service.desired :]
    if surplus:
        return [Stop(tasks=tuple(task.id for task in surplus))]
    if primary.state == "FAILED":
        # What still runs is all that there is.
        return ()
    old = [task for task in alive if task not in current]
    unready = [task for task in old if not task.life.ready(at)]
    ready = [task for task in old if task.life.ready(at)]
    serving = len(ready) + sum(task.life.ready(at) for task in current)
    spare = max(serving - math.ceil(service.desired * service.minimum_percent / 100), 0)
    stopped = [*unready, *ready[:spare]]
    return [Stop(tasks=tuple(task.id for task in stopped))] if stopped else ()


def _settle(service: ServiceView, at: datetime) -> Sequence[Action]:
    primary, *others = service.deployments
    alive = _alive(service, at)
    empty = [Retire(deployment=other.id) for other in others if other.state != "FAILED" and not _of(other, alive)]
    if empty:
        return empty
    current = _of(primary, alive)
    serving = len(alive) == len(current) == service.desired and all(task.life.ready(at) for task in current)
    if not serving or primary.state != "IN_PROGRESS":
        return ()
    # What the breaker rolled back stays to be seen until then.
    return [*(Retire(deployment=other.id) for other in others), Complete(deployment=primary.id)]


def _alive(service: ServiceView, at: datetime) -> list[TaskView]:
    return [task for task in service.tasks if task.life.alive(at)]


def _of(deployment: DeploymentView, tasks: Sequence[TaskView]) -> list[TaskView]:
    return [task for task in tasks if task.deployment == deployment.id]
