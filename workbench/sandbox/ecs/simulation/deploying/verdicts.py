"""The words for a deployment that ends early, and what its record gets of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.sandbox.ecs.simulation import events
from workbench.sandbox.ecs.simulation.deploying import history
from workbench.sandbox.ecs.simulation.deploying.records import ServiceDeployment
from workbench.sandbox.ecs.simulation.deploying.shifts import MISCONFIGURED, REFUSED, TIMED_OUT, TOO_LONG
from workbench.sandbox.ecs.simulation.deployments import ALARM, BREAKER, REQUEST


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is said of one cause."""

    rollout: str
    """The reason of the deployment's rollout state."""
    going_back: str
    """The reason of the rollout state of the deployment that takes it back."""
    event: str | None
    """The event's; None: the status reason."""
    status: str
    """The status reason of the service deployment that is rolled back."""
    stopped: str
    """The same of one that is not."""


WORDS: Mapping[str, Words] = {
    BREAKER: Words(
        rollout=events.FAILED,
        going_back=events.ROLLING_BACK,
        event="tasks failed to start.",
        # ECS's words, as terraform-provider-aws's acceptance tests expect them.
        status="Service deployment rolled back because the circuit breaker threshold was exceeded.",
        stopped="Service deployment stopped because the circuit breaker threshold was exceeded.",
    ),
    ALARM: Words(
        rollout=events.ALARM_DETECTED,
        going_back=events.ROLLING_BACK_BY_ALARM,
        event="alarm detected.",
        # Not documented; the event above is.
        status="Service deployment rolled back because of alarm(s) in ALARM state: {alarms}.",
        stopped="Service deployment stopped because of alarm(s) in ALARM state: {alarms}.",
    ),
    REQUEST: Words(
        rollout=events.STOPPED,
        going_back=events.ROLLING_BACK_BY_REQUEST,
        event="stopped by request.",
        # Not documented.
        status="Service deployment rolled back because of a StopServiceDeployment request.",
        stopped="Service deployment stopped because of a StopServiceDeployment request.",
    ),
    **{
        cause: Words(
            rollout=f"ECS deployment failed: {rollout}.",
            going_back=events.ROLLING_BACK_BY_REQUEST,
            event=None,
            status=f"Service deployment rolled back because {status}",
            stopped=f"Service deployment stopped because {status}",
        )
        for cause, rollout, status in (
            # ECS Developer Guide, "Troubleshooting Amazon ECS blue/green deployments".
            (TIMED_OUT, "pause timed out", "{stage} pause hook timed out."),
            (MISCONFIGURED, "invalid networking configuration", "of invalid networking configuration. {objection}"),
            # Not documented.
            (REFUSED, "pause answered with a rollback", "{stage} pause hook was answered with ROLLBACK."),
            (TOO_LONG, "stage lasted too long", "{stage} lasted for more than 24 hours."),
        )
    },
}


def failed(service: Any, at: datetime, cause: str, *, without_candidate: bool) -> None:
    """Record that a deployment was given up, or that the one that should have taken it back was."""
    record = history.latest(service)
    if record is None or not record.ongoing:
        return
    if record.status == "ROLLBACK_IN_PROGRESS":
        record.finish(at, "ROLLBACK_FAILED")
        return
    _note(service, record, cause)
    if without_candidate:
        record.set_out(record.route, source=None, alternate=record.target.alternate, objection=None)
        record.roll_back(at, reason(record, WORDS[cause].status))
    else:
        record.finish(at, "STOPPED", reason(record, WORDS[cause].stopped))


def turned_back(service: Any, at: datetime, cause: str, deployment_id: str | None) -> None:
    """Record that a rollback has begun; ``deployment_id`` is the deployment that starts its tasks, if one has to."""
    record = history.latest(service)
    if record is None:
        return
    _note(service, record, cause)
    record.roll_back(at, reason(record, WORDS[cause].status))
    if record.source is not None and deployment_id is not None:
        record.source.deployments.append(deployment_id)


def completed(service: Any, at: datetime) -> None:
    """Record that the service is what its newest deployment, or the rollback of it, says."""
    record = history.latest(service)
    if record is not None and record.ongoing:
        record.finish(at, "ROLLBACK_SUCCESSFUL" if record.status == "ROLLBACK_IN_PROGRESS" else "SUCCESSFUL")


def reason(record: ServiceDeployment, words: str) -> str:
    """Return a status reason with the names that it has a place for."""
    return words.format(alarms=", ".join(record.triggered), stage=record.stage, objection=record.objection)


def _note(service: Any, record: ServiceDeployment, cause: str) -> None:
    record.note(cause, history.in_alarm(service, record.configuration) if cause == ALARM else ())
