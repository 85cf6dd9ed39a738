"""The execution of a rollout: register, update, watch, record. After a failure it says what is left."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from workbench.aws.shared.errors import AwsError, Reason
from workbench.counting import counted
from workbench.errors import OperationFailedError, OperationInterruptedError, OperatorError
from workbench.operations.clock import CLOCK, Clock
from workbench.operations.deploys.evidence import evidence
from workbench.operations.deploys.ledger import image_document
from workbench.operations.deploys.rollout_plan import RolloutPlan, short
from workbench.operations.deploys.service import RolloutAws
from workbench.operations.deploys.verdict import Began, Outcome, Snapshot, Verdict, failed_tasks
from workbench.operations.deploys.watch import Audience, UndecidedError, watch
from workbench.operations.images.deployed_tags import put_mark
from workbench.operations.times import utc


@dataclass(frozen=True, kw_only=True)
class RolledOut:
    """A rollout that is complete and recorded."""

    task_definition_arn: str
    deployment_id: str
    tasks: int
    seconds: float


def roll_out(
    plan: RolloutPlan, aws: RolloutAws, *, audience: Audience, put_back: bool = True, clock: Clock = CLOCK
) -> RolledOut:
    """Carry out a rollout, and return when all tasks are healthy, the earlier ones are gone, and it is recorded.

    With ``put_back``, the service gets its earlier revision back after a crash loop.

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
    began = _begun(plan, arn, aws)
    with _leaving(lambda _: _goes_on(plan, began)):
        try:
            verdict, seen = watch(
                plan.deployable, began, aws, timeout_seconds=plan.timeout_seconds, clock=clock, audience=audience
            )
        except UndecidedError:
            headline = f"{plan.deployable.name}: not complete after {plan.timeout_seconds:.0f} seconds."
            raise OperationFailedError(headline, *_goes_on(plan, began)) from None
    if verdict.outcome is not Outcome.SUCCEEDED or seen.service is None:
        raise OperationFailedError(*_failure(plan, began, verdict, seen, aws, put_back=put_back))
    if plan.images:
        _record(plan, arn, aws)
    return RolledOut(
        task_definition_arn=arn,
        deployment_id=began.deployment_id,
        tasks=seen.service.running_count,
        seconds=clock.monotonic() - started,
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
        with _leaving(lambda _: [f"{plan.deployable.name} runs what it ran. Run it again."]):
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
    with _leaving(lambda _: [left]):
        return aws.task_definitions.register(plan.registered, plan.tags)


def _begun(plan: RolloutPlan, arn: str, aws: RolloutAws) -> Began:
    name, status = plan.deployable.name, plan.deployable.command("status")

    def left(error: AwsError | None) -> list[str]:
        if error is None or error.reason is Reason.UNREACHABLE:
            return [f"Whether {name} was given {short(arn)} is not known; `{status}` tells."]
        unused = "" if plan.is_reused else f"; {short(arn)} is registered and unused"
        return [f"{name} runs what it ran{unused}. Run it again."]

    with _leaving(left):
        service = aws.ecs.restart(name, arn) if plan.is_restart else aws.ecs.deploy(name, arn)
    primary = service.primary
    if primary is None or primary.task_definition_arn != arn:
        by = "nothing" if primary is None else short(primary.task_definition_arn)
        raise OperationFailedError(f"{name}: superseded at once: {by} is wanted, not {short(arn)}; `{status}` tells")
    return Began(
        deployment_id=primary.id,
        task_definition_arn=arn,
        earlier_arn=plan.earlier_arn,
        settling_seconds=plan.settling_seconds,
    )


def _record(plan: RolloutPlan, arn: str, aws: RolloutAws) -> None:
    def left(_: AwsError | None) -> list[str]:
        return [
            f"{plan.deployable.name} runs {short(arn)}, every task is healthy; but {plan.deployable.image_parameter} "
            "does not say so yet.",
            "The next deploy, rollback or promote puts that right; until then `pulumi up` would put the earlier images "
            "into the template.",
        ]

    with _leaving(left):
        aws.ssm.put(plan.deployable.image_parameter, image_document(plan.images))


def _failure(
    plan: RolloutPlan, began: Began, verdict: Verdict, seen: Snapshot, aws: RolloutAws, *, put_back: bool
) -> list[str]:
    name, ours, primary = plan.deployable.name, short(began.task_definition_arn), verdict.primary
    wanted = "nothing" if primary is None else short(primary.task_definition_arn)
    because = f" ({verdict.reason.rstrip('.')})" if verdict.reason else ""
    status = plan.deployable.command("status")
    match verdict.outcome:
        case Outcome.SUPERSEDED:
            return [
                f"{name}: {ours} was superseded by {wanted}{_since(verdict)}, which somebody else asked for.",
                f"This command recorded nothing; `{status}` shows how the other one goes.",
            ]
        case Outcome.ROLLED_BACK:
            lines = [f"{name}: {ours} failed and was rolled back; {wanted} is wanted again{because}."]
        case Outcome.FAILED:
            lines = [f"{name}: {ours} failed, and ECS starts no more tasks of it{because}; nothing was rolled back."]
        case Outcome.CRASHING:
            lines = [
                f"{name}: {ours} does not stay up: {counted(len(failed_tasks(seen.tasks)), 'task')} failed.",
                *_put_back(plan, began, aws, put_back=put_back),
            ]
        case _:
            return [f"{name} was deleted while {ours} was rolled out."]
    return [*lines, *evidence(seen.tasks, log_group=plan.deployable.log_group, logs=aws.logs)]


def _since(verdict: Verdict) -> str:
    primary = verdict.primary
    return "" if primary is None else f" ({primary.id}, since {utc(primary.created_at)})"


def _put_back(plan: RolloutPlan, began: Began, aws: RolloutAws, *, put_back: bool) -> list[str]:
    """Give the service its earlier revision back, and return lines about it."""
    name, earlier = plan.deployable.name, began.earlier_arn
    if earlier is None:
        return ["There is no earlier revision that ran: deploy another image."]
    if not put_back:
        return ["It is left so (--no-rollback); ECS's circuit breaker may still roll it back."]
    back = plan.deployable.command("rollback", "--to", earlier.rpartition(":")[2])
    try:
        service = aws.ecs.services([name]).get(name)
        if service is None or service.primary is None or service.primary.id != began.deployment_id:
            return ["Another deployment was begun meanwhile, so that nothing was put back."]
        aws.ecs.deploy(name, earlier)
    except AwsError as error:
        return [f"{short(earlier)} could not be put back: {error}", f"Do it with `{back}`."]
    return [f"{short(earlier)} is wanted again; `{plan.deployable.command('status')}` shows how far it is."]


def _goes_on(plan: RolloutPlan, began: Began) -> list[str]:
    deployable = plan.deployable
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


@contextmanager
def _leaving(left: Callable[[AwsError | None], Sequence[str]]) -> Generator[None]:
    """Add what is left to the error, if the block fails or is interrupted."""
    try:
        yield
    except AwsError as error:
        raise OperationFailedError(str(error), *left(error)) from None
    except KeyboardInterrupt:
        raise OperationInterruptedError("Interrupted.", *left(None)) from None
