"""ECS: clusters, task definitions and services on Fargate."""

import json
from collections.abc import Mapping
from typing import Any

from zelly_infra.sandbox.making import Made, Making
from zelly_infra.sandbox.table import AutoName, Function, Parameters, ResourceRow, Row, Tags

_NOT_EMULATED = (
    "No container runs: a service's tasks are listed as running as soon as somebody looks, whatever their image and "
    "secrets are, and stay healthy; nothing is pulled, no line is logged, no command can be executed in one."
)


def _container_definitions(_: Making, document: Any) -> Parameters:
    return {"containerDefinitions": json.loads(document)}


def _network_configuration(_: Making, configuration: Any) -> Parameters:
    public_ip = "ENABLED" if configuration.get("assignPublicIp") else "DISABLED"
    return {"networkConfiguration": {"awsvpcConfiguration": {**configuration, "assignPublicIp": public_ip}}}


def _arn_without_revision(made: Made) -> str:
    return made.result["taskDefinitionArn"].rpartition(":")[0]


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:ecs/cluster:Cluster": Row(
        service="ecs",
        operation="create_cluster",
        id="cluster.clusterArn",
        result="cluster",
        renames={"name": "clusterName"},
        name=AutoName(prefix_property=None),
        tags=Tags(member="tags"),
        outputs={"arn": "clusterArn"},
    ),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": Row(
        service="ecs",
        operation="put_cluster_capacity_providers",
        id="cluster.clusterName",
        renames={
            "clusterName": "cluster",
            "defaultCapacityProviderStrategies": "defaultCapacityProviderStrategy",
        },
        # The operation replaces both lists and asks for both.
        parameters={"capacityProviders": [], "defaultCapacityProviderStrategy": []},
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Row(
        service="ecs",
        operation="register_task_definition",
        id="taskDefinition.family",
        result="taskDefinition",
        renames={"volumes.hostPath": "host.sourcePath", "volumes.configureAtLaunch": "configuredAtLaunch"},
        into={"containerDefinitions": _container_definitions},
        dropped={
            "skipDestroy": "only says what a deletion does",
            "trackLatest": "only says what a refresh reads",
            "enableFaultInjection": "moto forgets it",
        },
        tags=Tags(member="tags"),
        outputs={"arn": "taskDefinitionArn", "arnWithoutRevision": _arn_without_revision},
        not_emulated=(
            "A task definition's images, roles, volumes and secrets are not looked up.",
            "A task that is run by hand ends by itself, with success, once it has been described a few times.",
        ),
    ),
    "aws:ecs/service:Service": Row(
        service="ecs",
        operation="create_service",
        id="service.serviceArn",
        result="service",
        renames={
            "name": "serviceName",
            "capacityProviderStrategies": "capacityProviderStrategy",
            "deploymentCircuitBreaker": "deploymentConfiguration.deploymentCircuitBreaker",
            "deploymentMaximumPercent": "deploymentConfiguration.maximumPercent",
            "deploymentMinimumHealthyPercent": "deploymentConfiguration.minimumHealthyPercent",
            "loadBalancers.elbName": "loadBalancerName",
            "orderedPlacementStrategies": "placementStrategy",
        },
        into={"networkConfiguration": _network_configuration},
        dropped={
            "forceDelete": "only says what a deletion does",
            "forceNewDeployment": "acts only when a service changes",
            "triggers": "acts only when a service changes",
            "waitForSteadyState": "nobody has to wait for a service here",
        },
        name=AutoName(prefix_property=None),
        tags=Tags(member="tags"),
        outputs={"arn": "serviceArn"},
        not_emulated=(
            _NOT_EMULATED,
            "A deployment is complete at once: none fails, so no circuit breaker ever opens.",
        ),
    ),
}

FUNCTIONS: Mapping[str, Function] = {}
