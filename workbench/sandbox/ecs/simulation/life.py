"""What becomes of a task, worked out when it starts: pure functions from its containers' behaviour to its states."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from graphlib import TopologicalSorter

from workbench.sandbox.ecr.images import Behaviour
from workbench.sandbox.ecs.simulation.pace import (
    COMMAND_SECONDS,
    PROVISIONING_SECONDS,
    PULLING_SECONDS,
    STOPPING_SECONDS,
    UNHEALTHY_SECONDS,
    Pace,
)

ENDED_BY_SIGNAL = 128 + 15
"""The exit code of a container that SIGTERM ends."""


@dataclass(frozen=True, kw_only=True)
class ContainerPlan:
    """One container of a task definition, with what its image does."""

    name: str
    behaviour: Behaviour
    essential: bool = True
    health_checked: bool = False
    target_groups: tuple[str, ...] = ()
    """ARNs of the target groups that it is registered with."""
    depends_on: tuple[tuple[str, str], ...] = ()
    """Other containers and the condition, e.g. ``HEALTHY``, that it waits for."""
    command: tuple[str, ...] | None = None
    """What is run in it instead of its image's own command."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a task cannot start."""

    reason: str
    container: str | None = None
    """Whose image it is about."""


@dataclass(frozen=True, kw_only=True)
class End:
    """Why and when a task begins to stop."""

    at: datetime
    code: str
    """ECS's stop code."""
    reason: str
    failed: bool = False
    """It ended against its service's will; the circuit breaker counts it."""
    container: str | None = None
    """The container that is to blame."""


@dataclass(frozen=True, kw_only=True)
class ContainerLife:
    """When a container does what; None: never."""

    starts_at: datetime | None = None
    healthy_at: datetime | None = None
    unhealthy_at: datetime | None = None
    exits_at: datetime | None = None
    exit_code: int | None = None
    health_checked: bool = False


@dataclass(frozen=True, kw_only=True)
class Life:
    """A task's whole life, as it will be unless somebody stops it earlier."""

    created_at: datetime
    pending_at: datetime
    running_at: datetime | None
    ready_at: datetime | None
    """When it serves: it runs, and every health check on it has passed."""
    containers: Mapping[str, ContainerLife]
    end: End | None
    stopping: timedelta

    @property
    def stopped_at(self) -> datetime | None:
        """When nothing of it is left."""
        return None if self.end is None else self.end.at + self.stopping

    def alive(self, at: datetime) -> bool:
        """Tell whether it is meant to run then."""
        return self.end is None or at < self.end.at

    def ready(self, at: datetime) -> bool:
        """Tell whether it serves then."""
        return self.alive(at) and self.ready_at is not None and self.ready_at <= at

    def stopped(self, at: datetime) -> bool:
        """Tell whether it is gone then."""
        return self.stopped_at is not None and self.stopped_at <= at

    def moments(self) -> Iterable[datetime]:
        """Return when something about it changes."""
        known = (self.pending_at, self.running_at, self.ready_at, self.end.at if self.end else None, self.stopped_at)
        return [moment for moment in known if moment is not None]

    def status(self, at: datetime) -> str:
        """Return the last status, as ECS calls it."""
        if self.end is not None and self.end.at <= at:
            if self.stopped(at):
                return "STOPPED"
            started = self.running_at is not None and self.running_at <= self.end.at
            return "STOPPING" if started else "DEPROVISIONING"
        if at < self.pending_at:
            return "PROVISIONING"
        return "RUNNING" if self.running_at is not None and self.running_at <= at else "PENDING"

    def health(self, at: datetime) -> str:
        """Return the health status: that of its health-checked containers, or UNKNOWN without any."""
        found = {container_health(each, at) for each in self.containers.values() if each.health_checked}
        return next((status for status in ("UNHEALTHY", "UNKNOWN", "HEALTHY") if status in found), "UNKNOWN")

    def ended(self, end: End, *, stopping: timedelta | None = None) -> "Life":
        """Return it with another end, unless its own comes first."""
        if self.end is not None and self.end.at <= end.at:
            end = self.end
        return replace(self, end=end, stopping=self.stopping if stopping is None else stopping)


def container_health(container: ContainerLife, at: datetime) -> str:
    """Return a container's health status."""
    if container.unhealthy_at is not None and container.unhealthy_at <= at:
        return "UNHEALTHY"
    healthy = container.health_checked and container.healthy_at is not None and container.healthy_at <= at
    return "HEALTHY" if healthy else "UNKNOWN"


def container_status(container: ContainerLife, life: Life, at: datetime) -> str:
    """Return a container's last status."""
    if life.stopped(at) or (container.exits_at is not None and container.exits_at <= at):
        return "STOPPED"
    return "RUNNING" if container.starts_at is not None and container.starts_at <= at else "PENDING"


