"""The answers to a deployment that shifts traffic: continue it at a pause, or take it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workbench.aws.ecs.service_deployments import ServiceDeployment
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.clock import CLOCK, Clock
from workbench.operations.deploys.execute import RolledOut, record
from workbench.operations.deploys.failure import PutBack, failure
from workbench.operations.deploys.leaving import leaving
from workbench.operations.deploys.rollout_plan import seconds_allowed, short
from workbench.operations.deploys.service import Deployable, RolloutAws, read_situation
from workbench.operations.deploys.shifting.stages import shift_goes_on, waits, where
from workbench.operations.deploys.verdict import Began, Outcome
from workbench.operations.deploys.watch import Audience, UndecidedError, watch


class Answer(StrEnum):
    """What is asked of ECS."""

    CONTINUE = "continue"
    """To go on at its pause."""
    REFUSE = "refuse"
    """To go back at its pause."""
    STOP = "stop"
    """To go back, wherever it is."""


@dataclass(frozen=True, kw_only=True)
class AnswerPlan:
    """An answer to a deployment that is under way."""

    deployable: Deployable
    answer: Answer
    shift: ServiceDeployment
    deployment_id: str
    """Of the deployment that is wanted, whose tasks are the new ones."""
    task_definition_arn: str
    earlier_arn: str | None
    images: Mapping[str, str]
    """Of the new revision, by container: recorded once it is complete."""
    timeout_seconds: float
    pauses_count: bool
    until: str | None

    @property
    def goes_back(self) -> bool:
        """True if the earlier revision is wanted again."""
        return self.answer is not Answer.CONTINUE

    def lines(self) -> list[str]:
        """Return the plan as lines."""
        shift = self.shift
        lines = [
            f"{self.deployable.name}: {short(self.task_definition_arn)} ({shift.id}) is at {where(shift)}",
            *(f"  it waits {waits(pause)}" for pause in shift.pauses),
        ]
        if shift.is_returning:
            return [*lines, "  it is rolled back already, and is followed"]
        return [*lines, "  it is rolled back" if self.goes_back else "  it goes on"]

    def document(self) -> Mapping[str, Any]:
        """Return the plan as a JSON object."""
        return {
            "service": self.deployable.service,
            "action": "ROLLBACK" if self.goes_back else "CONTINUE",
            "service_deployment": self.shift.id,
            "status": self.shift.status,
            "stage": self.shift.stage,
            "task_definition": short(self.task_definition_arn),
            "images": dict(self.images),
            "pauses": [pause.hook_id for pause in self.shift.pauses],
            "until": self.until,
            "timeout_seconds": self.timeout_seconds,
        }


def plan_answer(
    deployable: Deployable,
    answer: Answer,
    aws: RolloutAws,
    *,
    timeout_seconds: float | None = None,
    until: str | None = None,
) -> AnswerPlan | None:
    """Plan an answer to the deployment that is under way; None where no traffic is being shifted.

    Raises:
        OperatorError: when it waits for no answer.
    """
    situation = read_situation(deployable, aws)
    shift = situation.shift
    if situation.shift_unread:
        raise OperatorError(f"{deployable.name}: {situation.shift_unread}")
    if shift is None or not shift.is_under_way:
        return None
    if answer is not Answer.STOP and not shift.pauses:
        raise OperatorError(
            f"{deployable.name}: {shift.id} waits for nobody, it is at {where(shift)}; "
            f"`{deployable.command('rollback')}` takes it back"
        )
    arn = aws.service_deployments.task_definition_of(shift.target.arn)
    revision = situation.running if situation.running.arn == arn else aws.task_definitions.described(arn)
    earlier = situation.last_completed
    allowed = seconds_allowed(revision.document, shift.strategy)
    return AnswerPlan(
        deployable=deployable,
        answer=answer,
        shift=shift,
        deployment_id=situation.primary.id,
        task_definition_arn=arn,
        earlier_arn=None if earlier is None else earlier.task_definition_arn,
        images={container: revision.images[container] for container in deployable.repositories},
        timeout_seconds=allowed if timeout_seconds is None else timeout_seconds,
        pauses_count=timeout_seconds is not None,
        until=until,
    )


def give(plan: AnswerPlan, aws: RolloutAws, *, audience: Audience, clock: Clock = CLOCK) -> RolledOut:
    """Answer, and return when the deployment has come to the end that was asked for.

    One that goes on to its end is recorded.

    Raises:
        OperationFailedError: when it came to another end: with what is left, and why.
        OperationInterruptedError: on Ctrl-C: with what goes on.
    """
    deployable, name, started = plan.deployable, plan.deployable.name, clock.monotonic()
    _ask(plan, aws)
    began = Began(
        deployment_id=plan.deployment_id,
        task_definition_arn=plan.task_definition_arn,
        earlier_arn=plan.earlier_arn,
        settling_seconds=0,
        service_deployment_arn=plan.shift.arn,
    )
    with leaving(lambda _: [*_goes_on(plan)]):
        try:
            verdict, seen = watch(
                deployable,
                began,
                aws,
                timeout_seconds=plan.timeout_seconds,
                clock=clock,
                audience=audience,
                until=plan.until,
                pauses_count=plan.pauses_count,
            )
        except UndecidedError:
            headline = f"{name}: not complete after {plan.timeout_seconds:.0f} seconds."
            raise OperationFailedError(headline, *_goes_on(plan)) from None
    done = {Outcome.ROLLED_BACK} if plan.goes_back else {Outcome.SUCCEEDED, Outcome.REACHED}
    if verdict.outcome is Outcome.SUCCEEDED and verdict.outcome not in done:
        raise OperationFailedError(f"{name}: {short(plan.task_definition_arn)} was complete before it was rolled back")
    if seen.service is None or verdict.primary is None or verdict.outcome not in done:
        back = PutBack(enabled=True, timeout_seconds=plan.timeout_seconds, clock=clock, audience=audience)
        raise OperationFailedError(*failure(deployable, began, verdict, seen, aws, back=back))
    if verdict.outcome is Outcome.SUCCEEDED and plan.images:
        record(deployable, plan.images, plan.task_definition_arn, aws)
    return RolledOut(
        task_definition_arn=verdict.primary.task_definition_arn,
        deployment_id=verdict.primary.id,
        tasks=seen.service.running_count,
        seconds=clock.monotonic() - started,
        shift=seen.shift,
        goes_on=_goes_on(plan) if verdict.outcome is Outcome.REACHED else (),
    )


def _goes_on(plan: AnswerPlan) -> tuple[str, ...]:
    return tuple(shift_goes_on(plan.deployable, plan.task_definition_arn, plan.shift.arn))


def _ask(plan: AnswerPlan, aws: RolloutAws) -> None:
    name, status = plan.deployable.name, plan.deployable.command("status")

    def left(error: AwsError | None) -> list[str]:
        if error is None or error.reason is Reason.UNREACHABLE:
            return [f"Whether ECS was asked is not known; `{status}` tells."]
        return [f"{name} goes on as before; `{status}` shows how."]

    with leaving(left):
        if plan.shift.is_returning:
            return
        if plan.answer is Answer.STOP:
            aws.service_deployments.roll_back(plan.shift.arn)
            return
        for pause in plan.shift.pauses:
            aws.service_deployments.answer_pause(plan.shift.arn, pause, "ROLLBACK" if plan.goes_back else "CONTINUE")
