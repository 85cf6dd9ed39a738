"""ECS: clusters, task definitions and services on Fargate."""

import json
from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.making import Existing, Made, Making
from workbench.sandbox.making.table import AutoName, Delete, Parameters, ResourceRow, Row, Tags, Update
from workbench.sandbox.making.tagging import tag_resource

_NOT_EMULATED = (
    "No container runs: what a task's containers do, annotations of its images tell, which `PROGRAM sandbox image` "
    "writes; an image without them works, and one of any other registry is always there.",
    "Starting, failing and stopping take seconds instead of minutes; PROGRAM_SANDBOX_SPEED=10, set when the embedded "
    "AWS starts, makes them ten times shorter.",
    "No command can be executed in a running task; one that is run by hand is written into its log instead.",
    "A task starts whatever its roles allow, its volumes are and its subnets reach, and without its log group too; "
    "its log lines are then lost.",
    "What failed over and over while nobody looked, the service's events do not tell in full.",
    "A minute of a bake time or of a pause takes two seconds, and PROGRAM_SANDBOX_SPEED shortens it too.",
    "A deployment runs no Lambda hook, and a rolling one has no pauses, no bake time and no early success.",
    "An alarm that a deployment watches rings only when SetAlarmState says so: no metric is evaluated.",
    "What ECS changes of a rule's weights it changes whatever the infrastructure role allows.",
)


def _container_definitions(_: Making, document: Any) -> Parameters:
    return {"containerDefinitions": json.loads(document)}


def _network_configuration(_: Making, configuration: Any) -> Parameters:
    public_ip = "ENABLED" if configuration.get("assignPublicIp") else "DISABLED"
    return {"networkConfiguration": {"awsvpcConfiguration": {**configuration, "assignPublicIp": public_ip}}}


def _force_new_deployment(making: Making, force: Any) -> Parameters:
    # A service that is just being made has nothing to deploy anew.
    return {"forceNewDeployment": force} if isinstance(making, Existing) else {}


def _nothing(_: Making, __: Any) -> Parameters:
    return {}


def _deregister(existing: Existing) -> None:
    if not existing.inputs.get("skipDestroy", False):
        existing.call("deregister_task_definition", taskDefinition=existing.outputs["arn"])


def _delete_service(existing: Existing) -> None:
    service = {"service": existing.id, "cluster": existing.inputs.get("cluster", "default")}
    if not existing.inputs.get("forceDelete", False):
        # ECS deletes a service without force only when it is to have no tasks.
        existing.call("update_service", **service, desiredCount=0)
    existing.call("delete_service", **service, force=existing.inputs.get("forceDelete", False))


_NO_CAPACITY_PROVIDERS: Parameters = {"capacityProviders": [], "defaultCapacityProviderStrategy": []}
"""The operation replaces both lists and asks for both."""

_CAPACITY_PROVIDERS_AGAIN = Update(
    operation="put_cluster_capacity_providers",
    parameters={"cluster": "id"},
    always=("capacityProviders", "defaultCapacityProviderStrategies"),
    constants=_NO_CAPACITY_PROVIDERS,
)

_UPDATE_CLUSTER = Update(operation="update_cluster", parameters={"cluster": "id"})

_DEPLOYMENT_CONFIGURATION = (
    "alarms",
    "deploymentCircuitBreaker",
    "deploymentConfiguration",
    "deploymentMaximumPercent",
    "deploymentMinimumHealthyPercent",
)
_UPDATE_SERVICE = Update(
    operation="update_service",
    parameters={"service": "id", "cluster": "cluster"},
    always=(*_DEPLOYMENT_CONFIGURATION, "forceNewDeployment", "healthCheckGracePeriodSeconds"),
    # What the provider sends for one that the program gives no more.
    constants={"healthCheckGracePeriodSeconds": 0},
)


def _arn_without_revision(made: Made) -> str:
    return made.result["taskDefinitionArn"].rpartition(":")[0]


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:ecs/cluster:Cluster": Row(
        service="ecs",
        operation="create_cluster",
        id="cluster.clusterArn",
        import_id="{name}",
        result="cluster",
        renames={"name": "clusterName"},
        name=AutoName(prefix_property=None),
        tags=Tags(member="tags"),
        outputs={"arn": "clusterArn"},
        delete=Delete(operation="delete_cluster", parameters={"cluster": "id"}),
        update=dict.fromkeys(("configuration", "serviceConnectDefaults", "settings"), _UPDATE_CLUSTER),
    ),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": Row(
        service="ecs",
        operation="put_cluster_capacity_providers",
        id="cluster.clusterName",
        renames={
            "clusterName": "cluster",
            "defaultCapacityProviderStrategies": "defaultCapacityProviderStrategy",
        },
        parameters=_NO_CAPACITY_PROVIDERS,
        delete=Delete(
            operation="put_cluster_capacity_providers", parameters={"cluster": "id"}, constants=_NO_CAPACITY_PROVIDERS
        ),
        update=dict.fromkeys(_CAPACITY_PROVIDERS_AGAIN.always, _CAPACITY_PROVIDERS_AGAIN),
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Row(
        service="ecs",
        operation="register_task_definition",
        id="taskDefinition.family",
        import_id="{arn}",
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
        delete=_deregister,
        not_emulated=("A task definition's roles and volumes are not looked up.",),
    ),
    "aws:ecs/service:Service": Row(
        service="ecs",
        operation="create_service",
        id="service.serviceArn",
        import_id="{cluster}/{name}",
        result="service",
        renames={
            "name": "serviceName",
            "alarms": "deploymentConfiguration.alarms",
            "capacityProviderStrategies": "capacityProviderStrategy",
            "deploymentCircuitBreaker": "deploymentConfiguration.deploymentCircuitBreaker",
            "deploymentMaximumPercent": "deploymentConfiguration.maximumPercent",
            "deploymentMinimumHealthyPercent": "deploymentConfiguration.minimumHealthyPercent",
            "loadBalancers.elbName": "loadBalancerName",
            "orderedPlacementStrategies": "placementStrategy",
        },
        into={
            "networkConfiguration": _network_configuration,
            "forceNewDeployment": _force_new_deployment,
            # They force a new deployment by having changed.
            "triggers": _nothing,
        },
        dropped={
            "forceDelete": "only says what a deletion does",
            "waitForSteadyState": "nobody has to wait for a service here",
        },
        name=AutoName(prefix_property=None),
        tags=Tags(member="tags"),
        tag_change=tag_resource("resourceArn"),
        outputs={"arn": "serviceArn"},
        delete=_delete_service,
        update=dict.fromkeys(
            (
                *_DEPLOYMENT_CONFIGURATION,
                "capacityProviderStrategies",
                "desiredCount",
                "enableEcsManagedTags",
                "enableExecuteCommand",
                "forceNewDeployment",
                "healthCheckGracePeriodSeconds",
                "loadBalancers",
                "networkConfiguration",
                "platformVersion",
                "propagateTags",
                "serviceRegistries",
                "taskDefinition",
                "triggers",
            ),
            _UPDATE_SERVICE,
        ),
        not_emulated=_NOT_EMULATED,
    ),
}
