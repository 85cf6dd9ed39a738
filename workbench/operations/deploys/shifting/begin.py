"""The service deployment that a change of a service began, and the end of one that is rolled back."""

from workbench.aws.ecs.service_deployments import ServiceDeployment
from workbench.errors import OperationFailedError
from workbench.operations.clock import Clock
from workbench.operations.deploys.rollout_plan import short
from workbench.operations.deploys.service import Deployable, RolloutAws
from workbench.operations.deploys.watch import Audience, watched

_PAUSE_SECONDS = 2

LISTED_WITHIN_SECONDS = 60
"""How long a service deployment may take to be listed after the call that began it. From memory: it takes seconds."""


def begun_shift(
    deployable: Deployable, task_definition_arn: str, aws: RolloutAws, *, before: str | None, clock: Clock
) -> ServiceDeployment:
    """Return the service deployment that was begun for a revision; ``before`` is the ARN of the newest one until then.

    Raises:
        OperationFailedError: when it is somebody else's, or none is listed.
    """
    name, began = deployable.name, clock.monotonic()
    while True:
        newest = aws.service_deployments.newest(name)
        if newest is not None and newest.arn != before:
            break
        if clock.monotonic() - began >= LISTED_WITHIN_SECONDS:
            raise OperationFailedError(f"{name}: ECS lists no new service deployment after {LISTED_WITHIN_SECONDS} s")
        clock.sleep(_PAUSE_SECONDS)
    wanted = aws.service_deployments.task_definition_of(newest.target.arn)
    if wanted != task_definition_arn:
        raise OperationFailedError(
            f"{name}: superseded at once by {newest.id}, which is of {short(wanted)}, not {short(task_definition_arn)}"
        )
    return newest


def rolled_back(
    arn: str, aws: RolloutAws, timeout_seconds: float, *, clock: Clock, audience: Audience
) -> ServiceDeployment:
    """Wait until a deployment that is rolled back has its final status, and return it; or as it is when time is up."""
    began = clock.monotonic()
    while True:
        now = watched(lambda: aws.service_deployments.described(arn), clock, audience)
        if not now.is_under_way or clock.monotonic() - began >= timeout_seconds:
            return now
        clock.sleep(_PAUSE_SECONDS)
