"""Evidence of failed tasks: ECS's reasons, and the last log lines of the failed container."""

from collections import Counter
from collections.abc import Sequence

from workbench.aws.ecs.tasks import Task, TaskContainer
from workbench.aws.logs.events import Logs, stream_name
from workbench.aws.shared.errors import AwsError
from workbench.operations.deploys.verdict import failed_tasks

LOG_LINES = 20

_KILLED = frozenset({0, 137, 143})
"""Exit codes of a container that was stopped because of another one: by SIGKILL, by SIGTERM, or after finishing."""


def evidence(tasks: Sequence[Task], *, log_group: str, logs: Logs) -> list[str]:
    """Return the reasons of failed tasks as lines; none if no task failed."""
    failed = failed_tasks(tasks)
    if not failed:
        return []
    reasons = Counter(task.stopped_reason or task.stop_code or "no reason given" for task in failed)
    lines = [f"Stopped {_times(count)}: {_printable(reason)}" for reason, count in reasons.most_common()]
    task = failed[0]
    container = failing_container(task)
    if container is None:
        return lines
    code = "" if container.exit_code is None else f", exit code {container.exit_code}"
    reason = "" if not container.reason else f", {_printable(container.reason)}"
    lines.append(f"Container {container.name} of task {task.id}{code}{reason}")
    return lines + _log_lines(log_group, container, task, logs)


def failing_container(task: Task) -> TaskContainer | None:
    """Return the container that ended a task: the one with a reason, else the one with an exit code."""
    by_itself = [container for container in task.containers if container.exit_code not in _KILLED | {None}]
    explained = [container for container in task.containers if container.reason]
    unhealthy = [container for container in task.containers if container.health == "UNHEALTHY"]
    return next(iter((*explained, *by_itself, *unhealthy, *task.containers)), None)


def _log_lines(log_group: str, container: TaskContainer, task: Task, logs: Logs) -> list[str]:
    stream = stream_name(container.name, task.id)
    try:
        written = logs.last_lines(log_group, stream, LOG_LINES)
    except AwsError as error:
        return [f"Its log could not be read: {error}"]
    if not written:
        return [f"It wrote nothing to {log_group}, {stream}."]
    return [f"The end of its log ({log_group}, {stream}):", *(f"  {_printable(line.message)}" for line in written)]


def _printable(text: str) -> str:
    # What an application writes could move the cursor or recolour the operator's terminal.
    return "".join(character if character.isprintable() else " " for character in text)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
