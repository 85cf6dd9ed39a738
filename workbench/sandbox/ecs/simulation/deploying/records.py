"""What is remembered of a service's deployments: the records themselves, and how each of them goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from workbench.sandbox.ecs.simulation.deploying.lifecycle import Leg, Pause

ONGOING = frozenset({"PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"})
"""The guide's "Pending" and "Ongoing"; every other status is final."""

NO_SHIFT = "ROLLING"
"""The strategy that replaces tasks and moves no traffic by weights; that of a service that names none."""

NO_CANDIDATE = "No rollback candidate was found to run the rollback."
"""ECS's words, as terraform-provider-aws's acceptance tests expect them of a first blue/green deployment that fails."""


@dataclass(kw_only=True)
class Revision:
    """A service revision: what a service was asked to run."""

    arn: str
    created_at: datetime
    definition: str
    """The task definition's ARN."""
    deployments: list[str]
    """The scheduler's deployments whose tasks are of it: one, and those that rolled back to it."""
    network: Mapping[str, Any]
    launch: Mapping[str, Any]
    """The launch type or the capacity provider strategy, and the platform version."""
    load_balancers: Sequence[Mapping[str, Any]]
    images: Sequence[Mapping[str, str]]
    alternate: bool = False
    """Its tasks are in the alternate target groups."""


@dataclass(frozen=True, kw_only=True)
class Hook:
    """A pause that a service deployment has come to."""

    id: str
    stage: str
    pause: Pause
    expires_at: datetime
    status: str = "AWAITING_ACTION"


@dataclass(frozen=True, kw_only=True)
class Rollback:
    """The way back of a service deployment."""

    reason: str
    started_at: datetime
    revision: Revision


@dataclass(kw_only=True)
class ServiceDeployment:
    """One change of a service from revisions that ran before to another."""

    arn: str
    created_at: datetime
    target: Revision
    source: Revision | None
    """The revision that a rollback goes back to; None for the first deployment of a service."""
    sources: Sequence[Revision]
    configuration: Mapping[str, Any]
    updated_at: datetime
    status: str = "IN_PROGRESS"
    reason: str | None = None
    requested_at: datetime | None = None
    finished_at: datetime | None = None
    stopped_at: datetime | None = None
    rollback: Rollback | None = None
    cause: str | None = None
    """Why it ended early."""
    requested: str | None = None
    """What was asked for: ``ROLLBACK`` or ``ABORT``."""
    request_cause: str | None = None
    """Why that was asked for, if not by the operation that does it."""
    objection: str | None = None
    """What is wrong with the rules of its balancers."""
    failures: int = 0
    alarms_ignored: bool = False
    triggered: Sequence[str] = ()
    """The names of the alarms that ended it."""
    route: Sequence[Leg] = ()
    """The legs that it goes through one after the other; none for a rolling one."""
    leg: int = 0
    entered_at: datetime
    stage: str | None = None
    production: float = 0.0
    """The share of production traffic that the target gets, in percent."""
    test: float = 0.0
    hooks: list[Hook] = field(default_factory=list[Hook])

    @property
    def strategy(self) -> str:
        """Return how it replaces what ran before."""
        return self.configuration.get("strategy") or NO_SHIFT

    @property
    def ongoing(self) -> bool:
        """Tell whether its status can still change."""
        return self.status in ONGOING

    @property
    def watches_alarms(self) -> bool:
        """Tell whether an alarm can end it: none that rang before it began, and none once it is on its way back."""
        return self.status == "IN_PROGRESS" and not self.alarms_ignored

    @property
    def alarms_roll_back(self) -> bool:
        """Tell whether an alarm takes it back instead of only stopping it."""
        alarms: Mapping[str, Any] = self.configuration.get("alarms") or {}
        return bool(alarms.get("rollback"))

    def request_due(self, at: datetime, delay: timedelta) -> str | None:
        """Return what somebody asked for, once ECS acts on it."""
        acts = self.requested_at is not None and self.requested_at + delay <= at
        return self.requested if acts and self.status in {"STOP_REQUESTED", "ROLLBACK_REQUESTED"} else None

    def set_out(self, route: Sequence[Leg], *, source: Revision | None, alternate: bool, objection: str | None) -> None:
        """Send it on its way."""
        self.source = source
        self.target.alternate = alternate
        self.objection = objection
        self.turn(route)

    def turn(self, route: Sequence[Leg]) -> None:
        """Let it go another way from here."""
        self.route = route
        self.leg = -1

    def enter(self, number: int, at: datetime, hooks: Sequence[Hook]) -> None:
        """Begin a leg of its route, with the pauses that it has there."""
        leg = self.route[number]
        self.leg, self.stage, self.entered_at, self.updated_at = number, leg.stage, at, at
        self.production, self.test = leg.production, leg.test
        self.hooks += hooks

    def answer(self, status: str, hook_id: str | None = None) -> None:
        """End one pause that it waits at, or all."""
        self.hooks = [
            replace(hook, status=status) if hook.status == "AWAITING_ACTION" and hook_id in {None, hook.id} else hook
            for hook in self.hooks
        ]

    def ask(self, what: str, at: datetime, *, cause: str | None = None) -> None:
        """Note what somebody asks for."""
        self.requested, self.request_cause = what, cause
        self.status = "ROLLBACK_REQUESTED" if what == "ROLLBACK" else "STOP_REQUESTED"
        self.requested_at = self.updated_at = at

    def note(self, cause: str, alarms: Sequence[str]) -> None:
        """Note why it ends early."""
        self.cause = cause
        self.triggered = alarms

    def count_failures(self, failures: int) -> None:
        """Note how many of its tasks have failed."""
        self.failures = failures

    def finish(self, at: datetime, status: str, reason: str | None = None) -> None:
        """Give it its final status."""
        self.status = status
        self.reason = reason or self.reason
        self.updated_at = at
        self.finished_at = at
        if status == "STOPPED":
            self.stopped_at = at

    def roll_back(self, at: datetime, reason: str) -> None:
        """Turn it back to where it came from; without such a revision it has failed for good."""
        self.reason = reason
        if self.source is None:
            self.finish(at, "ROLLBACK_FAILED", f"{reason} {NO_CANDIDATE}")
            return
        self.status = "ROLLBACK_IN_PROGRESS"
        self.updated_at = at
        self.rollback = Rollback(reason=reason, started_at=at, revision=self.source)
