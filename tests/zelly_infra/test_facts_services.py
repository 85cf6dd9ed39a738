"""The service table of the platform's documents, read off both stacks: sizes, counts, ports, names, logs."""

import json
import re
from typing import Any

import pytest

from tests.zelly_infra.evaluations import STACKS, evaluation_of
from tests.zelly_infra.stack_files import environment_of

TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
REGISTRY = {
    "production": "${zelly-production-registry-{repository}.repositoryUrl}:prod-00000000",
    "staging": "${repository {repository}.repositoryUrl}:staging-00000000",
}
MAXIMUM_TASKS = {
    "production": {"fastify-nova": 4, "customer-panel": 2, "orion-backend": 2, "storefront": 4},
    "staging": {"fastify-nova": 2, "customer-panel": 2, "orion-backend": 2, "storefront": 2},
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
def test_services_have_the_documented_names_and_sizes(stack: str) -> None:
    definitions, services = by_service(stack, TASK_DEFINITION), by_service(stack, SERVICE)
    assert {
        service: (inputs["name"], definitions[service]["cpu"], definitions[service]["memory"], inputs["desiredCount"])
        for service, inputs in services.items()
    } == {
        "fastify-nova": (f"zelly-{stack}-fastify-nova", "1024", "2048", 1),
        "customer-panel": (f"zelly-{stack}-customer-panel", "512", "1024", 1),
        "orion-backend": (f"zelly-{stack}-orion-backend", "512", "1024", 1),
        "events-consumer": (f"zelly-{stack}-events-consumer", "256", "512", 1),
        "storefront": (f"zelly-{stack}-storefront", "1024", "2048", 1),
        "internal-tools": (f"zelly-{stack}-internal-tools", "256", "512", 1),
    }
    assert {
        service: (inputs["family"], inputs["requiresCompatibilities"], inputs["runtimePlatform"])
        for service, inputs in definitions.items()
    } == {
        service: (
            f"zelly-{stack}-{service}",
            ["FARGATE"],
            {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
        )
        for service in services
    }


@pytest.mark.parametrize("stack", STACKS)
def test_cluster_has_the_documented_name_and_counts_production(stack: str) -> None:
    cluster = evaluation_of(stack).one("aws:ecs/cluster:Cluster")
    assert cluster.inputs == {
        "name": f"zelly-{stack}",
        "settings": [{"name": "containerInsights", "value": "enabled" if stack == "production" else "disabled"}],
    }
    providers = evaluation_of(stack).one("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
    assert providers.inputs["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]


@pytest.mark.parametrize("stack", STACKS)
def test_services_scale_on_cpu_to_the_documented_maximum(stack: str) -> None:
    targets = by_service(stack, "aws:appautoscaling/target:Target")
    assert {
        service: (inputs["resourceId"], inputs["minCapacity"], inputs["maxCapacity"])
        for service, inputs in targets.items()
    } == {
        service: (f"service/zelly-{stack}/zelly-{stack}-{service}", 1, maximum)
        for service, maximum in MAXIMUM_TASKS[stack].items()
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
    } == dict.fromkeys(MAXIMUM_TASKS[stack], ("ECSServiceAverageCPUUtilization", 70))


@pytest.mark.parametrize("stack", STACKS)
def test_services_run_in_private_subnets_and_can_be_entered(stack: str) -> None:
    for service, inputs in by_service(stack, SERVICE).items():
        assert inputs["cluster"] == f"${{zelly-{stack}-cluster.arn}}"
        assert inputs["networkConfiguration"] == {
            "subnets": [f"${{zelly-{stack}-network-private-{zone}.id}}" for zone in "abc"],
            "securityGroups": [f"${{zelly-{stack}-{service}-sg.id}}"],
            "assignPublicIp": False,
        }
        assert inputs["capacityProviderStrategies"] == [{"capacityProvider": "FARGATE", "weight": 1, "base": 1}]
        assert inputs["enableExecuteCommand"] is True
        assert inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}


@pytest.mark.parametrize("stack", STACKS)
def test_services_register_the_documented_ports_with_their_balancers(stack: str) -> None:
    registered = {
        service: (
            [(group["containerName"], group["containerPort"], group["targetGroupArn"]) for group in balancers],
            inputs.get("healthCheckGracePeriodSeconds"),
        )
        for service, inputs in by_service(stack, SERVICE).items()
        for balancers in [inputs.get("loadBalancers", [])]
    }

    def target(balancer: str) -> str:
        return f"${{zelly-{stack}-{balancer}.arn}}"

    assert registered == {
        "fastify-nova": ([("fastify-nova", 3000, target("alb-nova-targets"))], 120),
        "customer-panel": ([("customer-panel", 5174, target("alb-customer-targets"))], 120),
        "orion-backend": ([("orion-backend", 3022, target("alb-orion-targets"))], 120),
        "events-consumer": ([], None),
        "storefront": (
            [
                ("caddy", 80, target("nlb-storefront-targets-80")),
                ("caddy", 443, target("nlb-storefront-targets-443")),
            ],
            120,
        ),
        "internal-tools": ([], None),
    }


@pytest.mark.parametrize("stack", STACKS)
def test_containers_run_the_documented_images_on_the_documented_ports(stack: str) -> None:
    def built(repository: str) -> str:
        return REGISTRY[stack].replace("{repository}", repository)

    assert {
        (service, name): (container["image"], [mapping["containerPort"] for mapping in container["portMappings"]])
        for service, by_name in containers(stack).items()
        for name, container in by_name.items()
    } == {
        ("fastify-nova", "fastify-nova"): (built("zelly/fastify-nova"), [3000]),
        ("customer-panel", "customer-panel"): (built("zelly/customer-panel"), [5174]),
        ("orion-backend", "orion-backend"): (built("zelly/orion-backend"), [3022]),
        ("events-consumer", "events-consumer"): (built("zelly/events-consumer"), []),
        ("storefront", "astro"): (built("zelly/astro-storefront"), [4321]),
        ("storefront", "caddy"): (built("zelly/caddy"), [80, 443, 8080]),
        ("internal-tools", "bullmq-dashboard"): ("docker.io/deadly0/bull-board:3.2.6", [3000]),
        ("internal-tools", "redisinsight"): ("docker.io/redis/redisinsight:2.70.1", [5540]),
    }


@pytest.mark.parametrize("stack", STACKS)
def test_containers_log_where_documented_and_for_thirty_days(stack: str) -> None:
    evaluation = evaluation_of(stack)
    groups = {
        group.inputs["name"]: group.inputs["retentionInDays"]
        for group in evaluation.of_type("aws:cloudwatch/logGroup:LogGroup")
        if "name" in group.inputs
    }
    assert groups == dict.fromkeys(
        [
            *(f"/zelly/ecs/{service}" for service in by_service(stack, SERVICE)),
            "/zelly/clickhouse",
            "/zelly/bastion",
            f"/aws/rds/cluster/zelly-{stack}-aurora/error",
            f"/aws/rds/cluster/zelly-{stack}-aurora/slowquery",
        ],
        30,
    )
    for service, by_name in containers(stack).items():
        for name, container in by_name.items():
            assert container["logConfiguration"]["options"] == {
                "awslogs-group": f"/zelly/ecs/{service}",
                "awslogs-region": environment_of(stack)["region"],
                "awslogs-stream-prefix": name,
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            }


@pytest.mark.parametrize("stack", STACKS)
def test_environment_blocks_hold_exactly_these_values(stack: str) -> None:
    api = {"production": "api.zelly.in", "staging": "api.staging.zelly.in"}[stack]
    assert {
        name: {pair["name"]: pair["value"] for pair in container["environment"]}
        for by_name in containers(stack).values()
        for name, container in by_name.items()
    } == {
        "fastify-nova": {"NODE_ENV": "production", "PORT": "3000", "DB_SSL": "true", "REDIS_TLS": "true"},
        "customer-panel": {"NODE_ENV": "production", "PORT": "5174", "DB_SSL": "true", "REDIS_TLS": "true"},
        "orion-backend": {"NODE_ENV": "production", "PORT": "3022", "DB_SSL": "true"},
        "events-consumer": {"NODE_ENV": "production", "REDIS_TLS": "true"},
        "astro": {"NODE_ENV": "production", "HOST": "0.0.0.0", "PORT": "4321"},  # noqa: S104
        "caddy": {
            "UPSTREAM": "127.0.0.1:4321",
            # Without it anybody's host name would use up the certificate quota.
            "ON_DEMAND_TLS_ASK_URL": f"https://{api}/internal/tls/ask",
            "ACME_EMAIL": "platform@zelly.in",
        },
        "bullmq-dashboard": {"PORT": "3000", "REDIS_USE_TLS": "true"},
        "redisinsight": {"RI_REDIS_ALIAS": "zelly", "RI_REDIS_TLS": "true"},
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
    assert caddy["mountPoints"] == [{"sourceVolume": "caddy-data", "containerPath": "/data", "readOnly": False}]
    assert (caddy["user"], astro.get("user")) == ("1000:1000", None)
    assert caddy["dependsOn"] == [{"containerName": "astro", "condition": "HEALTHY"}]
    # A user other than root may then listen on 80 and 443.
    assert caddy["systemControls"] == [{"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]


@pytest.mark.parametrize("stack", STACKS)
def test_only_the_queue_worker_has_two_minutes_to_stop(stack: str) -> None:
    assert {
        name: container["stopTimeout"] for by_name in containers(stack).values() for name, container in by_name.items()
    } == {
        "fastify-nova": 30,
        "customer-panel": 30,
        "orion-backend": 30,
        "events-consumer": 120,
        "astro": 30,
        "caddy": 30,
        "bullmq-dashboard": 30,
        "redisinsight": 30,
    }


@pytest.mark.parametrize("stack", STACKS)
def test_every_container_that_is_built_here_but_the_worker_is_health_checked(stack: str) -> None:
    health_checks = {
        name: container["healthCheck"]
        for by_name in containers(stack).values()
        for name, container in by_name.items()
        if "healthCheck" in container
    }
    checked = {name: health_check.pop("command")[-1] for name, health_check in health_checks.items()}
    # Failures of the first minute do not count: an application that is still starting is not unhealthy.
    timing = {"interval": 15, "timeout": 5, "retries": 3, "startPeriod": 60}
    assert health_checks == dict.fromkeys(checked, timing)
    fetch = "fetch('http://127.0.0.1:{}').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"
    assert checked == {
        "fastify-nova": fetch.format("3000/health"),
        "customer-panel": fetch.format("5174/health"),
        "orion-backend": fetch.format("3022/health"),
        "astro": fetch.format("4321/"),
        # It writes to the volume, too.
        "caddy": 'touch "${XDG_DATA_HOME:-/data}/.writable" && wget -q -O /dev/null http://127.0.0.1:8080/health',
    }


@pytest.mark.parametrize("stack", STACKS)
def test_deployed_images_of_what_is_built_stand_in_one_parameter_per_service(stack: str) -> None:
    evaluation = evaluation_of(stack)
    parameters = {
        parameter.inputs["name"]: json.loads(parameter.plain_inputs["value"]).keys()
        for parameter in evaluation.of_type("aws:ssm/parameter:Parameter")
        if parameter.name.endswith("-images")
    }
    assert parameters == {
        f"/zelly/{stack}/images/fastify-nova": {"fastify-nova"},
        f"/zelly/{stack}/images/customer-panel": {"customer-panel"},
        f"/zelly/{stack}/images/orion-backend": {"orion-backend"},
        f"/zelly/{stack}/images/events-consumer": {"events-consumer"},
        f"/zelly/{stack}/images/storefront": {"astro", "caddy"},
    }
