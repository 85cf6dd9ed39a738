"""The execution of a rollout: register, update, watch, record. After a failure it says what is left."""

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.aws.ecs.service_deployments import ServiceDeployment
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.clock import CLOCK, Clock
from workbench.operations.deploys.failure import PutBack, failure
from workbench.operations.deploys.leaving import leaving
from workbench.operations.deploys.ledger import image_document
from workbench.operations.deploys.rollout_plan import RolloutPlan, short
from workbench.operations.deploys.service import Deployable, RolloutAws
from workbench.operations.deploys.shifting.begin import begun_shift
from workbench.operations.deploys.shifting.stages import shift_goes_on
from workbench.operations.deploys.verdict import Began, Outcome
from workbench.operations.deploys.watch import Audience, UndecidedError, watch
from workbench.operations.images.deployed_tags import put_mark


@dataclass(frozen=True, kw_only=True)
class RolledOut:
    """A rollout that is complete and recorded."""

    task_definition_arn: str
    deployment_id: str
    tasks: int
    seconds: float
    shift: ServiceDeployment | None = None
    """The service deployment, if it shifts traffic."""
    goes_on: tuple[str, ...] = ()
    """Lines about a deployment that was watched up to a lifecycle stage only: it is not recorded yet."""


def roll_out(
    plan: RolloutPlan, aws: RolloutAws, *, audience: Audience, put_back: bool = True, clock: Clock = CLOCK
) -> RolledOut:
    """Carry out a rollout, and return when all tasks are healthy, the earlier ones are gone, and it is recorded.

    With ``put_back``, the service gets its earlier revision back after a crash loop. Of a deployment that shifts
    traffic the final status decides; one that is watched up to a lifecycle stage goes on, and is not recorded.

    Raises:
        OperatorError: when another deployment began since the plan was made; nothing is changed then.
        OperationFailedError: when it did not succeed: with what is left, and why.
        OperationInterruptedError: on Ctrl-C: with what goes on.
    """
    started = clock.monotonic()
    _check_unchanged(plan, aws)
    mark(plan, aws, audience)
    if plan.unrecorded is not None:
        aws.ssm.put(plan.deployable.image_parameter, image_document(plan.unrecorded))
    arn = _registered(plan, aws)
    began = _begun(plan, arn, aws, clock)
    with leaving(lambda _: _goes_on(plan, began)):
        try:
            verdict, seen = watch(
                plan.deployable,
                began,
                aws,
                timeout_seconds=plan.timeout_seconds,
                clock=clock,
                audience=audience,
                until=plan.until,
                pauses_count=plan.pauses_count,
            )
        except UndecidedError:
            headline = f"{plan.deployable.name}: not complete after {plan.timeout_seconds:.0f} seconds."
            raise OperationFailedError(headline, *_goes_on(plan, began)) from None
    if seen.service is None or verdict.outcome not in {Outcome.SUCCEEDED, Outcome.REACHED}:
        back = PutBack(enabled=put_back, timeout_seconds=plan.timeout_seconds, clock=clock, audience=audience)
        raise OperationFailedError(*failure(plan.deployable, began, verdict, seen, aws, back=back))
    if plan.images and verdict.outcome is Outcome.SUCCEEDED:
        record(plan.deployable, plan.images, arn, aws)
    return RolledOut(
        task_definition_arn=arn,
        deployment_id=began.deployment_id,
        tasks=seen.service.running_count,
        seconds=clock.monotonic() - started,
        shift=seen.shift,
        goes_on=tuple(_goes_on(plan, began)) if verdict.outcome is Outcome.REACHED else (),
    )


def _check_unchanged(plan: RolloutPlan, aws: RolloutAws) -> None:
    service = aws.ecs.services([plan.deployable.name]).get(plan.deployable.name)
    primary = None if service is None else service.primary
    if primary is None or primary.id != plan.running_deployment_id:
        what = "it was deleted" if primary is None else f"{short(primary.task_definition_arn)} ({primary.id}) began"
        raise OperatorError(
            f"{plan.deployable.name} is left as it is: {what} after this was planned; run the command again"
        )


