"""Amazon ECS: tasks and their containers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from workbench.aws.ecs.services import suppress_absent_cluster
from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, Reason, calling
from workbench.batches import batches

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_ecs.type_defs import (
        AwsVpcConfigurationOutputTypeDef,
        CapacityProviderStrategyItemTypeDef,
        ContainerTypeDef,
        ServiceTypeDef,
        TaskTypeDef,
    )

_TASKS_PER_CALL = 100
"""ECS API reference, "DescribeTasks"."""

_EXECUTE_COMMAND_AGENT = "ExecuteCommandAgent"
"""ECS API reference, "ManagedAgent"."""

DesiredStatus = Literal["RUNNING", "STOPPED"]
"""What is wanted of a task; one that is still starting is wanted to run."""


@dataclass(frozen=True, kw_only=True)
class CapacityProvider:
    """A share of the tasks on one kind of capacity."""

    name: str
    weight: int
    base: int


@dataclass(frozen=True, kw_only=True)
class Placement:
    """The settings with which a service starts its tasks; a task for a single command takes the same."""

    task_definition_arn: str
    """The revision that runs: the wanted one, or the one before it while that is still being rolled out."""
    rolling_out: bool
    """Whether another revision than that is wanted."""
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]
    assign_public_ip: Literal["ENABLED", "DISABLED"]
    capacity_providers: tuple[CapacityProvider, ...]
    """Empty: the cluster's own."""
    enable_execute_command: bool


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
    runtime_id: str | None = None
    """What Session Manager knows it by; None before it runs."""
    execute_command_agent: str | None = None
    """``RUNNING`` once ECS Exec can reach it, ``PENDING`` or ``STOPPED``; None: ECS Exec is off."""


@dataclass(frozen=True, kw_only=True)
class ExecuteCommandSession:
    """A session that Session Manager's plugin can connect to once."""

    id: str
    stream_url: str
    token: str = field(repr=False)
    """Lets its holder in."""


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
    execute_command: bool = False
    """Whether it was started with ECS Exec."""

    @property
    def id(self) -> str:
        """The last part of the ARN, which names the log streams too."""
        return self.arn.rpartition("/")[2]

    @property
    def revision(self) -> str:
        """The task definition as ``family:revision``."""
        return self.task_definition_arn.rpartition("/")[2]

    def container(self, name: str) -> TaskContainer | None:
        """Return one of its containers; None when it has none of that name."""
        return next((container for container in self.containers if container.name == name), None)


