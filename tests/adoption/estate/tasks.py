"""The log groups and the task definitions of ``module.ecs``."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.adoption.estate.access import MODULE, NETWORK_BALANCER
from tests.adoption.estate.cluster import Shared
from tests.adoption.estate.edge import FileSystem
from tests.adoption.estate.making import Estate, listed
from tests.adoption.estate.state_file import Written
from tests.zelly_infra.facts import (
    ASTRO_PORT,
    CADDY_DATA_PATH,
    CADDY_HEALTH_PORT,
    ENVIRONMENT_VARIABLES,
    SECRET_KEYS,
    SERVICE,
    SERVICE_LOG_DAYS,
    SERVICE_LOG_GROUP,
    SERVICES,
)

_THIRD_PARTY = {
    "bullmq-dashboard": ("docker.io/deadly0/bull-board:3.2.6", 3000),
    "redisinsight": ("docker.io/redis/redisinsight:2.70.1", 5540),
}
_VOLUME = "caddy-data"
_SECRETS = {"aurora": "zelly/aurora/master", "redis": "zelly/redis/auth"}


def _log_group(estate: Estate, service: str, key: str | int) -> Written:
    name, logs = SERVICE_LOG_GROUP.format(service=service), estate.client("logs")
    logs.create_log_group(logGroupName=name, tags=estate.tags()["tags_all"])
    logs.put_retention_policy(logGroupName=name, retentionInDays=SERVICE_LOG_DAYS)
    return estate.add(
        MODULE,
        "aws_cloudwatch_log_group.service",
        {
            "id": name,
            "arn": estate.arn("logs", f"log-group:{name}"),
            "name": name,
            "retention_in_days": SERVICE_LOG_DAYS,
            **estate.tags(),
        },
        key=key,
    )


def _images(estate: Estate, service: str) -> Mapping[str, str]:
    """Return the image of each container."""
    images = SERVICES[service].images
    if service == "storefront":
        return {"astro": estate.image(images[0]), "caddy": estate.image(images[1])}
    if images:
        return {service: estate.image(images[0])}
    return {name: image for name, (image, _) in _THIRD_PARTY.items()}


def _ports(container: str) -> Sequence[int]:
    if container in _THIRD_PARTY:
        return (_THIRD_PARTY[container][1],)
    own = {"caddy": (80, 443, CADDY_HEALTH_PORT), "astro": (ASTRO_PORT,)}
    if container in own:
        return own[container]
    ingress = SERVICES[container].ingress
    return () if ingress is None else ingress[1]


def _containers(estate: Estate, service: str, shared: Shared, log_group: Written) -> list[dict[str, Any]]:
    return [
        {
            "cpu": 0,
            "environment": [
                {"name": name, "value": value} for name, value in sorted(ENVIRONMENT_VARIABLES[container].items())
            ],
            "essential": True,
            "image": image,
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": log_group["name"],
                    "awslogs-region": estate.region,
                    "awslogs-stream-prefix": container,
                },
            },
            "mountPoints": [{"containerPath": CADDY_DATA_PATH, "readOnly": False, "sourceVolume": _VOLUME}]
            if container == "caddy"
            else [],
            "name": container,
            "portMappings": [
                {"containerPort": port, "hostPort": port, "protocol": "tcp"} for port in _ports(container)
            ],
            "secrets": _secrets(service, shared),
            "systemControls": [],
            "volumesFrom": [],
        }
        for container, image in _images(estate, service).items()
    ]


def _secrets(service: str, shared: Shared) -> list[dict[str, str]]:
    names = [secret for store, secret in _SECRETS.items() if store in SERVICES[service].stores]
    names += [name for name in SECRET_KEYS if name == f"zelly/{service}/env"]
    return sorted(
        (
            {"name": key, "valueFrom": f"{shared.secrets[name]['arn']}:{key}::"}
            for name in names
            for key in SECRET_KEYS[name]
        ),
        key=lambda each: each["name"],
    )


def make_task_definition(estate: Estate, service: str, *, shared: Shared, files: FileSystem, key: str | int) -> Written:
    """Make a service's log group and its task definition; return this."""
    facts, log_group = SERVICES[service], _log_group(estate, service, key)
    family = SERVICE.format(environment=estate.options.stack, service=service)
    containers = _containers(estate, service, shared, log_group)
    sizes = {"cpu": str(int(facts.vcpu * 1024)), "memory": str(facts.memory_mib)}
    on_efs = facts.ingress is not None and facts.ingress[0] == NETWORK_BALANCER
    asked_volumes, written_volumes = _volumes([files] if on_efs else [])
    made = estate.client("ecs").register_task_definition(
        family=family,
        **sizes,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        executionRoleArn=shared.execution_role["arn"],
        taskRoleArn=shared.task_role["arn"],
        runtimePlatform={"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
        containerDefinitions=containers,
        volumes=asked_volumes,
        tags=listed(estate.tags()["tags_all"], key="key", value="value"),
    )["taskDefinition"]
    arn = made["taskDefinitionArn"]
    return estate.add(
        MODULE,
        "aws_ecs_task_definition.service",
        {
            "id": family,
            "arn": arn,
            "arn_without_revision": arn.rpartition(":")[0],
            "container_definitions": json.dumps(containers, sort_keys=True, separators=(",", ":")),
            **sizes,
            "execution_role_arn": shared.execution_role["arn"],
            "family": family,
            "network_mode": "awsvpc",
            "requires_compatibilities": ["FARGATE"],
            "revision": made["revision"],
            "runtime_platform": [{"cpu_architecture": "X86_64", "operating_system_family": "LINUX"}],
            "task_role_arn": shared.task_role["arn"],
            "volume": written_volumes,
            **estate.tags(),
        },
        key=key,
        after=[
            shared.execution_role,
            shared.task_role,
            log_group,
            *([files.file_system, files.access_point, *files.mount_targets] if on_efs else []),
            *shared.secrets.values(),
        ],
    )


def _volumes(mounted: Sequence[FileSystem]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the volumes on EFS as ECS takes them, and as Terraform writes them."""
    asked: list[dict[str, Any]] = []
    written: list[dict[str, Any]] = []
    for files in mounted:
        on = {"access_point_id": files.access_point["id"], "iam": "DISABLED"}
        asked.append(
            {
                "fileSystemId": files.file_system["id"],
                "rootDirectory": "/",
                "transitEncryption": "ENABLED",
                "authorizationConfig": {"accessPointId": on["access_point_id"], "iam": on["iam"]},
            }
        )
        written.append(
            {
                "authorization_config": [on],
                "file_system_id": files.file_system["id"],
                "root_directory": "/",
                "transit_encryption": "ENABLED",
                "transit_encryption_port": 0,
            }
        )
    return (
        [{"name": _VOLUME, "efsVolumeConfiguration": each} for each in asked],
        [
            {"configure_at_launch": False, "efs_volume_configuration": [each], "host_path": "", "name": _VOLUME}
            for each in written
        ],
    )
