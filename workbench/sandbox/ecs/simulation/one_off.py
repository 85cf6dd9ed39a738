"""RunTask and StopTask: tasks that no service asks for, and tasks that somebody stops."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from moto.core.exceptions import ServiceException

from workbench.sandbox.ecs.simulation import logs, tasks
from workbench.sandbox.ecs.simulation.definitions import cluster_tasks, startable, task_definition
from workbench.sandbox.ecs.simulation.life import End
from workbench.sandbox.ecs.simulation.pace import Pace
from workbench.sandbox.server.table import Call, RefusalError

_MOST_TASKS = 10
"""ECS API reference, "RunTask"."""


def run(backend: Any, call: Call, now: datetime, pace: Pace) -> Mapping[str, Any]:
    """Answer RunTask."""
    asked = call.parameters
    cluster = _cluster(backend, asked)
    definition = startable(backend, asked["taskDefinition"])
    if definition is None:
        raise RefusalError("ClientException", "Unable to find task definition")
    count = asked.get("count", 1)
    if not 1 <= count <= _MOST_TASKS:
        raise RefusalError("InvalidParameterException", f"count must be between 1 and {_MOST_TASKS}")
    provider = _capacity_provider(asked, cluster)
    overrides = asked.get("overrides", {})
    _check_overrides(overrides, definition)
    order = tasks.Order(
        cluster=cluster,
        definition=definition,
        group=asked.get("group") or f"family:{definition.family}",
        started_by=asked.get("startedBy", ""),
        network=_network(asked),
        tags=asked.get("tags", []),
        launch_type="FARGATE",
        capacity_provider=provider,
        platform_version=asked.get("platformVersion"),
        overrides=overrides,
        supervised=False,
    )
    started = [tasks.start(backend, order.placed(number), now, pace) for number in range(count)]
    return {"tasks": started, "failures": []}


def _cluster(backend: Any, asked: Mapping[str, Any]) -> Any:
    try:
        return backend._get_cluster(asked.get("cluster", "default"))
    except ServiceException as error:
        raise RefusalError(error.code, error.message) from error


def _capacity_provider(asked: Mapping[str, Any], cluster: Any) -> str | None:
    """Return the capacity provider, None for a launch type; only Fargate has room for a task here."""
    strategy: Sequence[Mapping[str, Any]] = asked.get("capacityProviderStrategy") or ()
    if strategy and "launchType" in asked:
        message = (
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
        )
        raise RefusalError("InvalidParameterException", message)
    if asked.get("launchType") == "FARGATE":
        return None
    if "launchType" not in asked:
        strategy = strategy or cluster.default_capacity_provider_strategy or ()
    provider: str | None = strategy[0]["capacityProvider"] if strategy else None
    if provider not in {"FARGATE", "FARGATE_SPOT"}:
        raise RefusalError("InvalidParameterException", "No Container Instances were found in your cluster.")
    return provider


def _network(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    configuration = asked.get("networkConfiguration", {}).get("awsvpcConfiguration")
    if not configuration:
        message = "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        raise RefusalError("InvalidParameterException", message)
    return configuration


def _check_overrides(overrides: Mapping[str, Any], definition: Any) -> None:
    known = {container["name"] for container in definition.container_definitions}
    for override in overrides.get("containerOverrides", []):
        if override.get("name") not in known:
            message = "Override for container named {} is not a container in the TaskDefinition."
            raise RefusalError("InvalidParameterException", message.format(override.get("name")))


def settle(backend: Any, cluster_name: str, now: datetime) -> None:
    """Carry out everything that is due of the tasks that no service asked for."""
    for task in tasks.unfinished(cluster_tasks(backend, cluster_name)):
        if task.group.startswith("service:"):
            continue
        logs.write(task, task_definition(backend, task.task_definition_arn), now)
        if tasks.course_of(task).life.stopped(now):
            tasks.release(task)
        tasks.show(task, now)


def stop(backend: Any, call: Call, now: datetime) -> Mapping[str, Any]:
    """Answer StopTask: the task begins to stop, and a service's is replaced."""
    asked = call.parameters
    cluster = _cluster(backend, asked)
    wanted = asked["task"].rpartition("/")[2]
    for task in tasks.simulated(cluster_tasks(backend, cluster.name)):
        if task.id == wanted:
            reason = asked.get("reason") or "Task stopped by user"
            tasks.course_of(task).life = tasks.course_of(task).life.ended(
                End(at=now, code="UserInitiated", reason=reason)
            )
            tasks.show(task, now)
            return {"task": task}
    raise RefusalError("InvalidParameterException", "The referenced task was not found.")