def mark(plan: RolloutPlan, aws: RolloutAws, audience: Audience) -> None:
    """Tag the images as deployed. Without the permission it prints a note and goes on: the deploy matters more.

    Raises:
        OperationFailedError: when the registry does not do it for another reason; nothing else is changed then.
        OperationInterruptedError: on Ctrl-C, likewise.
    """
    for found in plan.marks:
        with leaving(lambda _: [f"{plan.deployable.name} runs what it ran. Run it again."]):
            try:
                put_mark(found, aws.ecr)
            except AwsError as error:
                if error.reason is not Reason.DENIED:
                    raise
                audience.say(f"{found.container}: the image is not tagged as deployed ({found.tag}): {error}")


def _registered(plan: RolloutPlan, aws: RolloutAws) -> str:
    if plan.is_reused:
        return plan.source_arn
    family = plan.deployable.name
    left = f"{family} runs what it ran; at most a revision is left in its family that nothing uses. Run it again."
    with leaving(lambda _: [left]):
        return aws.task_definitions.register(plan.registered, plan.tags)


def _begun(plan: RolloutPlan, arn: str, aws: RolloutAws, clock: Clock) -> Began:
    name, status = plan.deployable.name, plan.deployable.command("status")

    def left(error: AwsError | None) -> list[str]:
        if error is None or error.reason is Reason.UNREACHABLE:
            return [f"Whether {name} was given {short(arn)} is not known; `{status}` tells."]
        unused = "" if plan.is_reused else f"; {short(arn)} is registered and unused"
        return [f"{name} runs what it ran{unused}. Run it again."]

    with leaving(left):
        service = aws.ecs.restart(name, arn) if plan.is_restart else aws.ecs.deploy(name, arn)
    primary = service.primary
    if primary is None or primary.task_definition_arn != arn:
        by = "nothing" if primary is None else short(primary.task_definition_arn)
        raise OperationFailedError(f"{name}: superseded at once: {by} is wanted, not {short(arn)}; `{status}` tells")
    shift = None
    if plan.strategy.shifts_traffic:
        told = f"{name} was given {short(arn)}; `{status}` shows how it goes."
        with leaving(lambda _: [told]):
            shift = begun_shift(plan.deployable, arn, aws, before=plan.service_deployment_arn, clock=clock)
    return Began(
        deployment_id=primary.id,
        task_definition_arn=arn,
        earlier_arn=plan.earlier_arn,
        settling_seconds=plan.settling_seconds,
        service_deployment_arn=None if shift is None else shift.arn,
    )


def record(deployable: Deployable, images: Mapping[str, str], arn: str, aws: RolloutAws) -> None:
    """Record the images of a deployment that is complete.

    Raises:
        OperationFailedError: when that fails: with what is left.
    """

    def left(_: AwsError | None) -> list[str]:
        return [
            f"{deployable.name} runs {short(arn)}, every task is healthy; but {deployable.image_parameter} "
            "does not say so yet.",
            "The next deploy, rollback or promote puts that right; until then `pulumi up` would put the earlier images "
            "into the template.",
        ]

    with leaving(left):
        aws.ssm.put(deployable.image_parameter, image_document(images))


def _goes_on(plan: RolloutPlan, began: Began) -> list[str]:
    deployable = plan.deployable
    if began.service_deployment_arn is not None:
        return shift_goes_on(deployable, began.task_definition_arn, began.service_deployment_arn)
    if plan.is_restart:
        return [
            f"The restart ({began.deployment_id}) goes on without this command; the earlier tasks stay until it is "
            "complete.",
            f"Follow it with `{deployable.command('status')}`.",
        ]
    return [
        f"{short(began.task_definition_arn)} ({began.deployment_id}) goes on without this command; ECS's circuit "
        "breaker rolls it back if it fails.",
        f"Follow it with `{deployable.command('status')}`, abort it with `{deployable.command('rollback')}`.",
        "Once it is complete, the next deploy, rollback or promote records its images; until then `pulumi up` would "
        "put the earlier ones into the template.",
    ]
