"""The verdict on a rollout: a pure function of the snapshots of a service and its tasks, the newest last."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from workbench.aws.ecs.service_deployments import ServiceDeployment
from workbench.aws.ecs.services import Deployment, Service
from workbench.aws.ecs.tasks import Task
from workbench.operations.deploys.service import CIRCUIT_BREAKER

CRASH_LOOP_TASKS = 3
"""After so many failed tasks, none of which was ever healthy, nobody waits any longer. The circuit breaker's own
smallest threshold is 3 too (ECS Developer Guide, "Amazon ECS deployment circuit breaker"), but it does not count a task
that ran first and has no health check."""

_FAILED_BY_ITSELF = frozenset({"TaskFailedToStart", "EssentialContainerExited"})
"""Stop codes. The others (a person, the scheduler, a Spot interruption) say nothing about the image."""

_FAILED_CHECKS = "Task failed "
"""How ECS begins the reason of a task that it stopped because a health check failed; the code is the scheduler's."""


class Outcome(StrEnum):
    """The outcomes of a deployment."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """ECS gave it up, and there was nothing to roll back to."""
    ROLLED_BACK = "rolled back"
    """ECS gave it up and runs the revision from before."""
    SUPERSEDED = "superseded"
    """Somebody wants another revision now."""
    CRASHING = "crashing"
    """It starts and ends, without hope."""
    STOPPED = "stopped"
    """Somebody stopped it where it was: what ran before may run beside it."""
    REACHED = "reached"
    """It goes on, and is at the lifecycle stage up to which it was to be watched."""
    GONE = "gone"
    """The service was deleted."""


@dataclass(frozen=True, kw_only=True)
class Began:
    """The deployment that is watched."""

    deployment_id: str
    task_definition_arn: str
    earlier_arn: str | None
    """The revision that ECS rolls back to: that of the last completed deployment; None: there is none."""
    settling_seconds: float
    """How long its tasks have to stay up after ECS calls it complete."""
    service_deployment_arn: str | None = None
    """Of one that shifts traffic; None for a rolling one."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A service and the tasks of our deployment, at one moment."""

    service: Service | None
    tasks: tuple[Task, ...] = ()
    """Those that run, and those that stopped within the last hour."""
    seconds: float = 0
    """When, from the beginning on."""
    shift: ServiceDeployment | None = None
    """Our service deployment, if it shifts traffic."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The outcome of our deployment, and the revision that is wanted now."""

    outcome: Outcome
    primary: Deployment | None
    """The deployment that is wanted now."""
    reason: str = ""
    """ECS's own words about ours, where it has some."""


def judge(began: Began, seen: Sequence[Snapshot]) -> Verdict | None:
    """Return the verdict on a deployment; None while it is open.

    The deployment is identified by its id: after a rollback another one is the primary, and completes too.
    """
    now = seen[-1]
    service = now.service
    if service is None or service.status != "ACTIVE" or (primary := service.primary) is None:
        return Verdict(outcome=Outcome.GONE, primary=None)
    ours = deployment_of(began, service)
    if ours is None or ours.id != primary.id:
        return _replaced(began, ours, primary)
    if ours.rollout_state == "COMPLETED":
        return _settled(began, primary, seen)
    if ours.rollout_state == "FAILED":
        return Verdict(outcome=Outcome.FAILED, primary=primary, reason=ours.rollout_reason)
    if _is_crashing(ours, seen):
        return Verdict(outcome=Outcome.CRASHING, primary=primary)
    return None


def deployment_of(began: Began, service: Service) -> Deployment | None:
    """Return our deployment; None once ECS has forgotten it."""
    return next((deployment for deployment in service.deployments if deployment.id == began.deployment_id), None)


def failed_tasks(tasks: Sequence[Task]) -> list[Task]:
    """Return the tasks that failed by themselves or by their health checks, the newest first."""
    failed = [
        task
        for task in tasks
        if task.stop_code in _FAILED_BY_ITSELF or (task.stopped_reason or "").startswith(_FAILED_CHECKS)
    ]
    return sorted(failed, key=lambda task: (task.stopped_at is not None, task.stopped_at, task.arn), reverse=True)


def failures(ours: Deployment, tasks: Sequence[Task]) -> int:
    """Return the number of failed tasks: ECS's count or the number that was seen, whichever is greater."""
    return max(ours.failed_tasks, len(failed_tasks(tasks)))


def _settled(began: Began, primary: Deployment, seen: Sequence[Snapshot]) -> Verdict | None:
    """Tell whether the tasks of a complete deployment stay up, if they have no check to pass."""
    since = next(snapshot for snapshot in seen if _is_complete(began, snapshot))
    if len(failed_tasks(seen[-1].tasks)) > len(failed_tasks(since.tasks)):
        return Verdict(outcome=Outcome.CRASHING, primary=primary)
    if seen[-1].seconds - since.seconds < began.settling_seconds:
        return None
    return Verdict(outcome=Outcome.SUCCEEDED, primary=primary)


def _is_complete(began: Began, snapshot: Snapshot) -> bool:
    ours = None if snapshot.service is None else deployment_of(began, snapshot.service)
    return ours is not None and ours.rollout_state == "COMPLETED"


def _replaced(began: Began, ours: Deployment | None, primary: Deployment) -> Verdict:
    if primary.task_definition_arn == began.earlier_arn or (ours is not None and ours.rollout_state == "FAILED"):
        said = primary.rollout_reason if ours is None else ours.rollout_reason
        # Of a rollback that is complete ECS only says that it is.
        reason = said if CIRCUIT_BREAKER in said else ""
        return Verdict(outcome=Outcome.ROLLED_BACK, primary=primary, reason=reason)
    return Verdict(outcome=Outcome.SUPERSEDED, primary=primary)


def _is_crashing(ours: Deployment, seen: Sequence[Snapshot]) -> bool:
    # A task without a health check is never called healthy: as long as one runs it may yet be the one that stays.
    ever_healthy = any(task.health == "HEALTHY" for snapshot in seen for task in snapshot.tasks)
    return not ever_healthy and ours.running_count == 0 and failures(ours, seen[-1].tasks) >= CRASH_LOOP_TASKS