class EcsTasks:
    """The calls of Amazon ECS on tasks that are used."""

    def __init__(self, connection: Connection, cluster: str) -> None:
        self._client: ECSClient = connection.client("ecs")
        # Every call of ExecuteCommand opens another session.
        self._unrepeatable: ECSClient = connection.client("ecs", repeatable=False)
        self._cluster = cluster

    def placement_of(self, service: str) -> Placement | None:
        """Return the settings with which a service starts its tasks; None when there is no such service."""
        with suppress_absent_cluster(), calling("ecs:DescribeServices", f"service {service}"):
            answer = self._client.describe_services(cluster=self._cluster, services=[service])
            return next((_placement(found) for found in answer["services"] if found["status"] == "ACTIVE"), None)
        return None

    def of_service(self, service: str, status: DesiredStatus = "RUNNING") -> list[Task]:
        """Return the tasks of a service that are meant to run, or those that stopped within the last hour."""
        return self._listed(f"service {service}", {"serviceName": service, "desiredStatus": status})

    def of_family(self, family: str, status: DesiredStatus = "RUNNING") -> list[Task]:
        """Return the same of every revision: the services' tasks, and those that somebody ran beside them."""
        return self._listed(f"task definition {family}", {"family": family, "desiredStatus": status})

    def _listed(self, target: str, selection: Mapping[str, Any]) -> list[Task]:
        arns: list[str] = []
        with suppress_absent_cluster(), calling("ecs:ListTasks", target):
            for page in self._client.get_paginator("list_tasks").paginate(cluster=self._cluster, **selection):
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

    def run(
        self, placement: Placement, *, container: str, command: Sequence[str], started_by: str, client_token: str
    ) -> Task:
        """Start one task beside the service, in which one container runs another command.

        ECS starts one task per ``client_token``, however often the call is made (ECS API reference, "Ensuring
        idempotency"), so that a lost call may be made again.

        Raises:
            AwsError: also when ECS takes the request and starts nothing, for want of capacity for example.
        """
        target = f"task definition {placement.task_definition_arn.rpartition('/')[2]}"
        strategy: list[CapacityProviderStrategyItemTypeDef] = [
            {"capacityProvider": provider.name, "weight": provider.weight, "base": provider.base}
            for provider in placement.capacity_providers
        ]
        with calling("ecs:RunTask", target):
            answer = self._client.run_task(
                cluster=self._cluster,
                taskDefinition=placement.task_definition_arn,
                count=1,
                capacityProviderStrategy=strategy,
                networkConfiguration={
                    "awsvpcConfiguration": {
                        "subnets": list(placement.subnets),
                        "securityGroups": list(placement.security_groups),
                        "assignPublicIp": placement.assign_public_ip,
                    }
                },
                overrides={"containerOverrides": [{"name": container, "command": list(command)}]},
                enableExecuteCommand=placement.enable_execute_command,
                enableECSManagedTags=True,
                propagateTags="TASK_DEFINITION",
                startedBy=started_by,
                clientToken=client_token,
            )
        for failure in answer.get("failures", []):
            raise AwsError(
                operation="ecs:RunTask",
                target=target,
                code=failure.get("reason", "Unknown"),
                message=failure.get("detail") or "no task was started",
                reason=Reason.REFUSED,
            )
        return _task(answer["tasks"][0])

    def execute(self, task: Task, container: str, command: str) -> ExecuteCommandSession:
        """Start a command in a running container and return the session that leads to it."""
        with calling("ecs:ExecuteCommand", f"task {task.id}, container {container}"):
            answer = self._unrepeatable.execute_command(
                cluster=self._cluster,
                task=task.arn,
                container=container,
                command=command,
                # The only kind there is (ECS API reference, "ExecuteCommand").
                interactive=True,
            )
        session = answer["session"]
        return ExecuteCommandSession(
            id=session["sessionId"], stream_url=session["streamUrl"], token=session["tokenValue"]
        )


def _placement(described: "ServiceTypeDef") -> Placement:
    network: AwsVpcConfigurationOutputTypeDef = described["networkConfiguration"]["awsvpcConfiguration"]
    wanted = described["taskDefinition"]
    # The primary one comes first. In an environment without images none has ever been completed.
    settled = [
        deployment["taskDefinition"]
        for deployment in described["deployments"]
        if deployment.get("rolloutState", "COMPLETED") == "COMPLETED"
    ]
    return Placement(
        task_definition_arn=settled[0] if settled else wanted,
        rolling_out=bool(settled) and settled[0] != wanted,
        subnets=tuple(network["subnets"]),
        security_groups=tuple(network.get("securityGroups", [])),
        assign_public_ip=network.get("assignPublicIp", "DISABLED"),
        capacity_providers=tuple(
            CapacityProvider(name=item["capacityProvider"], weight=item.get("weight", 0), base=item.get("base", 0))
            for item in described.get("capacityProviderStrategy", [])
        ),
        enable_execute_command=described.get("enableExecuteCommand", False),
    )


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
        containers=tuple(_container(container) for container in described.get("containers", [])),
        execute_command=described.get("enableExecuteCommand", False),
    )


def _container(described: "ContainerTypeDef") -> TaskContainer:
    agents = {agent["name"]: agent.get("lastStatus", "UNKNOWN") for agent in described.get("managedAgents", [])}
    return TaskContainer(
        name=described["name"],
        image=described.get("image"),
        status=described.get("lastStatus", "UNKNOWN"),
        exit_code=described.get("exitCode"),
        reason=described.get("reason"),
        health=described.get("healthStatus", "UNKNOWN"),
        runtime_id=described.get("runtimeId"),
        execute_command_agent=agents.get(_EXECUTE_COMMAND_AGENT),
    )
