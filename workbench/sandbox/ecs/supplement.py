"""ECS: members of services that moto forgets, the tasks that it does not start, and the size of task definitions."""

import json
from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend
from moto.core.exceptions import ServiceException

from workbench.sandbox.ecs import service_deployments, strategies
from workbench.sandbox.ecs.simulation.definitions import task_definition
from workbench.sandbox.ecs.simulation.deploying import views
from workbench.sandbox.ecs.simulation.look import (
    begin_deployment,
    describe_target_health,
    look,
    remember,
    remember_new,
    run_task,
    stop_task,
)
from workbench.sandbox.server.limits import limited
from workbench.sandbox.server.table import (
    Call,
    Consequence,
    Forgotten,
    Missing,
    Preparation,
    RefusalError,
    Supplement,
    members,
)
from zelly_components.limits import sizes as limits

_FORGOTTEN_MEMBERS = (
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
)


def _merge(service: dict[str, Any], remembered: Mapping[str, Any]) -> None:
    service.update(remembered)
    service.update(_current_deployment(service["serviceArn"]))
    deployments = service.get("deployments", [])
    if deployments:
        # moto repeats what it was told, which may be a family alone.
        service["taskDefinition"] = deployments[0]["taskDefinition"]
        # moto takes a number that was just asked for as reached.
        service["runningCount"] = sum(deployment["runningCount"] for deployment in deployments)
        service["pendingCount"] = sum(deployment["pendingCount"] for deployment in deployments)
    strategy = remembered.get("capacityProviderStrategy")
    if strategy:
        # A service has one or the other, and moto says EC2 where nothing was asked for.
        service.pop("launchType", None)
        for deployment in deployments:
            deployment.pop("launchType", None)
            deployment |= {"capacityProviderStrategy": strategy, "platformFamily": "Linux"}


def _current_deployment(arn: str) -> Mapping[str, Any]:
    _, _, _, region, account_id, _ = arn.split(":", 5)
    services = get_backend("ecs")[account_id][region].services.values()
    found = next((service for service in services if service.arn == arn), None)
    return {} if found is None else views.current(found)


def _list_tasks(call: Call) -> Mapping[str, Any]:
    """List tasks by service too, which moto does not, and only running ones where nothing else is asked for."""
    look(call)
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


def _describe_task_definition(call: Call) -> Mapping[str, Any]:
    """Describe a revision; of a family the newest that is active, where moto takes a deregistered one, too."""
    backend: Any = get_backend("ecs")[call.account_id][call.region]
    definition = task_definition(backend, call.parameters["taskDefinition"])
    if definition is None:
        raise RefusalError("ClientException", "Unable to describe task definition.")
    answer: dict[str, Any] = {"taskDefinition": definition}
    if "TAGS" in call.parameters.get("include", []):
        answer["tags"] = definition.tags or []
    return answer


def _check_size(call: Call) -> None:
    excess = limits.TASK_DEFINITION.excess(json.dumps(call.parameters, separators=(",", ":")))
    if excess is not None:
        raise RefusalError("ClientException", f"Task definition: {excess}")


_LIMITS = limited("ecs", {"RegisterTaskDefinition": _check_size})

_MISSING = (
    Missing(service="ecs", operation="ContinueServiceDeployment", answer=service_deployments.continue_deployment),
    Missing(service="ecs", operation="DescribeServiceDeployments", answer=service_deployments.describe_deployments),
    Missing(service="ecs", operation="DescribeServiceRevisions", answer=service_deployments.describe_revisions),
    Missing(service="ecs", operation="DescribeTaskDefinition", answer=_describe_task_definition),
    Missing(service="ecs", operation="ListClusters", answer=_list_clusters),
    Missing(service="ecs", operation="ListServiceDeployments", answer=service_deployments.list_deployments),
    Missing(service="ecs", operation="ListServices", answer=_list_services),
    Missing(service="ecs", operation="ListTasks", answer=_list_tasks),
    Missing(service="ecs", operation="RunTask", answer=run_task),
    Missing(service="ecs", operation="StopServiceDeployment", answer=service_deployments.stop_deployment),
    Missing(service="ecs", operation="StopTask", answer=stop_task),
    Missing(service="elbv2", operation="DescribeTargetHealth", answer=describe_target_health),
)
_FORGOTTEN = (
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
_PREPARATIONS = (
    # What is refused must begin no deployment.
    Preparation(service="ecs", operation="CreateService", prepare=strategies.check),
    Preparation(service="ecs", operation="UpdateService", prepare=strategies.check),
    Preparation(service="ecs", operation="UpdateService", prepare=begin_deployment),
    Preparation(service="ecs", operation="DescribeClusters", prepare=look),
    Preparation(service="ecs", operation="DescribeServices", prepare=look),
    Preparation(service="ecs", operation="DescribeTasks", prepare=look),
    # What deployments that shift traffic have changed meanwhile.
    Preparation(service="elbv2", operation="DescribeListeners", prepare=look),
    Preparation(service="elbv2", operation="DescribeRules", prepare=look),
    # A state that lasts for a moment alone is seen, too.
    Preparation(service="cloudwatch", operation="SetAlarmState", prepare=look),
    # What the containers wrote meanwhile.
    Preparation(service="logs", operation="DescribeLogStreams", prepare=look),
    Preparation(service="logs", operation="FilterLogEvents", prepare=look),
    Preparation(service="logs", operation="GetLogEvents", prepare=look),
)
_CONSEQUENCES = (
    Consequence(service="ecs", operation="CreateService", finish=remember_new),
    Consequence(service="ecs", operation="UpdateService", finish=remember),
    Consequence(service="cloudwatch", operation="SetAlarmState", finish=look),
    # Its tasks give up their network interfaces, without which their subnets and security groups cannot be deleted.
    Consequence(service="ecs", operation="DeleteService", finish=look),
)

SUPPLEMENT = Supplement(
    limits=_LIMITS, missing=_MISSING, forgotten=_FORGOTTEN, preparations=_PREPARATIONS, consequences=_CONSEQUENCES
)
