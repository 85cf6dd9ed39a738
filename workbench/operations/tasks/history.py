"""The history of a service: its events, and the tasks that stopped within the last hour, with their reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.aws.ecs.services import Ecs
from workbench.aws.ecs.tasks import EcsTasks, Task, TaskContainer
from workbench.errors import OperatorError
from workbench.operations.times import utc


@dataclass(frozen=True, kw_only=True)
class Happening:
    """An event of a service, or a stopped task."""

    time: datetime
    source: str
    """``service`` or ``task``."""
    id: str
    message: str

    def document(self) -> Mapping[str, Any]:
        """Return a JSON object."""
        return {
            "time": utc(self.time),
            "source": self.source,
            "id": self.id,
            "message": self.message,
        }


class HistoryReader:
    """A reader of a service's history that returns each happening once."""

    def __init__(self, service: str, *, ecs: Ecs, tasks: EcsTasks) -> None:
        self._service = service
        self._ecs = ecs
        self._tasks = tasks
        self._seen: set[str] = set()

    def new(self) -> list[Happening]:
        """Return the happenings since the last reading, the newest last.

        ECS keeps the last hundred events of a service, and stopped tasks for about an hour.

        Raises:
            OperatorError: when there is no such service.
        """
        service = self._ecs.services([self._service]).get(self._service)
        if service is None:
            raise OperatorError(f"service: {self._service} is not in ECS; `pulumi up` makes it")
        happenings = [
            Happening(time=event.created_at, source="service", id=event.id, message=event.message)
            for event in reversed(service.events)
        ]
        for task in self._tasks.of_family(self._service, "STOPPED"):
            # Wanted to stop is not stopped: the reason and the exit codes come with the end.
            if task.stopped_at is not None:
                happenings.append(
                    Happening(time=task.stopped_at, source="task", id=task.id, message=stopped_message(task))
                )
        new = [happening for happening in happenings if happening.id not in self._seen]
        self._seen |= {happening.id for happening in new}
        # Sorting keeps the order of what happened at the same time.
        return sorted(new, key=lambda happening: happening.time)


def stopped_message(task: Task) -> str:
    """Return a line about a stopped task: its reason, and the exit code of each container."""
    starter = f", started by {task.started_by}" if task.started_by else ""
    reason = task.stopped_reason or "no reason given"
    ends = [(container.name, _end(container, reason)) for container in task.containers]
    said = [f"{name}: {end}" for name, end in ends if end]
    return _one_line("; ".join([f"task {task.id} ({task.revision}{starter}) stopped: {reason}", *said]))


def _end(container: TaskContainer, task_reason: str) -> str:
    code = "" if container.exit_code is None else f"exit code {container.exit_code}"
    reason = "" if container.reason in {None, task_reason} else container.reason
    return ", ".join(part for part in (code, reason) if part)


def _one_line(text: str) -> str:
    return " ".join(text.split())
