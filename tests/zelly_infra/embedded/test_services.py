"""The ECS cluster, its services, and what their tasks are made of."""

import json
from typing import Any

import pytest

from tests.zelly_infra.embedded.environment import ACCOUNT_ID, Environment, only, zones
from tests.zelly_infra.embedded.expected_policies import WITH_VOLUME
from tests.zelly_infra.embedded.expected_tasks import containers
from zelly_infra import catalog

SERVICES = tuple(service.name for service in catalog.SERVICES)
DEPLOYED = [service.name for service in catalog.SERVICES if service.repositories]


def cpu_tracking(percent: int) -> dict[str, Any]:
    """Return how a service scales that is to use so much of its CPU."""
    return {
        "TargetValue": float(percent),
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        "ScaleOutCooldown": 60,
        "ScaleInCooldown": 300,
    }


def _targets(service: catalog.Service) -> list[tuple[str, str, int]]:
    match service.ingress:
        case catalog.HttpsIngress(load_balancer=balancer, container=container, port=port):
            return [(balancer, container, port)]
        case catalog.PassthroughIngress(load_balancer=balancer, container=container, ports=ports):
            return [(balancer, container, port) for port in ports]
        case None:
            return []


TARGETS = {service.name: _targets(service) for service in catalog.SERVICES}
"""By service: load balancer, container and port."""


def described(environment: Environment, service: str) -> dict[str, Any]:
    """Return what ECS says of a service."""
    name = f"zelly-{environment.stack}-{service}"
    answer = environment.client("ecs").describe_services(cluster=environment.outputs.cluster_name, services=[name])
    return only(answer["services"])


def definition(environment: Environment, service: str) -> dict[str, Any]:
    """Return the task definition that a service runs."""
    arn = described(environment, service)["taskDefinition"]
    return environment.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]


def test_cluster_offers_fargate_and_spot_and_counts_where_the_config_says_so(environment: Environment) -> None:
    answer = environment.client("ecs").describe_clusters(clusters=[f"zelly-{environment.stack}"], include=["SETTINGS"])
    cluster = only(answer["clusters"])
    assert (cluster["status"], cluster["settings"], sorted(cluster["capacityProviders"])) == (
        "ACTIVE",
        [{"name": "containerInsights", "value": environment.config.containers.container_insights}],
        ["FARGATE", "FARGATE_SPOT"],
    )
    # A service without a strategy of its own gets this one.
    assert cluster["defaultCapacityProviderStrategy"] == [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}]


