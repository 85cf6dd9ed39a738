"""What every service's task is made of, container by container, as ECS describes what catalog and config say."""

from collections.abc import Mapping
from typing import Any

from tests.zelly_infra.embedded.environment import ACCOUNT_ID, REGISTRY_REGION
from tests.zelly_infra.evaluations import config_of
from zelly_infra.catalog import SERVICES, Container, Setting
from zelly_infra.config import EnvironmentConfig

BY_NAME = {service.name: service for service in SERVICES}


def containers(stack: str, service: str) -> list[dict[str, Any]]:
    """Return the container definitions that a service's task must have, secrets as ``name:key``."""
    return [_container(config_of(stack), service, container) for container in BY_NAME[service].containers]


def _container(config: EnvironmentConfig, service: str, container: Container) -> dict[str, Any]:
    expected: dict[str, Any] = {
        "name": container.name,
        "image": _image(config, service, container),
        "cpu": 0,
        "essential": True,
        "mountPoints": [],
        "volumesFrom": [],
        "portMappings": [{"containerPort": port, "hostPort": port, "protocol": "tcp"} for port in container.ports],
        "environment": _environment(config, container),
        "secrets": [
            {"name": variable.name, "valueFrom": f"{variable.secret}:{variable.key}"}
            for variable in sorted(container.secrets, key=lambda each: each.name)
        ],
        "systemControls": [],
        "stopTimeout": container.stop_timeout_seconds,
        "linuxParameters": {"initProcessEnabled": True},
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": f"/zelly/ecs/{service}",
                "awslogs-region": config.region,
                "awslogs-stream-prefix": container.name,
                "max-buffer-size": "25m",
                "mode": "non-blocking",
            },
        },
    }
    return {**expected, **_health_check(container), **_order(container), **_volume(config, container)}


def _image(config: EnvironmentConfig, service: str, container: Container) -> str:
    size = config.services[service]
    if container.repository is None:
        return size.images[container.name]
    registry = f"{ACCOUNT_ID}.dkr.ecr.{REGISTRY_REGION}.amazonaws.com"
    return f"{registry}/{container.repository}:{size.initial_image_tag}"


def _environment(config: EnvironmentConfig, container: Container) -> list[dict[str, str]]:
    settings: Mapping[Setting, str] = {
        Setting.TLS_ASK_URL: str(config.storefront.ask_url),
        Setting.ACME_EMAIL: config.storefront.acme_email,
    }
    values = {**container.environment, **{name: settings[each] for name, each in container.settings.items()}}
    return [{"name": name, "value": value} for name, value in sorted(values.items())]


def _health_check(container: Container) -> dict[str, Any]:
    if container.health_check is None:
        return {}
    timing = {"interval": 15, "timeout": 5, "retries": 3, "startPeriod": 60}
    return {"healthCheck": {"command": list(container.health_check), **timing}}


def _order(container: Container) -> dict[str, Any]:
    waits = [{"containerName": name, "condition": "HEALTHY"} for name in container.starts_after]
    return {"dependsOn": waits} if waits else {}


def _volume(config: EnvironmentConfig, container: Container) -> dict[str, Any]:
    """Return what the container that keeps the certificates has besides."""
    if container.data_path is None:
        return {}
    return {
        "mountPoints": [{"sourceVolume": "caddy-data", "containerPath": container.data_path, "readOnly": False}],
        "user": f"{config.storefront.user_id}:{config.storefront.group_id}",
        # Without it a user other than root may not listen on 80 and 443.
        "systemControls": [{"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}],
    }
