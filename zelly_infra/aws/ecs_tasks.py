"""Amazon ECS: tasks and their containers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from zelly_infra.aws.batches import batches
from zelly_infra.aws.connection import Connection
from zelly_infra.aws.errors import calling

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_ecs.type_defs import TaskTypeDef

_TASKS_PER_CALL = 100
"""ECS API reference, "DescribeTasks"."""


@dataclass(frozen=True, kw_only=True)
class TaskContainer:
    """One container of a task."""

    name: str
    image: str | None
    status: str
    exit_code: int | None
    """None while it runs, and for one that never started."""
    reason: str | None
    """Why it stopped or could not start, where ECS knows."""
    health: str


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task, running or stopped within the last hour."""

    arn: str
    task_definition_arn: str
    started_by: str | None
    """The id of the deployment that started it; whatever its starter said, for one that was run by hand."""
    status: str
    health: str
    created_at: datetime | None
    stopped_at: datetime | None
    stop_code: str | None
    stopped_reason: str | None
    containers: tuple[TaskContainer, ...]

    @property
    def id(self) -> str:
        """The last part of the ARN, which names the log streams too."""
        return self.arn.rpartition("/")[2]


class EcsTasks:
    """The calls of Amazon ECS on tasks that are used."""

    def __init__(self, connection: Connection, cluster: str) -> None:
        self._client: ECSClient = connection.client("ecs")
        self._cluster = cluster

    def of_service(self, service: str, status: Literal["RUNNING", "STOPPED"] = "RUNNING") -> list[Task]:
        """Return the tasks of a service that are meant to run, or those that stopped within the last hour."""
        arns: list[str] = []
        with calling("ecs:ListTasks", f"service {service}"):
            pages = self._client.get_paginator("list_tasks").paginate(
                cluster=self._cluster, serviceName=service, desiredStatus=status
            )
            for page in pages:
                arns += page["taskArns"]
        return self.described(arns)

    def described(self, arns: Sequence[str]) -> list[Task]:
        """Return tasks by their ARNs; those that ECS has forgotten are left out."""
        tasks: list[Task] = []
        for some in batches(arns, _TASKS_PER_CALL):
            with calling("ecs:DescribeTasks", f"cluster {self._cluster}"):
                answer = self._client.describe_tasks(cluster=self._cluster, tasks=some)
            tasks += [_task(task) for task in answer["tasks"]]
        return tasks


def _task(described: "TaskTypeDef") -> Task:
    return Task(
        arn=described["taskArn"],
        task_definition_arn=described["taskDefinitionArn"],
        started_by=described.get("startedBy"),
        status=described["lastStatus"],
        health=described.get("healthStatus", "UNKNOWN"),
        created_at=described.get("createdAt"),
        stopped_at=described.get("stoppedAt"),
        stop_code=described.get("stopCode"),
        stopped_reason=described.get("stoppedReason"),
        containers=tuple(
            TaskContainer(
                name=container["name"],
                image=container.get("image"),
                status=container.get("lastStatus", "UNKNOWN"),
                exit_code=container.get("exitCode"),
                reason=container.get("reason"),
                health=container.get("healthStatus", "UNKNOWN"),
            )
            for container in described.get("containers", [])
        ),
    )