def test_cluster_runs_exactly_the_services_of_the_catalog(environment: Environment) -> None:
    arns = environment.listed("ecs", "list_services", "serviceArns", cluster=environment.outputs.cluster_name)
    names = sorted(arn.rsplit("/", 1)[1] for arn in arns)
    assert names == sorted(f"zelly-{environment.stack}-{service}" for service in SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_service_runs_one_task_in_private_subnets_and_its_own_group(environment: Environment, service: str) -> None:
    found = described(environment, service)
    assert (found["status"], found["desiredCount"], found["schedulingStrategy"]) == (
        "ACTIVE",
        environment.config.services[service].minimum_tasks,
        "REPLICA",
    )
    network = found["networkConfiguration"]["awsvpcConfiguration"]
    assert environment.subnets(network["subnets"]) == zones("private")
    assert environment.groups(network["securityGroups"]) == [service]
    assert network["assignPublicIp"] == "DISABLED"


@pytest.mark.parametrize("service", SERVICES)
def test_only_third_parties_images_are_there_before_the_first_deploy(environment: Environment, service: str) -> None:
    found = described(environment, service)
    (deployment,) = found["deployments"]
    assert (found["runningCount"], deployment["rolloutState"], deployment["failedTasks"]) == (
        (1, "COMPLETED", 0) if service not in DEPLOYED else (0, "FAILED", 3)
    )


@pytest.mark.parametrize("service", SERVICES)
def test_service_rolls_back_a_failed_deployment_by_itself(environment: Environment, service: str) -> None:
    found = described(environment, service)
    assert found["deploymentConfiguration"] == {
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
    }
    assert found["capacityProviderStrategy"] == [
        {"capacityProvider": each.name, "weight": each.weight, "base": each.base}
        for each in environment.config.containers.capacity_providers
    ]
    assert (found["enableExecuteCommand"], found["enableECSManagedTags"], found["propagateTags"]) == (
        True,
        True,
        "SERVICE",
    )
    # One that is asked for without a load balancer is refused by ECS.
    assert found.get("healthCheckGracePeriodSeconds") == (120 if TARGETS[service] else None)


@pytest.mark.parametrize("service", SERVICES)
def test_service_registers_with_its_load_balancer(environment: Environment, service: str) -> None:
    balancers = {
        balancer["LoadBalancerArn"]: balancer["LoadBalancerName"]
        for balancer in environment.listed("elbv2", "describe_load_balancers", "LoadBalancers")
    }
    groups = {
        group["TargetGroupArn"]: (balancers[only(group["LoadBalancerArns"])], group["Port"])
        for group in environment.listed("elbv2", "describe_target_groups", "TargetGroups")
    }
    found = described(environment, service)["loadBalancers"]
    assert sorted(
        (*groups[target["targetGroupArn"]], target["containerName"], target["containerPort"]) for target in found
    ) == sorted((balancer, port, container, port) for balancer, container, port in TARGETS[service])


@pytest.mark.parametrize("service", SERVICES)
def test_task_has_its_size_architecture_and_roles(environment: Environment, service: str) -> None:
    found = definition(environment, service)
    name = f"zelly-{environment.stack}-{service}"
    assert found["taskDefinitionArn"] == f"arn:aws:ecs:{environment.region}:{ACCOUNT_ID}:task-definition/{name}:1"
    size = environment.config.services[service]
    assert (found["cpu"], found["memory"]) == (str(size.cpu_units), str(size.memory_mib))
    assert found["runtimePlatform"] == {"cpuArchitecture": size.architecture, "operatingSystemFamily": "LINUX"}
    assert (found["networkMode"], found["requiresCompatibilities"]) == ("awsvpc", ["FARGATE"])
    assert found["executionRoleArn"] == f"arn:aws:iam::{ACCOUNT_ID}:role/{name}-execution"
    assert found["taskRoleArn"] == f"arn:aws:iam::{ACCOUNT_ID}:role/{name}-task"


@pytest.mark.parametrize("service", SERVICES)
def test_task_has_exactly_these_containers(environment: Environment, service: str) -> None:
    found = definition(environment, service)["containerDefinitions"]
    for container in found:
        for secret in container["secrets"]:
            secret["valueFrom"] = named_reference(environment, secret["valueFrom"])
    expected = containers(environment.stack, service)
    assert {each["name"]: each for each in found} == {each["name"]: each for each in expected}
    assert len(found) == len(expected)


def named_reference(environment: Environment, reference: str) -> str:
    """Return ``name:key`` for ``arn:…:secret:…-AbCdEf:key::``."""
    arn, key, stage, version = reference.rsplit(":", 3)
    assert (stage, version) == ("", "")
    return f"{environment.secret_names[arn]}:{key}"


@pytest.mark.parametrize("service", SERVICES)
def test_only_caddy_mounts_a_volume_encrypted_and_through_its_access_point(
    environment: Environment, service: str
) -> None:
    access_point = only(environment.client("efs").describe_access_points()["AccessPoints"])
    expected = {
        "name": "caddy-data",
        "efsVolumeConfiguration": {
            "fileSystemId": environment.outputs.certificate_file_system_id,
            "rootDirectory": "/",
            "transitEncryption": "ENABLED",
            "authorizationConfig": {"accessPointId": access_point["AccessPointId"], "iam": "ENABLED"},
        },
    }
    assert definition(environment, service)["volumes"] == ([expected] if service in WITH_VOLUME else [])


def test_log_groups_of_the_services_are_kept_as_long_as_the_config_says(environment: Environment) -> None:
    groups = environment.listed("logs", "describe_log_groups", "logGroups", logGroupNamePrefix="/zelly/ecs/")
    assert {group["logGroupName"]: group["retentionInDays"] for group in groups} == {
        f"/zelly/ecs/{service}": environment.config.containers.log_retention_days for service in SERVICES
    }


def test_services_scale_on_their_cpu_up_to_their_maximum(environment: Environment) -> None:
    scaling = {
        name: (size.minimum_tasks, size.maximum_tasks, size.cpu_target_percent)
        for name, size in environment.config.services.items()
        if size.cpu_target_percent is not None
    }
    limits = {
        scaled_service(environment, target): (target["MinCapacity"], target["MaxCapacity"])
        for target in environment.listed(
            "application-autoscaling", "describe_scalable_targets", "ScalableTargets", ServiceNamespace="ecs"
        )
    }
    assert limits == {service: (least, most) for service, (least, most, _) in scaling.items()}
    policies = environment.listed(
        "application-autoscaling", "describe_scaling_policies", "ScalingPolicies", ServiceNamespace="ecs"
    )
    found = {
        scaled_service(environment, policy): policy["TargetTrackingScalingPolicyConfiguration"] for policy in policies
    }
    assert found == {service: cpu_tracking(percent) for service, (_, _, percent) in scaling.items()}
    assert {policy["PolicyType"] for policy in policies} == {"TargetTrackingScaling"}


def scaled_service(environment: Environment, answer: dict[str, Any]) -> str:
    assert answer["ScalableDimension"] == "ecs:service:DesiredCount"
    prefix = f"service/zelly-{environment.stack}/zelly-{environment.stack}-"
    assert answer["ResourceId"].startswith(prefix)
    return answer["ResourceId"].removeprefix(prefix)


def test_deployed_images_are_noted_in_a_parameter_per_service(environment: Environment) -> None:
    parameters = environment.client("ssm").get_parameters_by_path(Path=f"/zelly/{environment.stack}/images")
    assert {each["Name"]: json.loads(each["Value"]) for each in parameters["Parameters"]} == {
        f"/zelly/{environment.stack}/images/{service}": {
            container["name"]: container["image"] for container in containers(environment.stack, service)
        }
        # Third-party images alone: nobody but the program deploys the tools.
        for service in DEPLOYED
    }
