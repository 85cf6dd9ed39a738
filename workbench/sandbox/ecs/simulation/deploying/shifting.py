"""A deployment that shifts traffic, carried out: its record, the rules of its balancers, the service's deployments."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from workbench.sandbox.ecs.simulation import events
from workbench.sandbox.ecs.simulation.deploying import history, shifts, traffic, verdicts
from workbench.sandbox.ecs.simulation.deploying.lifecycle import CLEANED, SCALED, Leg, route_of
from workbench.sandbox.ecs.simulation.deploying.records import NO_SHIFT, Hook, ServiceDeployment
from workbench.sandbox.ecs.simulation.deployments import ServiceView
from workbench.sandbox.ecs.simulation.pace import (
    BAKING_MINUTE_SECONDS,
    SHIFTING_SECONDS,
    STAGE_LIMIT_MINUTES,
    Pace,
)
from workbench.sandbox.server.state import change

_WHOLE = 100.0


def shifts_traffic(record: ServiceDeployment | None) -> bool:
    """Tell whether a deployment is under way that shifts traffic."""
    return record is not None and record.strategy != NO_SHIFT and record.ongoing


def set_out(service: Any, record: ServiceDeployment, previous: ServiceDeployment | None) -> None:
    """Choose what a deployment that has just begun goes through, and which target groups its tasks are in.

    Where another one was cut short, production goes back to the revision that has most of it: which one ECS chooses in
    its stage RECONCILE_SERVICE is not documented.
    """
    if record.strategy == NO_SHIFT:
        record.set_out((), source=record.source, alternate=traffic.serves_alternate(service), objection=None)
        return
    source = record.source
    if previous is not None and previous.strategy != NO_SHIFT and previous.status == "STOPPED":
        source = previous.target if previous.production == _WHOLE else previous.source
    if source not in record.sources:
        # Nothing of it runs that the traffic could go back to.
        source = None
    configuration = dict(record.configuration)
    if source is None:
        # There is nothing to shift a part of the traffic away from.
        configuration["strategy"] = "BLUE_GREEN"
    others = [each for each in record.sources if each is not source]
    tests = any(each.test_rule is not None for each in traffic.balanced(service))
    record.set_out(
        route_of(configuration, reconciles=bool(others), test_listener=tests),
        source=source,
        alternate=traffic.serves_alternate(service) if source is None else not source.alternate,
        objection=traffic.objection(service, one_serves=not others),
    )


def next_moments(record: ServiceDeployment | None, pace: Pace) -> Sequence[datetime]:
    """Return when something about a deployment is due."""
    if record is None or not shifts_traffic(record) or record.leg < 0:
        return ()
    waits = [hook.expires_at for hook in record.hooks if hook.status == "AWAITING_ACTION"]
    leg = record.route[record.leg]
    return [*waits, record.entered_at + pace(leg.seconds), record.entered_at + _limit(pace)]


def _limit(pace: Pace) -> Any:
    return pace(STAGE_LIMIT_MINUTES * BAKING_MINUTE_SECONDS)


def view(record: ServiceDeployment, service_view: ServiceView, pace: Pace) -> shifts.ShiftView:
    """Return what the next steps follow from."""
    leg = record.route[record.leg] if record.leg >= 0 else None
    return shifts.ShiftView(
        service=service_view,
        target=record.target.deployments[-1],
        source=None if record.source is None else record.source.deployments[-1],
        goes_back=record.status == "ROLLBACK_IN_PROGRESS",
        held=record.status in {"STOP_REQUESTED", "ROLLBACK_REQUESTED"},
        route=record.route,
        leg=record.leg,
        entered_at=record.entered_at,
        lasts=pace(0 if leg is None else leg.seconds),
        limit=_limit(pace),
        hooks=[
            shifts.HookView(
                id=hook.id,
                waits=hook.status == "AWAITING_ACTION",
                expires_at=hook.expires_at,
                timeout_action=hook.pause.timeout_action,
            )
            for hook in record.hooks
        ],
        request_cause=record.request_cause,
        objected=record.objection is not None,
    )


class Shifting:
    """The steps of one service's deployment."""

    def __init__(self, service: Any, pace: Pace) -> None:
        self._service = service
        self._pace = pace

    def handlers(self) -> Mapping[type[Any], Callable[[Any, datetime], None]]:
        """Return what carries out which step."""
        return {
            shifts.Enter: self._enter,
            shifts.TimeOut: self._time_out,
            shifts.GoBack: self._go_back,
            shifts.GiveUp: self._give_up,
            shifts.Finish: self._finish,
        }

    @property
    def _record(self) -> ServiceDeployment:
        return history.history(self._service)[0]

    def _enter(self, action: shifts.Enter, at: datetime) -> None:
        record = self._record
        leg = record.route[action.leg]
        reconciles = leg.stage == "RECONCILE_SERVICE" and record.source is not None
        if reconciles or leg.production != record.production:
            traffic.shift_production(self._service, record, leg.production)
        if leg.test != record.test:
            traffic.shift_test(self._service, record, leg.test)
        hooks = [
            Hook(
                id=f"ecs-pause-{secrets.token_urlsafe(32)}",
                stage=leg.stage,
                pause=pause,
                expires_at=at + self._pace(pause.minutes * BAKING_MINUTE_SECONDS),
            )
            for pause in leg.pauses
        ]
        record.enter(action.leg, at, hooks)

    def _time_out(self, action: shifts.TimeOut, _: datetime) -> None:
        self._record.answer("TIMED_OUT", action.hook)

    def _go_back(self, action: shifts.GoBack, at: datetime) -> None:
        record = self._record
        verdicts.turned_back(self._service, at, action.cause, None)
        self._tell_failure(action.cause, at)
        record.answer("FAILED")
        if record.source is None:
            return
        before = next(
            each for each in self._service.deployments if each["id"] in (record.source or record.target).deployments
        )
        others = [each for each in self._service.deployments if each is not before]
        for each in others:
            each["status"] = "ACTIVE"
        before["status"] = "PRIMARY"
        change(self._service, deployments=[before, *others])
        events.add(self._service, at, events.ROLLBACK_BEGUN.format(to=before["id"]))
        # What has ended already has to be there again before the traffic is.
        again = (
            [Leg(stage="SCALE_UP", production=record.production, test=record.test, until=SCALED)]
            if record.stage == "CLEAN_UP"
            else []
        )
        moved = "PRODUCTION_TRAFFIC_SHIFT" if record.production else "TEST_TRAFFIC_SHIFT"
        back = [Leg(stage=moved, seconds=SHIFTING_SECONDS)] if record.production or record.test else []
        record.turn([*again, *back, Leg(stage="CLEAN_UP", until=CLEANED)])

    def _give_up(self, action: shifts.GiveUp, at: datetime) -> None:
        verdicts.failed(self._service, at, action.cause, without_candidate=False)
        self._tell_failure(action.cause, at)

    def _tell_failure(self, cause: str, at: datetime) -> None:
        record = self._record
        words = verdicts.WORDS[cause]
        for each in self._service.deployments:
            if each["id"] in record.target.deployments:
                each |= {"rolloutState": "FAILED", "rolloutStateReason": words.rollout, "updatedAt": at}
        told = events.DEPLOYMENT_FAILED.format(
            id=record.target.deployments[-1], reason=words.event or verdicts.reason(record, words.status)
        )
        events.add(self._service, at, told)

    def _finish(self, _: shifts.Finish, at: datetime) -> None:
        record = self._record
        stays = record.target if record.source is None or record.status == "IN_PROGRESS" else record.source
        kept = next(each for each in self._service.deployments if each["id"] in stays.deployments)
        reason = events.COMPLETED.format(id=kept["id"])
        kept |= {"status": "PRIMARY", "rolloutState": "COMPLETED", "rolloutStateReason": reason, "updatedAt": at}
        change(self._service, deployments=[kept])
        verdicts.completed(self._service, at)
        events.add(self._service, at, events.DEPLOYMENT_COMPLETED.format(id=kept["id"]))
