import json
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox
from tests.workbench.sandbox.network import Network, make_network

CLUSTER = "aws:ecs/cluster:Cluster"
CAPACITY_PROVIDERS = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"

NAME = "ecs-changes"
SPOT = [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
ON_DEMAND = [{"capacityProvider": "FARGATE", "weight": 1, "base": 1}]


@pytest.fixture(scope="module")
def network(sandbox: Sandbox) -> Network:
    return make_network(sandbox)


@pytest.fixture(scope="module", autouse=True)
def cluster(sandbox: Sandbox) -> None:
    sandbox.create(CLUSTER, NAME, name=NAME)


def task_definition(family: str, **other: Any) -> dict[str, Any]:
    return {
        "family": family,
        "containerDefinitions": json.dumps([{"name": "api", "image": "shop/api:one", "essential": True}]),
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        **other,
    }


def service(sandbox: Sandbox, network: Network, name: str, **other: Any) -> dict[str, Any]:
    return {
        "name": name,
        "cluster": f"arn:aws:ecs:eu-west-1:123456789012:cluster/{NAME}",
        "taskDefinition": sandbox.create(TASK_DEFINITION, name, **task_definition(name)).outputs["arn"],
        "desiredCount": 2,
        "capacityProviderStrategies": SPOT,
        "networkConfiguration": {"subnets": network.subnet_ids, "securityGroups": [network.security_group_id]},
        **other,
    }


def described(sandbox: Sandbox, name: str) -> dict[str, Any]:
    (found,) = sandbox.client("ecs").describe_services(cluster=NAME, services=[name])["services"]
    return found


def task_arns(sandbox: Sandbox, name: str) -> set[str]:
    return set(sandbox.client("ecs").list_tasks(cluster=NAME, serviceName=name)["taskArns"])


def interfaces(sandbox: Sandbox, security_group_id: str) -> list[str]:
    filters = [{"Name": "group-id", "Values": [security_group_id]}]
    found = sandbox.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    return [interface["NetworkInterfaceId"] for interface in found]


def security_group(sandbox: Sandbox, network: Network, name: str) -> str:
    return sandbox.create("aws:ec2/securityGroup:SecurityGroup", name, vpcId=network.vpc_id, description=name).id


def test_cluster_changes_its_settings_and_providers_and_is_listed_no_more_once_deleted(sandbox: Sandbox) -> None:
    ecs = sandbox.client("ecs")
    name = "ecs-gone"
    enabled = [{"name": "containerInsights", "value": "enabled"}]
    enhanced = [{"name": "containerInsights", "value": "enhanced"}]
    arn = sandbox.create(CLUSTER, name, name=name, settings=enabled).id
    providers = {"clusterName": name, "capacityProviders": ["FARGATE"]}
    sandbox.create(CAPACITY_PROVIDERS, name, **providers, defaultCapacityProviderStrategies=ON_DEMAND)
    sandbox.update(CLUSTER, name, name=name, settings=enhanced, tags={"Name": name})
    sandbox.update(
        CAPACITY_PROVIDERS,
        name,
        clusterName=name,
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategies=SPOT,
    )

    def found() -> dict[str, Any]:
        return ecs.describe_clusters(clusters=[name], include=["SETTINGS", "TAGS"])["clusters"][0]

    assert (found()["settings"], found()["capacityProviders"], found()["defaultCapacityProviderStrategy"]) == (
        enhanced,
        ["FARGATE", "FARGATE_SPOT"],
        SPOT,
    )
    assert {tag["key"]: tag["value"] for tag in found()["tags"]} == {"Project": "shop", "Name": name}
    sandbox.update(CAPACITY_PROVIDERS, name, clusterName=name, capacityProviders=["FARGATE"])
    assert (found()["capacityProviders"], found()["defaultCapacityProviderStrategy"]) == (["FARGATE"], [])
    sandbox.delete(CAPACITY_PROVIDERS, name)
    assert found()["capacityProviders"] == []
    assert arn in ecs.list_clusters()["clusterArns"]
    sandbox.delete(CLUSTER, name)
    sandbox.delete(CLUSTER, name)
    assert arn not in ecs.list_clusters()["clusterArns"]
    assert found()["status"] == "INACTIVE"


@pytest.mark.parametrize(("skip_destroy", "status"), [(False, "INACTIVE"), (True, "ACTIVE")])
def test_task_definition_is_deregistered_unless_it_is_to_stay(
    sandbox: Sandbox, skip_destroy: bool, status: str
) -> None:
    family = f"ecs-{status.lower()}"
    arn = sandbox.create(TASK_DEFINITION, family, **task_definition(family, skipDestroy=skip_destroy)).outputs["arn"]
    sandbox.delete(TASK_DEFINITION, family)
    found = sandbox.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    assert found["status"] == status


ROLLING: dict[str, Any] = {
    "forceNewDeployment": True,
    "deploymentMaximumPercent": 200,
    "deploymentMinimumHealthyPercent": 100,
    "deploymentCircuitBreaker": {"enable": True, "rollback": True},
    "healthCheckGracePeriodSeconds": 30,
}


def test_service_moves_to_its_new_capacity_network_and_task_definition(sandbox: Sandbox, network: Network) -> None:
    name = "moved"
    inputs = service(sandbox, network, name, **ROLLING)
    sandbox.create(SERVICE, name, **inputs)
    old_tasks = task_arns(sandbox, name)
    first = described(sandbox, name)["deployments"][0]["id"]
    group_id = security_group(sandbox, network, "moved")
    newer = sandbox.create(TASK_DEFINITION, f"{name}-newer", **task_definition(name)).outputs["arn"]
    changed = {
        **inputs,
        "taskDefinition": newer,
        "capacityProviderStrategies": ON_DEMAND,
        "networkConfiguration": {"subnets": network.subnet_ids[:1], "securityGroups": [group_id]},
        "deploymentMaximumPercent": 150,
        "healthCheckGracePeriodSeconds": 90,
        "enableExecuteCommand": True,
        "enableEcsManagedTags": True,
        "propagateTags": "SERVICE",
        "tags": {"Name": name},
    }
    sandbox.update(SERVICE, name, **changed)
    found = described(sandbox, name)
    wanted = {
        "taskDefinition": newer,
        "desiredCount": 2,
        "runningCount": 2,
        "capacityProviderStrategy": ON_DEMAND,
        "healthCheckGracePeriodSeconds": 90,
        "enableExecuteCommand": True,
        "enableECSManagedTags": True,
        "propagateTags": "SERVICE",
    }
    assert {key: found.get(key) for key in wanted} == wanted
    assert found["deploymentConfiguration"] == {
        "maximumPercent": 150,
        "minimumHealthyPercent": 100,
        "deploymentCircuitBreaker": ROLLING["deploymentCircuitBreaker"],
    }
    (deployment,) = found["deployments"]
    assert deployment["id"] != first
    assert deployment["networkConfiguration"]["awsvpcConfiguration"] == {
        "subnets": network.subnet_ids[:1],
        "securityGroups": [group_id],
        "assignPublicIp": "DISABLED",
    }
    assert task_arns(sandbox, name).isdisjoint(old_tasks)
    assert len(interfaces(sandbox, group_id)) == 2
    tags = sandbox.client("ecs").list_tags_for_resource(resourceArn=found["serviceArn"])["tags"]
    assert {tag["key"]: tag["value"] for tag in tags} == {"Project": "shop", "Name": name}


def test_service_is_scaled_without_a_new_deployment(sandbox: Sandbox, network: Network) -> None:
    name = "scaled"
    inputs = service(sandbox, network, name)
    sandbox.create(SERVICE, name, **inputs)
    before = task_arns(sandbox, name)
    sandbox.update(SERVICE, name, **{**inputs, "desiredCount": 3})
    assert (len(before), len(task_arns(sandbox, name))) == (2, 3)
    assert before < task_arns(sandbox, name)


def test_grace_period_that_is_given_no_more_is_none(sandbox: Sandbox, network: Network) -> None:
    name = "impatient"
    inputs = service(sandbox, network, name)
    sandbox.create(SERVICE, name, **inputs, healthCheckGracePeriodSeconds=30)
    sandbox.update(SERVICE, name, **inputs)
    assert described(sandbox, name)["healthCheckGracePeriodSeconds"] == 0


@pytest.mark.parametrize(("force", "stays"), [(True, False), (False, True)])
def test_trigger_deploys_anew_only_with_force(sandbox: Sandbox, network: Network, force: bool, stays: bool) -> None:
    name = f"triggered-{force}".lower()
    inputs = service(sandbox, network, name, forceNewDeployment=force)
    sandbox.create(SERVICE, name, **inputs, triggers={"configuration": "one"})
    before = task_arns(sandbox, name)
    sandbox.update(SERVICE, name, **inputs, triggers={"configuration": "two"})
    assert (task_arns(sandbox, name) == before) is stays


@pytest.mark.parametrize("force", [False, True])
def test_deleted_service_gives_up_its_network_interfaces(sandbox: Sandbox, network: Network, force: bool) -> None:
    ecs = sandbox.client("ecs")
    name = f"gone-{force}".lower()
    group_id = security_group(sandbox, network, name)
    where = {"subnets": network.subnet_ids, "securityGroups": [group_id]}
    inputs = service(sandbox, network, name, networkConfiguration=where, forceDelete=force)
    arn = sandbox.create(SERVICE, name, **inputs).id
    assert len(task_arns(sandbox, name)) == len(interfaces(sandbox, group_id)) == 2
    sandbox.delete(SERVICE, name)
    assert interfaces(sandbox, group_id) == []
    assert arn not in ecs.list_services(cluster=NAME)["serviceArns"]
    assert (described(sandbox, name)["status"], task_arns(sandbox, name)) == ("INACTIVE", set())
    sandbox.delete(SERVICE, name)


def test_services_are_listed_by_cluster(sandbox: Sandbox, network: Network) -> None:
    ecs = sandbox.client("ecs")
    sandbox.create(CLUSTER, "ecs-listed", name="ecs-listed")
    arn = sandbox.create(SERVICE, "listed", **{**service(sandbox, network, "listed"), "cluster": "ecs-listed"}).id
    assert ecs.list_services(cluster="ecs-listed")["serviceArns"] == [arn]
    assert ecs.list_services(cluster="ecs-listed", schedulingStrategy="DAEMON")["serviceArns"] == []
    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        ecs.list_services(cluster="lost")


def test_new_service_has_nothing_of_a_deleted_one_of_its_name(sandbox: Sandbox, network: Network) -> None:
    name = "again"
    inputs = service(sandbox, network, name, enableExecuteCommand=True, healthCheckGracePeriodSeconds=30)
    sandbox.create(SERVICE, name, **inputs)
    assert len(task_arns(sandbox, name)) == 2
    sandbox.delete(SERVICE, name)
    plain = service(sandbox, network, name)
    del plain["capacityProviderStrategies"]
    sandbox.create(SERVICE, name, **plain, launchType="FARGATE")
    found = described(sandbox, name)
    assert (found["status"], found["launchType"], found["desiredCount"]) == ("ACTIVE", "FARGATE", 2)
    assert "capacityProviderStrategy" not in found
    assert (found.get("enableExecuteCommand", False), found.get("healthCheckGracePeriodSeconds")) == (False, None)
    tasks = sandbox.client("ecs").describe_tasks(cluster=NAME, tasks=list(task_arns(sandbox, name)))["tasks"]
    assert [task.get("capacityProviderName") for task in tasks] == [None, None]