def exit_code(container: ContainerLife, life: Life, at: datetime) -> int | None:
    """Return what a container ended with; None while it runs and for one that never started."""
    if container.starts_at is None or container_status(container, life, at) != "STOPPED":
        return None
    if life.end is not None and life.end.at < container.starts_at:
        return None
    own = container.exits_at is not None and (life.end is None or container.exits_at <= life.end.at)
    return container.exit_code if own else ENDED_BY_SIGNAL


def plan_life(
    containers: Iterable[ContainerPlan],
    *,
    created_at: datetime,
    pace: Pace,
    refusal: Refusal | None = None,
    supervised: bool = True,
) -> Life:
    """Return the life of a task that starts at ``created_at``.

    ``supervised`` is one of a service, which stops what its health checks find unhealthy; nobody stops any other.
    """
    plans = {plan.name: plan for plan in containers}
    pending_at = created_at + pace(PROVISIONING_SECONDS)
    pulled_at = pending_at + pace(PULLING_SECONDS)
    stopping = pace(STOPPING_SECONDS)
    if refusal is not None:
        end = End(
            at=pulled_at, code="TaskFailedToStart", reason=refusal.reason, failed=True, container=refusal.container
        )
        return Life(
            created_at=created_at,
            pending_at=pending_at,
            running_at=None,
            ready_at=None,
            containers={name: ContainerLife() for name in plans},
            end=end,
            stopping=stopping,
        )
    lives = _containers(plans, pulled_at, pace)
    running_at = _latest(life.starts_at for life in lives.values())
    checks = [lives[name] for name, plan in plans.items() if plan.health_checked or plan.target_groups]
    ready_at = _latest([running_at, *(life.healthy_at for life in checks)])
    ends = [end for name, plan in plans.items() for end in _ends(plan, lives[name], supervised=supervised)]
    return Life(
        created_at=created_at,
        pending_at=pending_at,
        running_at=running_at,
        ready_at=ready_at,
        containers=lives,
        end=min(ends, key=lambda end: end.at, default=None),
        stopping=stopping,
    )


def _containers(plans: Mapping[str, ContainerPlan], pulled_at: datetime, pace: Pace) -> dict[str, ContainerLife]:
    order = TopologicalSorter(
        {name: [other for other, _ in plan.depends_on if other in plans] for name, plan in plans.items()}
    )
    lives: dict[str, ContainerLife] = {}
    for name in order.static_order():
        plan = plans[name]
        waits = [_met(lives[other], condition) for other, condition in plan.depends_on if other in plans]
        lives[name] = _container(plan, _latest([pulled_at, *waits]), pace)
    return {name: lives[name] for name in plans}


def _met(container: ContainerLife, condition: str) -> datetime | None:
    """Return when a container fulfils what another one waits for."""
    if condition == "START":
        return container.starts_at
    if condition == "HEALTHY":
        return container.healthy_at
    return None if condition == "SUCCESS" and container.exit_code != 0 else container.exits_at


def _container(plan: ContainerPlan, starts_at: datetime | None, pace: Pace) -> ContainerLife:
    if starts_at is None:
        return ContainerLife(health_checked=plan.health_checked)
    does = plan.behaviour
    checked = plan.health_checked or bool(plan.target_groups)
    code, seconds = (does.crash, does.crash_after) if plan.command is None else (does.run_exit_code, COMMAND_SECONDS)
    return ContainerLife(
        starts_at=starts_at,
        healthy_at=None if does.unhealthy else starts_at + pace(does.ready_after),
        unhealthy_at=starts_at + pace(UNHEALTHY_SECONDS) if does.unhealthy and checked else None,
        exits_at=None if code is None else starts_at + pace(seconds),
        exit_code=code,
        health_checked=plan.health_checked,
    )


def _ends(plan: ContainerPlan, life: ContainerLife, *, supervised: bool) -> Iterable[End]:
    """Return what a container alone ends its task with."""
    if plan.essential and life.exits_at is not None:
        reason = "Essential container in task exited"
        yield End(at=life.exits_at, code="EssentialContainerExited", reason=reason, failed=True, container=plan.name)
    if not supervised or life.unhealthy_at is None:
        return
    if plan.health_checked and plan.essential:
        reason = "Task failed container health checks"
    elif plan.target_groups:
        reason = f"Task failed ELB health checks in (target-group {plan.target_groups[0]})"
    else:
        return
    yield End(at=life.unhealthy_at, code="ServiceSchedulerInitiated", reason=reason, failed=True, container=plan.name)


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    """Return the last of them; None when one never comes."""
    known = list(moments)
    return None if None in known else max(moment for moment in known if moment is not None)
