"""The verdict on a deployment that shifts traffic: a pure function of what ECS says of it."""

import math
from collections.abc import Sequence

from workbench.aws.ecs.service_deployments import ServiceDeployment
from workbench.operations.deploys.shifting.stages import has_healthy_tasks, has_reached
from workbench.operations.deploys.verdict import (
    CRASH_LOOP_TASKS,
    Began,
    Outcome,
    Snapshot,
    Verdict,
    deployment_of,
    failures,
)

_FINAL = {
    "SUCCESSFUL": Outcome.SUCCEEDED,
    "ROLLBACK_SUCCESSFUL": Outcome.ROLLED_BACK,
    "ROLLBACK_FAILED": Outcome.FAILED,
    "STOPPED": Outcome.STOPPED,
}


def judge_shift(began: Began, seen: Sequence[Snapshot], *, until: str | None = None) -> Verdict | None:
    """Return the verdict on a service deployment; None while it is open.

    It goes by the status of this service deployment alone: what the service runs says nothing after a rollback, and
    nothing yet while traffic is shifted. With ``until``, it ends at that lifecycle stage too.
    """
    now = seen[-1]
    service, shift = now.service, now.shift
    if service is None or service.status != "ACTIVE" or shift is None or service.primary is None:
        return Verdict(outcome=Outcome.GONE, primary=None)
    primary = service.primary
    outcome = _FINAL.get(shift.status)
    if outcome is Outcome.STOPPED and primary.task_definition_arn != began.task_definition_arn:
        outcome = Outcome.SUPERSEDED
    if outcome is not None:
        return Verdict(outcome=outcome, primary=primary, reason=shift.rollback_reason or shift.reason)
    if until is not None and has_reached(shift, until):
        return Verdict(outcome=Outcome.REACHED, primary=primary)
    if shift.status == "IN_PROGRESS" and _is_crashing(began, now, shift):
        return Verdict(outcome=Outcome.CRASHING, primary=primary)
    return None


def _is_crashing(began: Began, now: Snapshot, shift: ServiceDeployment) -> bool:
    """Tell whether its tasks start and end before all of them were ever healthy.

    The circuit breaker would count them in a rolling deployment, up to half of the tasks that are wanted and at least
    three (ECS Developer Guide, "How the Amazon ECS deployment circuit breaker detects failures"). It is for those only
    (ECS API reference, "DeploymentConfiguration"). Later the alarms tell.
    """
    ours = None if now.service is None else deployment_of(began, now.service)
    if ours is None or has_healthy_tasks(shift):
        return False
    return failures(ours, now.tasks) >= max(CRASH_LOOP_TASKS, math.ceil(ours.desired_count / 2))
