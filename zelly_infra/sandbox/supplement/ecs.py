"""ECS: what moto forgets of a service, and the tasks that it does not start for one."""

from collections.abc import Mapping, Sequence
from typing import Any

from moto.backends import get_backend
from moto.core.exceptions import ServiceException

from zelly_infra.sandbox.supplement.ecs_scheduler import begin_deployment, schedule, task_definition, tasks_of
from zelly_infra.sandbox.supplement.table import (
    Call,
    Consequence,
    Forgotten,
    Missing,
    Preparation,
    RefusalError,
    members,
)

_FORGOTTEN_MEMBERS = (
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
)


def _note_capacity_provider(call: Call) -> None:
    """Remember where a service's tasks are to run: with the first provider, as ECS spreads a single task too."""
    cluster = call.parameters.get("cluster", "default").rpartition("/")[2]
    name = (call.parameters.get("serviceName") or call.parameters["service"]).rpartition("/")[2]
    arn = call.arn("ecs", f"service/{cluster}/{name}")
    strategy = call.parameters.get("capacityProviderStrategy")
    if strategy:
        call.kept("capacity providers")[arn] = strategy[0]["capacityProvider"]
    elif "serviceName" in call.parameters:
        # A new service has nothing of a deleted one of its name.
        call.kept("capacity providers").pop(arn, None)


def _look(call: Call) -> None:
    """Run the scheduler, and note on the services' tasks which capacity provider they run with."""
    schedule(call)
    backend: Any = get_backend("ecs")[call.account_id][call.region]
    providers = call.kept("capacity providers")
    for service in backend.services.values():
        for task in tasks_of(backend, service):
            task.capacity_provider_name = providers.get(service.arn)


def _before_update(call: Call) -> None:
    _note_capacity_provider(call)
    begin_deployment(call)


def _merge(service: dict[str, Any], remembered: Mapping[str, Any]) -> None:
    service.update(remembered)
    deployments = service.get("deployments", [])
    if deployments:
        # moto repeats what it was told, which may be a family alone.
        service["taskDefinition"] = deployments[0]["taskDefinition"]
    strategy = remembered.get("capacityProviderStrategy")
    if strategy:
        # A service has one or the other, and moto says EC2 where nothing was asked for.
        service.pop("launchType", None)
        for deployment in deployments:
            deployment.pop("launchType", None)
            deployment |= {"capacityProviderStrategy": strategy, "platformFamily": "Linux"}


def _allow_task_memory(call: Call) -> None:
    """Let RunTask start a task definition that states its memory for the task as a whole, as Fargate's may.

    moto adds up the containers' memory and trips over one that has none. It looks for a member that the API does not
    have first; what is put there is never shown.
    """
    definition = task_definition(get_backend("ecs")[call.account_id][call.region], call.parameters["taskDefinition"])
    containers: Sequence[dict[str, Any]] = definition.container_definitions if definition is not None else ()
    for container in containers:
        if "memory" not in container and "memoryReservation" not in container:
            container["Memory"] = 0


def _list_tasks(call: Call) -> Mapping[str, Any]:
    """List tasks by service too, which moto does not, and only running ones where nothing else is asked for."""
    _look(call)
    asked = call.parameters
    try:
        tasks = get_backend("ecs")[call.account_id][call.region].list_tasks(
            asked.get("cluster", "default"),
            asked.get("containerInstance"),
            asked.get("family"),
            asked.get("startedBy"),
            None,
            asked.get("desiredStatus", "RUNNING"),
        )
    except ServiceException as error:
        raise RefusalError(error.code, error.message) from error
    service = asked.get("serviceName", "").rpartition("/")[2]
    return {"taskArns": [task.task_arn for task in tasks if not service or task.group == f"service:{service}"]}


def _list_clusters(call: Call) -> Mapping[str, Any]:
    """List clusters without the deleted ones, which moto keeps as inactive and lists."""
    clusters = get_backend("ecs")[call.account_id][call.region].clusters.values()
    return {"clusterArns": [cluster.arn for cluster in clusters if cluster.status == "ACTIVE"]}


def _list_services(call: Call) -> Mapping[str, Any]:
    """List a cluster's services without the deleted ones, which moto keeps as inactive and lists."""
    backend: Any = get_backend("ecs")[call.account_id][call.region]
    name = call.parameters.get("cluster", "default").rpartition("/")[2]
    if name not in backend.clusters:
        raise RefusalError("ClusterNotFoundException", "Cluster not found.")
    wanted = {"launch_type": "launchType", "scheduling_strategy": "schedulingStrategy"}
    asked = {own: call.parameters[member] for own, member in wanted.items() if member in call.parameters}
    return {
        "serviceArns": [
            service.arn
            for service in backend.services.values()
            if service.cluster_name == name
            and service.status == "ACTIVE"
            and all(getattr(service, own) == value for own, value in asked.items())
        ]
    }


MISSING: tuple[Missing, ...] = (
    Missing(service="ecs", operation="ListClusters", answer=_list_clusters),
    Missing(service="ecs", operation="ListServices", answer=_list_services),
    Missing(service="ecs", operation="ListTasks", answer=_list_tasks),
)
FORGOTTEN: tuple[Forgotten, ...] = (
    Forgotten(
        service="ecs",
        creates={"CreateService": "service"},
        changes={"UpdateService": "service"},
        reads={"DescribeServices": "services"},
        key="serviceArn",
        remember=members(*_FORGOTTEN_MEMBERS),
        merge=_merge,
    ),
)
PREPARATIONS: tuple[Preparation, ...] = (
    Preparation(service="ecs", operation="CreateService", prepare=_note_capacity_provider),
    Preparation(service="ecs", operation="UpdateService", prepare=_before_update),
    Preparation(service="ecs", operation="RunTask", prepare=_allow_task_memory),
    Preparation(service="ecs", operation="DescribeClusters", prepare=_look),
    Preparation(service="ecs", operation="DescribeServices", prepare=_look),
    Preparation(service="ecs", operation="DescribeTasks", prepare=_look),
    Preparation(service="elbv2", operation="DescribeTargetHealth", prepare=schedule),
)
CONSEQUENCES: tuple[Consequence, ...] = (
    # Its tasks give up their network interfaces, without which their subnets and security groups cannot be deleted.
    Consequence(service="ecs", operation="DeleteService", finish=schedule),
)
