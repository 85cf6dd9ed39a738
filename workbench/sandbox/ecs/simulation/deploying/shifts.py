"""The next steps of a deployment that shifts traffic, as a pure function of the service's present state.

ECS Developer Guide, "Amazon ECS blue/green service deployments workflow", "Amazon ECS canary deployments", "Amazon ECS
linear deployments", "Pause hooks for Amazon ECS service deployments". The revision that ran before keeps all its tasks
until the new one has had all the traffic for the bake time, and a rollback until then only moves the traffic.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from workbench.sandbox.ecs.simulation import deployments
from workbench.sandbox.ecs.simulation.deploying.lifecycle import CLEANED, SCALED, Leg
from workbench.sandbox.ecs.simulation.deployments import (
    ALARM,
    BREAKER,
    ServiceView,
    Start,
    Stop,
    TaskView,
    threshold,
)

_WITHOUT_TARGET = frozenset({"RECONCILE_SERVICE", "PRE_SCALE_UP"})
"""The stages in which the new revision has no tasks yet."""


@dataclass(frozen=True, kw_only=True)
class HookView:
    """A pause that is waited at, or was."""

    id: str
    waits: bool
    expires_at: datetime
    timeout_action: str


@dataclass(frozen=True, kw_only=True)
class ShiftView:
    """A service during such a deployment."""

    service: ServiceView
    target: str
    """The scheduler's deployment of the new revision."""
    source: str | None
    """That of the revision that a rollback goes back to."""
    goes_back: bool
    route: Sequence[Leg]
    leg: int
    """The place in the route; -1 before it."""
    entered_at: datetime
    lasts: timedelta
    """The shortest time for the present leg."""
    limit: timedelta
    """The longest time for any."""
    hooks: Sequence[HookView] = ()
    request_cause: str | None = None
    """Why somebody's request, which is now acted upon, was made."""
    held: bool = False
    """A request is about to be acted upon: until then nothing goes on."""
    objected: bool = False
    """The rules of the balancers are not as ECS needs them."""

    @property
    def stage(self) -> str | None:
        """Return the stage that it is in."""
        return self.route[self.leg].stage if self.leg >= 0 else None


@dataclass(frozen=True, kw_only=True)
class Enter:
    """The deployment goes on to another leg of its route."""

    leg: int


@dataclass(frozen=True, kw_only=True)
class TimeOut:
    """A pause has waited for long enough."""

    hook: str


@dataclass(frozen=True, kw_only=True)
class GoBack:
    """The deployment has failed, and the traffic goes back to where it was."""

    cause: str


@dataclass(frozen=True, kw_only=True)
class GiveUp:
    """The deployment ends where it is."""

    cause: str


@dataclass(frozen=True, kw_only=True)
class Finish:
    """The deployment has come to the end of its route."""


ShiftAction = deployments.Action | Enter | TimeOut | GoBack | GiveUp | Finish

TIMED_OUT = "pause timed out"
REFUSED = "pause refused"
TOO_LONG = "too long"
MISCONFIGURED = "misconfigured"


def decide(view: ShiftView, at: datetime) -> Sequence[ShiftAction]:
    """Return the next steps; when they are done, the service has to be looked at anew, until there are none."""
    for rule in (_seen, _end_early, _hooks, _tasks, _go_on):
        actions = rule(view, at)
        if actions:
            return actions
    return ()


def _seen(view: ShiftView, at: datetime) -> Sequence[ShiftAction]:
    return deployments.seen(view.service, at)


def _end_early(view: ShiftView, at: datetime) -> Sequence[ShiftAction]:
    ended = None if view.goes_back else next(_ends(view, at), None)
    if ended is None:
        return ()
    cause, goes_back = ended
    return [GoBack(cause=cause) if goes_back else GiveUp(cause=cause)]


def _ends(view: ShiftView, at: datetime) -> Iterator[tuple[str, bool]]:
    """Yield why the deployment ends early, and whether the traffic goes back."""
    service = view.service
    if view.objected:
        yield MISCONFIGURED, True
    if service.requested is not None:
        yield view.request_cause or deployments.REQUEST, service.requested == "ROLLBACK"
    if service.alarmed:
        yield ALARM, service.alarms_roll_back
    failed = next((each.failed_tasks for each in service.deployments if each.id == view.target), 0)
    # The API reference keeps the breaker for rolling deployments; terraform-provider-aws's acceptance tests have seen
    # it open in a blue/green one.
    if service.breaker and failed >= threshold(service.desired):
        yield BREAKER, service.rollback
    if view.leg >= 0 and at >= view.entered_at + view.limit and not any(hook.waits for hook in view.hooks):
        yield TOO_LONG, True


def _hooks(view: ShiftView, at: datetime) -> Sequence[ShiftAction]:
    expired = next((hook for hook in view.hooks if hook.waits and hook.expires_at <= at), None)
    if expired is None or view.held:
        return ()
    then = [GoBack(cause=TIMED_OUT)] if expired.timeout_action == "ROLLBACK" else []
    return [TimeOut(hook=expired.id), *then]


def wanted(view: ShiftView, at: datetime) -> Mapping[str, int]:
    """Return how many tasks every deployment should have; none of those that it does not name."""
    desired = view.service.desired
    stage = view.stage
    if view.goes_back:
        # The new tasks serve until the traffic has left them; those that fail are not replaced.
        left = sum(task.deployment == view.target and task.life.alive(at) for task in view.service.tasks)
        target = {} if stage == "CLEAN_UP" else {view.target: left}
        return target if view.source is None else {**target, view.source: desired}
    target = {} if stage is None or stage in _WITHOUT_TARGET else {view.target: desired}
    source = {} if view.source is None or stage == "CLEAN_UP" else {view.source: desired}
    return {**target, **source}


def _tasks(view: ShiftView, at: datetime) -> Sequence[ShiftAction]:
    wants = wanted(view, at)
    alive = [task for task in view.service.tasks if task.life.alive(at)]
    surplus: list[str] = []
    for deployment in {task.deployment for task in alive}:
        own = [task.id for task in alive if task.deployment == deployment]
        surplus += own[wants.get(deployment, 0) :]
    if surplus:
        return [Stop(tasks=tuple(task.id for task in alive if task.id in surplus))]
    waits = view.service.starts_from is not None and at < view.service.starts_from
    missing = [
        Start(deployment=deployment, count=count - sum(task.deployment == deployment for task in alive))
        for deployment, count in wants.items()
    ]
    return [] if waits else [start for start in missing if start.count > 0]


def _go_on(view: ShiftView, at: datetime) -> Sequence[ShiftAction]:
    if view.held or (view.leg >= 0 and not _done(view, at)):
        return ()
    following = view.leg + 1
    return [Enter(leg=following)] if following < len(view.route) else [Finish()]


def _done(view: ShiftView, at: datetime) -> bool:
    if any(hook.waits for hook in view.hooks) or at < view.entered_at + view.lasts:
        return False
    until = view.route[view.leg].until
    left = view.service.tasks
    if until == SCALED:
        scaled = view.source if view.goes_back and view.source else view.target
        return _ready(left, scaled, at) >= view.service.desired
    if until == CLEANED:
        wants = wanted(view, at)
        return all(task.life.stopped(at) or wants.get(task.deployment, 0) for task in left)
    return True


def _ready(tasks: Sequence[TaskView], deployment: str, at: datetime) -> int:
    return sum(task.deployment == deployment and task.life.ready(at) for task in tasks)
