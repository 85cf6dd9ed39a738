"""The wait until ECS has returned to the last healthy images, before another rollout.

Until then no deployment of the service is complete, and ECS would have nothing to roll back to.
"""

from dataclasses import replace

from workbench.aws.ecs.services import Deployment
from workbench.errors import OperationFailedError, OperationInterruptedError
from workbench.operations.clock import CLOCK, Clock
from workbench.operations.deploys.checks import RolloutOptions, checked_plan
from workbench.operations.deploys.rollout_plan import RolloutPlan, short
from workbench.operations.deploys.service import Images, RolloutAws, read_situation
from workbench.operations.deploys.watch import Audience, watched

_PAUSE_SECONDS = 5
_SECONDS_BETWEEN_LINES = 60


def awaited(
    plan: RolloutPlan, aws: RolloutAws, options: RolloutOptions, *, audience: Audience, clock: Clock = CLOCK
) -> RolloutPlan:
    """Wait for the deployment that a plan waits for, and return a new plan, made from the state after it.

    Raises:
        OperatorError: with every reason why it cannot be done any more.
        OperationFailedError: when the service is not back in time; nothing is changed then.
        OperationInterruptedError: on Ctrl-C, likewise.
    """
    while plan.waits_for is not None:
        _wait(plan, plan.waits_for, aws, audience, clock)
        plan = _anew(plan, aws, options)
    return plan


def _wait(plan: RolloutPlan, returning: Deployment, aws: RolloutAws, audience: Audience, clock: Clock) -> None:
    name = plan.deployable.name
    what = f"{name} goes back to {short(returning.task_definition_arn)} ({returning.id})"
    began = clock.monotonic()
    said = 0.0
    try:
        while True:
            primary = watched(lambda: _still_returning(plan, returning, aws), clock, audience)
            if primary is None:
                return
            seconds = clock.monotonic() - began
            if seconds >= plan.wait_seconds:
                raise OperationFailedError(
                    f"{what}, and is not there after {seconds:.0f} seconds: nothing was changed.",
                    f"`{plan.deployable.command('status')}` shows how far it is; --force does not wait for it.",
                )
            if seconds >= said:
                audience.say(
                    f"{what}: {primary.running_count} of {primary.desired_count} tasks run, {seconds:.0f} s; "
                    f"waited for {plan.wait_seconds:.0f} s at most, Ctrl-C changes nothing"
                )
                said = seconds + _SECONDS_BETWEEN_LINES
            clock.sleep(_PAUSE_SECONDS)
    except KeyboardInterrupt:
        raise OperationInterruptedError(f"Interrupted: nothing was changed. {what} by itself.") from None


def _still_returning(plan: RolloutPlan, returning: Deployment, aws: RolloutAws) -> Deployment | None:
    """Return the deployment that ECS goes back to; None once it is there, or another one was begun."""
    name = plan.deployable.name
    service = aws.ecs.services([name]).get(name)
    primary = None if service is None else service.primary
    if primary is None or primary.id != returning.id:
        return None
    if plan.service_deployment_arn is not None:
        is_under_way = aws.service_deployments.described(plan.service_deployment_arn).is_returning
    else:
        is_under_way = primary.rollout_state == "IN_PROGRESS"
    return primary if is_under_way else None


def _anew(plan: RolloutPlan, aws: RolloutAws, options: RolloutOptions) -> RolloutPlan:
    deployable = plan.deployable
    situation = read_situation(deployable, aws)
    source = aws.task_definitions.described(plan.source_arn) if plan.is_reused else situation.template
    made = checked_plan(
        deployable,
        situation,
        Images(deployable, aws.ecr),
        aws,
        options,
        wanted=plan.images,
        source=source,
        is_reused=plan.is_reused,
    )
    # A promoted image is called by tags that it is given afterwards.
    return replace(made, changes=plan.changes)
