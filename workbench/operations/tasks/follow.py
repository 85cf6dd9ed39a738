"""Watching a task until it has stopped, its lines included, the last ones too."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from workbench.aws.ecs.tasks import EcsTasks, Task
from workbench.aws.logs.events import LogLine
from workbench.aws.shared.errors import AwsError
from workbench.errors import OperationFailedError
from workbench.operations.clock import Clock
from workbench.operations.polling import PAUSE_SECONDS, patiently
from workbench.operations.tasks.log_lines import LogReader

QUIET_SECONDS = 6.0
"""How long no line may come after the stop until the log counts as read: the awslogs driver sends every five."""

LONGEST_REST_SECONDS = 60.0
"""How long after the stop lines are read at most."""

UNKNOWN_SECONDS = 60.0
"""How long ECS may not know a task that it has just started: its answers are eventually consistent."""


@dataclass(frozen=True, kw_only=True)
class Watcher:
    """What watching a task needs."""

    tasks: EcsTasks
    reader: LogReader
    clock: Clock
    show: Callable[[LogLine], None]
    """Is given every line, once."""
    say: Callable[[str], None]
    """Is told what the operator may want to know meanwhile."""
    essential: frozenset[str] = frozenset()
    """The task's other containers whose end is the task's."""


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """A task that was watched to its end."""

    task: Task
    cut_short_by: str | None
    """Another container that was seen to end while the watched one still ran."""


def watch(task: Task, container: str, watcher: Watcher, *, timeout_seconds: float | None) -> Stopped:
    """Show a task's lines until it has stopped and its log has been quiet for :data:`QUIET_SECONDS`.

    While AWS throttles or does not answer, watching pauses for longer and longer and goes on.

    Raises:
        OperationFailedError: when the timeout is over, or ECS does not know the task.
        AwsError: when AWS refuses to answer, with the credentials expired for instance.
    """
    clock = watcher.clock
    begun = known = clock.monotonic()
    until = None if timeout_seconds is None else begun + timeout_seconds
    cut_short_by: str | None = None
    while True:
        found = patiently(partial(_look, task.arn, watcher), clock, watcher.say, until=until)
        now = clock.monotonic()
        if found is not None:
            task, known = _noticed(task, found, watcher), now
            cut_short_by = cut_short_by or _ended_first(task, container, watcher.essential)
        if task.status == "STOPPED":
            break
        if now - known >= UNKNOWN_SECONDS:
            raise OperationFailedError(f"ECS does not know task {task.id} any more")
        if until is not None and now >= until:
            raise OperationFailedError(f"--timeout: task {task.id} is {task.status} after {now - begun:.0f} s")
        clock.sleep(PAUSE_SECONDS)
    _read_the_rest(watcher)
    return Stopped(task=task, cut_short_by=cut_short_by)


def _look(arn: str, watcher: Watcher) -> Task | None:
    _show_lines(watcher)
    return next(iter(watcher.tasks.described([arn])), None)


def _show_lines(watcher: Watcher) -> int:
    count = 0
    for line in watcher.reader.new_lines():
        watcher.show(line)
        count += 1
    return count


def _noticed(before: Task, now: Task, watcher: Watcher) -> Task:
    if now.status != before.status:
        watcher.say(f"task {now.id}: {now.status}")
    return now


def _ended_first(task: Task, container: str, essential: frozenset[str]) -> str | None:
    watched = task.container(container)
    if watched is None or watched.status == "STOPPED":
        return None
    return next(
        (other.name for other in task.containers if other.name in essential and other.status == "STOPPED"), None
    )


def _read_the_rest(watcher: Watcher) -> None:
    # The task's end is known by now: what the log says no more must not hide it.
    clock = watcher.clock
    end = clock.monotonic() + LONGEST_REST_SECONDS
    quiet_at = clock.monotonic() + QUIET_SECONDS
    while clock.monotonic() < end:
        try:
            if _show_lines(watcher):
                quiet_at = clock.monotonic() + QUIET_SECONDS
        except AwsError as error:
            watcher.say(str(error))
            # Nothing was read: that is no silence.
            quiet_at = clock.monotonic() + QUIET_SECONDS
        if clock.monotonic() >= quiet_at:
            return
        clock.sleep(1.0)
    watcher.say(f"The log was not quiet within {LONGEST_REST_SECONDS:.0f} s of the stop: last lines may be missing.")
