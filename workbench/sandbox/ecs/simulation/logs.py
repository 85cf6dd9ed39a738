"""The lines that containers write into CloudWatch Logs."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend

from workbench.sandbox.ecs.simulation.tasks import course_of

_OPTIONS = ("awslogs-group", "awslogs-region", "awslogs-stream-prefix")


def write(task: Any, definition: Any, at: datetime) -> None:
    """Write what the task's containers that have started by then have to say, each once."""
    course = course_of(task)
    for container in definition.container_definitions:
        name = container["name"]
        starts_at = course.life.containers[name].starts_at
        if name in course.logged or starts_at is None or starts_at > at:
            continue
        course.logged.add(name)
        if course.life.end is None or starts_at <= course.life.end.at:
            _write_container(task, container, course.log_lines[name], starts_at)


def _write_container(task: Any, container: Mapping[str, Any], lines: Sequence[str], starts_at: datetime) -> None:
    configuration: Mapping[str, Any] = container.get("logConfiguration") or {}
    options: Mapping[str, str] = configuration.get("options") or {}
    if not lines or configuration.get("logDriver") != "awslogs" or not all(option in options for option in _OPTIONS):
        return
    group, region, prefix = (options[option] for option in _OPTIONS)
    logs: Any = get_backend("logs")[task._account_id][region]
    if group not in logs.groups:
        return
    stream = f"{prefix}/{container['name']}/{task.id}"
    logs.ensure_log_stream(group, stream)
    milliseconds = int(starts_at.replace(tzinfo=UTC).timestamp() * 1000)
    events = [{"timestamp": milliseconds, "message": line} for line in lines]
    logs.put_log_events(group, stream, events)
