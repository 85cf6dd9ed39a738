"""Watching a rollout until it is decided."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exponential

from workbench.operations.clock import Clock
from workbench.operations.deploys.service import Deployable, RolloutAws
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
    """How far a rollout is."""

    seconds: float
    running: int
    """Tasks of the new revision."""
    desired: int
    failed: int
    earlier_running: int
    """Tasks of other revisions."""


class Audience(Protocol):
    """Who hears how a rollout goes."""

    def progress(self, progress: Progress, /) -> None:
        """Hear how far it is."""
        ...

    def say(self, line: str, /) -> None:
        """Hear of something unusual."""
        ...


class UndecidedError(Exception):
    """The time that was allowed is over, and the rollout is still under way."""


def watch(
    deployable: Deployable,
    began: Began,
    aws: RolloutAws,
    *,
    timeout_seconds: float,
    clock: Clock,
    audience: Audience,
) -> tuple[Verdict, Snapshot]:
    """Return what became of a deployment, and the last that was seen of it.

    A read that is throttled or gets no answer is made again with growing pauses, for up to
    :data:`WITHOUT_ANSWER_SECONDS`.

    Raises:
        UndecidedError: after ``timeout_seconds``.
        AwsError: when ECS does not let us look, or gave no answer for too long.
    """
    started = clock.monotonic()
    seen: list[Snapshot] = []
    pause = _FIRST_PAUSE_SECONDS
    while True:
        looked = watched(lambda: snapshot(deployable, began, aws), clock, audience)
        seconds = clock.monotonic() - started
        seen.append(replace(looked, seconds=seconds))
        audience.progress(_progress(began, seen[-1], seconds))
        verdict = judge(began, seen)
        if verdict is not None:
            return verdict, seen[-1]
        if seconds >= timeout_seconds:
            raise UndecidedError
        clock.sleep(pause)
        pause = min(pause * _PAUSE_GROWTH, _LONGEST_PAUSE_SECONDS)


def snapshot(deployable: Deployable, began: Began, aws: RolloutAws) -> Snapshot:
    """Return a service and the tasks that our deployment started."""
    service = aws.ecs.services([deployable.name]).get(deployable.name)
    if service is None:
        return Snapshot(service=None)
    tasks = (*aws.tasks.of_service(deployable.name), *aws.tasks.of_service(deployable.name, "STOPPED"))
    return Snapshot(service=service, tasks=tuple(task for task in tasks if task.started_by == began.deployment_id))


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
    )
