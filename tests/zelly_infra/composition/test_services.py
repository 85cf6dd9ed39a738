"""What the config and the catalog say of services, in what is registered: sizes, counts, ports, names, logs."""

import json
import re
from typing import Any

import pytest

from tests.zelly_infra.evaluations import STACKS, config_of, evaluation_of
from zelly_infra.catalog import SERVICES, Container, HttpsIngress, PassthroughIngress, Setting
from zelly_infra.catalog import Service as CatalogService

TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
REGISTRY = {
    "production": "${zelly-production-registry-{repository}.repositoryUrl}",
    "staging": "${repository {repository}.repositoryUrl}",
}
CONTAINERS: dict[str, Container] = {
    container.name: container for service in SERVICES for container in service.containers
}


def by_service(stack: str, type_token: str) -> dict[str, dict[str, Any]]:
    """Return the inputs of the resources of a type that each service has one of, by the service's name."""
    of_service = re.compile(rf"zelly-{stack}-(.+)-(?:service|task-definition|scaling-target|cpu-scaling)")
    return {
        match.group(1): resource.inputs
        for resource in evaluation_of(stack).of_type(type_token)
        if (match := of_service.fullmatch(resource.name))
    }


def containers(stack: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Return every container of every service, by the two names."""
    return {
        service: {container["name"]: container for container in json.loads(inputs["containerDefinitions"])}
        for service, inputs in by_service(stack, TASK_DEFINITION).items()
    }


@pytest.mark.parametrize("stack", STACKS)
def test_services_have_their_names_and_sizes(stack: str) -> None:
    definitions, services = by_service(stack, TASK_DEFINITION), by_service(stack, SERVICE)
    assert {
        service: (inputs["name"], definitions[service]["cpu"], definitions[service]["memory"], inputs["desiredCount"])
        for service, inputs in services.items()
    } == {
        service: (f"zelly-{stack}-{service}", str(size.cpu_units), str(size.memory_mib), size.minimum_tasks)
        for service, size in config_of(stack).services.items()
    }
    assert {
        service: (inputs["family"], inputs["requiresCompatibilities"], inputs["runtimePlatform"])
        for service, inputs in definitions.items()
    } == {
        service: (
            f"zelly-{stack}-{service}",
            ["FARGATE"],
            {"cpuArchitecture": size.architecture, "operatingSystemFamily": "LINUX"},
        )
        for service, size in config_of(stack).services.items()
    }


@pytest.mark.parametrize("stack", STACKS)
def test_cluster_has_its_name_and_counts_where_the_config_says_so(stack: str) -> None:
    cluster = evaluation_of(stack).one("aws:ecs/cluster:Cluster")
    assert cluster.inputs == {
        "name": f"zelly-{stack}",
        "settings": [{"name": "containerInsights", "value": config_of(stack).containers.container_insights}],
    }
    providers = evaluation_of(stack).one("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
    assert providers.inputs["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]


@pytest.mark.parametrize("stack", STACKS)
def test_services_that_scale_do_so_on_cpu_up_to_their_maximum(stack: str) -> None:
    scaling = {name: size for name, size in config_of(stack).services.items() if size.cpu_target_percent is not None}
    targets = by_service(stack, "aws:appautoscaling/target:Target")
    assert {
        service: (inputs["resourceId"], inputs["minCapacity"], inputs["maxCapacity"])
        for service, inputs in targets.items()
    } == {
        service: (f"service/zelly-{stack}/zelly-{stack}-{service}", size.minimum_tasks, size.maximum_tasks)
        for service, size in scaling.items()
    }
    policies = by_service(stack, "aws:appautoscaling/policy:Policy")
    configurations = {
        service: inputs["targetTrackingScalingPolicyConfiguration"] for service, inputs in policies.items()
    }
    assert {
        service: (
            configuration["predefinedMetricSpecification"]["predefinedMetricType"],
            configuration["targetValue"],
        )
        for service, configuration in configurations.items()
    } == {service: ("ECSServiceAverageCPUUtilization", size.cpu_target_percent) for service, size in scaling.items()}


@pytest.mark.parametrize("stack", STACKS)
def test_services_run_in_private_subnets_and_can_be_entered(stack: str) -> None:
    for service, inputs in by_service(stack, SERVICE).items():
        assert inputs["cluster"] == f"${{zelly-{stack}-cluster.arn}}"
        assert inputs["networkConfiguration"] == {
            "subnets": [f"${{zelly-{stack}-network-private-{zone}.id}}" for zone in "abc"],
            "securityGroups": [f"${{zelly-{stack}-{service}-sg.id}}"],
            "assignPublicIp": False,
        }
        assert inputs["capacityProviderStrategies"] == [
            {"capacityProvider": each.name, "weight": each.weight, "base": each.base}
            for each in config_of(stack).containers.capacity_providers
        ]
        assert inputs["enableExecuteCommand"] is config_of(stack).containers.execute_command
        assert inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}


@pytest.mark.parametrize("stack", STACKS)
def test_services_register_their_ports_with_their_balancers(stack: str) -> None:
    registered = {
        service: (
            [(group["containerName"], group["containerPort"], group["targetGroupArn"]) for group in balancers],
            inputs.get("healthCheckGracePeriodSeconds"),
        )
        for service, inputs in by_service(stack, SERVICE).items()
        for balancers in [inputs.get("loadBalancers", [])]
    }

    assert registered == {
        service.name: (_targets(stack, service), 120 if service.ingress else None) for service in SERVICES
    }


def _targets(stack: str, service: CatalogService) -> list[tuple[str, int, str]]:
    """Return container, port and target group of each of a service's ways in from the internet."""
    match service.ingress:
        case HttpsIngress(load_balancer=balancer, container=container, port=port):
            return [(container, port, f"${{zelly-{stack}-{balancer}-targets.arn}}")]
        case PassthroughIngress(load_balancer=balancer, container=container, ports=ports):
            return [(container, port, f"${{zelly-{stack}-{balancer}-targets-{port}.arn}}") for port in ports]
        case None:
            return []


@pytest.mark.parametrize("stack", STACKS)
def test_containers_run_their_images_on_their_ports(stack: str) -> None:
    sizes = config_of(stack).services

    def image(service: CatalogService, container: Container) -> str:
        if container.repository is None:
            return sizes[service.name].images[container.name]
        return (
            f"{REGISTRY[stack].replace('{repository}', container.repository)}:{sizes[service.name].initial_image_tag}"
        )

    assert {
        (service, name): (container["image"], [mapping["containerPort"] for mapping in container["portMappings"]])
        for service, by_name in containers(stack).items()
        for name, container in by_name.items()
    } == {
        (service.name, container.name): (image(service, container), list(container.ports))
        for service in SERVICES
        for container in service.containers
    }


@pytest.mark.parametrize("stack", STACKS)
def test_containers_log_where_documented_and_as_long_as_the_config_says(stack: str) -> None:
    config = config_of(stack)
    groups = {
        group.inputs["name"]: group.inputs["retentionInDays"]
        for group in evaluation_of(stack).of_type("aws:cloudwatch/logGroup:LogGroup")
        if "name" in group.inputs
    }
    assert groups == {
        **{f"/zelly/ecs/{service.name}": config.containers.log_retention_days for service in SERVICES},
        "/zelly/clickhouse": config.clickhouse.log_retention_days,
        "/zelly/bastion": config.bastion.log_retention_days,
        f"/aws/rds/cluster/zelly-{stack}-aurora/error": config.aurora.log_retention_days,
        f"/aws/rds/cluster/zelly-{stack}-aurora/slowquery": config.aurora.log_retention_days,
    }
    for service, by_name in containers(stack).items():
        for name, container in by_name.items():
            assert container["logConfiguration"]["options"] == {
                "awslogs-group": f"/zelly/ecs/{service}",
                "awslogs-region": config.region,
                "awslogs-stream-prefix": name,
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            }


@pytest.mark.parametrize("stack", STACKS)
def test_environment_blocks_hold_exactly_what_catalog_and_config_say(stack: str) -> None:
    storefront = config_of(stack).storefront
    # Without the URL to ask anybody's host name would use up the certificate quota.
    settings = {Setting.TLS_ASK_URL: str(storefront.ask_url), Setting.ACME_EMAIL: storefront.acme_email}
    assert {
        name: {pair["name"]: pair["value"] for pair in container["environment"]}
        for by_name in containers(stack).values()
        for name, container in by_name.items()
    } == {
        name: {**container.environment, **{key: settings[each] for key, each in container.settings.items()}}
        for name, container in CONTAINERS.items()
    }


@pytest.mark.parametrize("stack", STACKS)
def test_caddy_keeps_its_certificates_on_the_access_point_as_its_owner(stack: str) -> None:
    definition = by_service(stack, TASK_DEFINITION)["storefront"]
    astro, caddy = (containers(stack)["storefront"][name] for name in ("astro", "caddy"))
    assert definition["volumes"] == [
        {
            "name": "caddy-data",
            "efsVolumeConfiguration": {
                "fileSystemId": f"${{zelly-{stack}-caddy-file-system.id}}",
                "transitEncryption": "ENABLED",
                "authorizationConfig": {
                    "accessPointId": f"${{zelly-{stack}-caddy-access-point.id}}",
                    "iam": "ENABLED",
                },
            },
        }
    ]
    assert caddy["mountPoints"] == [
        {"sourceVolume": "caddy-data", "containerPath": CONTAINERS["caddy"].data_path, "readOnly": False}
    ]
    owner = config_of(stack).storefront
    assert (caddy["user"], astro.get("user")) == (f"{owner.user_id}:{owner.group_id}", None)
    assert caddy["dependsOn"] == [{"containerName": "astro", "condition": "HEALTHY"}]
    # A user other than root may then listen on 80 and 443.
    assert caddy["systemControls"] == [{"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]


@pytest.mark.parametrize("stack", STACKS)
def test_containers_have_as_long_to_stop_as_the_catalog_says(stack: str) -> None:
    assert {
        name: container["stopTimeout"] for by_name in containers(stack).values() for name, container in by_name.items()
    } == {name: container.stop_timeout_seconds for name, container in CONTAINERS.items()}


@pytest.mark.parametrize("stack", STACKS)
def test_containers_are_health_checked_as_the_catalog_says(stack: str) -> None:
    health_checks = {
        name: container["healthCheck"]
        for by_name in containers(stack).values()
        for name, container in by_name.items()
        if "healthCheck" in container
    }
    checked = {name: tuple(health_check.pop("command")) for name, health_check in health_checks.items()}
    # Failures of the first minute do not count: an application that is still starting is not unhealthy.
    timing = {"interval": 15, "timeout": 5, "retries": 3, "startPeriod": 60}
    assert health_checks == dict.fromkeys(checked, timing)
    assert checked == {name: container.health_check for name, container in CONTAINERS.items() if container.health_check}


@pytest.mark.parametrize("stack", STACKS)
def test_deployed_images_of_what_is_built_stand_in_one_parameter_per_service(stack: str) -> None:
    evaluation = evaluation_of(stack)
    parameters = {
        parameter.inputs["name"]: json.loads(parameter.plain_inputs["value"]).keys()
        for parameter in evaluation.of_type("aws:ssm/parameter:Parameter")
        if parameter.name.endswith("-images")
    }
    assert parameters == {
        f"/zelly/{stack}/images/{service.name}": {
            container.name for container in service.containers if container.repository
        }
        for service in SERVICES
        if service.repositories
    }
