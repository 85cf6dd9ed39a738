"""The watch over a rollout until it is decided."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exponential

from workbench.aws.ecs.service_deployments import ServiceDeployment
from workbench.operations.clock import Clock
from workbench.operations.deploys.service import Deployable, RolloutAws
from workbench.operations.deploys.shifting.stages import pause_line
from workbench.operations.deploys.shifting.verdict import judge_shift
from workbench.operations.deploys.verdict import Began, Snapshot, Verdict, deployment_of, failures, judge
from workbench.operations.polling import passes

T = TypeVar("T")

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 5
_PAUSE_GROWTH = 1.5
"""At first often, for what fails at once; later ECS itself takes minutes."""

WITHOUT_ANSWER_SECONDS = 300
"""How long a lost connection, or a throttled one, is waited for."""

_LONGEST_RETRY_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The progress of a rollout."""

    seconds: float
    running: int
    """Tasks of the new revision."""
    desired: int
    failed: int
    earlier_running: int
    """Tasks of other revisions."""
    shift: ServiceDeployment | None = None
    """The service deployment, if it shifts traffic."""


class Audience(Protocol):
    """A listener to a rollout."""

    def progress(self, progress: Progress, /) -> None:
        """Take the progress."""
        ...

    def say(self, line: str, /) -> None:
        """Take a line about something unusual."""
        ...


class UndecidedError(Exception):
    """The rollout is still under way after the time that was allowed."""


def watch(
    deployable: Deployable,
    began: Began,
    aws: RolloutAws,
    *,
    timeout_seconds: float,
    clock: Clock,
    audience: Audience,
    until: str | None = None,
    pauses_count: bool = True,
) -> tuple[Verdict, Snapshot]:
    """Watch a deployment until it is decided, and return the verdict and the last snapshot.

    One that shifts traffic is also decided at the lifecycle stage ``until``. Unless ``pauses_count``, the time at its
    pauses is none of ``timeout_seconds``: they end by themselves.

    A read that is throttled or gets no answer is made again with growing pauses, for up to
    :data:`WITHOUT_ANSWER_SECONDS`.

    Raises:
        UndecidedError: after ``timeout_seconds``.
        AwsError: when ECS does not let us look, or gave no answer for too long.
    """
    started = clock.monotonic()
    seen: list[Snapshot] = []
    pause = _FIRST_PAUSE_SECONDS
    paused = _Paused(deployable, audience)
    while True:
        looked = watched(lambda: snapshot(deployable, began, aws), clock, audience)
        seconds = clock.monotonic() - started
        seen.append(replace(looked, seconds=seconds))
        audience.progress(_progress(began, seen[-1], seconds))
        verdict = judge(began, seen) if began.service_deployment_arn is None else judge_shift(began, seen, until=until)
        if verdict is not None:
            return verdict, seen[-1]
        paused.see(seen)
        if seconds - (0 if pauses_count else paused.seconds) >= timeout_seconds:
            raise UndecidedError
        clock.sleep(pause)
        pause = min(pause * _PAUSE_GROWTH, _LONGEST_PAUSE_SECONDS)


@dataclass
class _Paused:
    """The pauses of a deployment: each is told once, and their time is counted."""

    deployable: Deployable
    audience: Audience
    seconds: float = 0
    told: set[str] = field(default_factory=set[str])

    def see(self, seen: Sequence[Snapshot]) -> None:
        """Look at the newest snapshot."""
        shift = seen[-1].shift
        if shift is None or not shift.pauses:
            return
        self.seconds += seen[-1].seconds - (seen[-2].seconds if len(seen) > 1 else 0)
        for pause in shift.pauses:
            if pause.hook_id not in self.told:
                self.told.add(pause.hook_id)
                self.audience.say(pause_line(self.deployable, shift, pause))


def snapshot(deployable: Deployable, began: Began, aws: RolloutAws) -> Snapshot:
    """Return a service and the tasks that our deployment started."""
    arn = began.service_deployment_arn
    # First: what a service runs is known to be what a final status has left of it.
    shift = None if arn is None else aws.service_deployments.described(arn)
    service = aws.ecs.services([deployable.name]).get(deployable.name)
    if service is None:
        return Snapshot(service=None)
    tasks = (*aws.tasks.of_service(deployable.name), *aws.tasks.of_service(deployable.name, "STOPPED"))
    return Snapshot(
        service=service,
        tasks=tuple(task for task in tasks if task.started_by == began.deployment_id),
        shift=shift,
    )


def watched(read: Callable[[], T], clock: Clock, audience: Audience) -> T:
    """Return what a read brings, made again for :data:`WITHOUT_ANSWER_SECONDS` while it is throttled or unanswered."""
    started = clock.monotonic()

    def said(state: RetryCallState) -> None:
        if state.attempt_number == 1 and state.outcome is not None:
            audience.say(f"{state.outcome.exception()}; still watching")

    return Retrying(
        retry=retry_if_exception(passes),
        wait=wait_exponential(max=_LONGEST_RETRY_SECONDS),
        stop=lambda _: clock.monotonic() - started >= WITHOUT_ANSWER_SECONDS,
        sleep=clock.sleep,
        before_sleep=said,
        reraise=True,
    )(read)


def _progress(began: Began, seen: Snapshot, seconds: float) -> Progress:
    service = seen.service
    ours = None if service is None else deployment_of(began, service)
    others = 0 if service is None else sum(known.running_count for known in service.deployments if known is not ours)
    return Progress(
        seconds=seconds,
        running=0 if ours is None else ours.running_count,
        desired=0 if ours is None else ours.desired_count,
        failed=0 if ours is None else failures(ours, seen.tasks),
        earlier_running=others,
        shift=seen.shift,
    )
