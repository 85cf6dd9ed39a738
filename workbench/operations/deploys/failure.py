"""What came of a rollout that did not succeed, and what is left, in words."""

from dataclasses import dataclass

from workbench.aws.ecs.service_deployments import ServiceDeployment
from workbench.aws.shared.errors import AwsError
from workbench.counting import counted
from workbench.operations.clock import Clock
from workbench.operations.deploys.evidence import evidence
from workbench.operations.deploys.rollout_plan import short
from workbench.operations.deploys.service import Deployable, RolloutAws
from workbench.operations.deploys.shifting.begin import rolled_back
from workbench.operations.deploys.shifting.stages import where
from workbench.operations.deploys.verdict import Began, Outcome, Snapshot, Verdict, failed_tasks
from workbench.operations.deploys.watch import Audience
from workbench.operations.times import utc


@dataclass(frozen=True, kw_only=True)
class PutBack:
    """The way in which a service gets its earlier revision back after a crash loop."""

    enabled: bool
    timeout_seconds: float
    """How long traffic that is shifted back is waited for."""
    clock: Clock
    audience: Audience


def failure(
    deployable: Deployable, began: Began, verdict: Verdict, seen: Snapshot, aws: RolloutAws, *, back: PutBack
) -> list[str]:
    """Return lines about a rollout that did not succeed. After a crash loop it puts the earlier revision back."""
    name, ours, primary = deployable.name, short(began.task_definition_arn), verdict.primary
    wanted = "nothing" if primary is None else short(primary.task_definition_arn)
    because = f" ({verdict.reason.rstrip('.')})" if verdict.reason else ""
    status = deployable.command("status")
    match verdict.outcome:
        case Outcome.SUPERSEDED:
            return [
                f"{name}: {ours} was superseded by {wanted}{_since(verdict)}, which somebody else asked for.",
                f"This command recorded nothing; `{status}` shows how the other one goes.",
            ]
        case Outcome.STOPPED if seen.shift is not None:
            return [
                f"{name}: {ours} was stopped where it was{because}: {where(seen.shift)}.",
                f"This command recorded nothing; `{status}` shows what runs, the next deploy replaces it.",
            ]
        case Outcome.ROLLED_BACK:
            lines = [f"{name}: {ours} failed and was rolled back; {wanted} is wanted again{because}."]
        case Outcome.FAILED if seen.shift is not None:
            lines = [f"{name}: {ours} failed, and could not be rolled back{because}; `{status}` shows what runs."]
        case Outcome.FAILED:
            lines = [f"{name}: {ours} failed, and ECS starts no more tasks of it{because}; nothing was rolled back."]
        case Outcome.CRASHING:
            lines = [
                f"{name}: {ours} does not stay up: {counted(len(failed_tasks(seen.tasks)), 'task')} failed.",
                *(
                    _put_back(deployable, began, aws, back)
                    if seen.shift is None
                    else _shift_back(deployable, began, seen.shift, aws, back)
                ),
            ]
        case _:
            return [f"{name} was deleted while {ours} was rolled out."]
    return [*lines, *evidence(seen.tasks, log_group=deployable.log_group, logs=aws.logs)]


def _since(verdict: Verdict) -> str:
    primary = verdict.primary
    return "" if primary is None else f" ({primary.id}, since {utc(primary.created_at)})"


def _put_back(deployable: Deployable, began: Began, aws: RolloutAws, back: PutBack) -> list[str]:
    """Give a service its earlier revision back, and return lines about it."""
    name, earlier = deployable.name, began.earlier_arn
    if earlier is None:
        return ["There is no earlier revision that ran: deploy another image."]
    if not back.enabled:
        return ["It is left so (--no-rollback); ECS's circuit breaker may still roll it back."]
    command = deployable.command("rollback", "--to", earlier.rpartition(":")[2])
    try:
        service = aws.ecs.services([name]).get(name)
        if service is None or service.primary is None or service.primary.id != began.deployment_id:
            return ["Another deployment was begun meanwhile, so that nothing was put back."]
        aws.ecs.deploy(name, earlier)
    except AwsError as error:
        return [f"{short(earlier)} could not be put back: {error}", f"Do it with `{command}`."]
    return [f"{short(earlier)} is wanted again; `{deployable.command('status')}` shows how far it is."]


def _shift_back(
    deployable: Deployable, began: Began, shift: ServiceDeployment, aws: RolloutAws, back: PutBack
) -> list[str]:
    """Take a deployment that shifts traffic back, and return lines about it."""
    rollback, status = deployable.command("rollback"), deployable.command("status")
    if began.earlier_arn is None:
        return ["There is no earlier revision that ran: deploy another image."]
    if not back.enabled:
        return [f"It is left so (--no-rollback); `{rollback}` takes it back."]
    try:
        aws.service_deployments.roll_back(shift.arn)
        now = rolled_back(shift.arn, aws, back.timeout_seconds, clock=back.clock, audience=back.audience)
    except AwsError as error:
        return [f"It could not be rolled back: {error}", f"Do it with `{rollback}`."]
    if now.is_under_way:
        return [f"It is being rolled back; `{status}` shows how far it is."]
    if now.status == "ROLLBACK_SUCCESSFUL":
        return [f"It was rolled back; {short(began.earlier_arn)} is wanted again."]
    return [f"It could not be rolled back: {now.reason or now.status}", f"`{status}` shows what runs."]
