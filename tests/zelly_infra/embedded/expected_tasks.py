"""What every service's task is made of, container by container, as the platform's documents have it."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.zelly_infra.embedded.environment import ACCOUNT_ID, REGISTRY_REGION

IMAGE_TAGS = {"production": "prod-00000000", "staging": "staging-00000000"}

ASK_URLS = {
    "production": "https://api.zelly.in/internal/tls/ask",
    "staging": "https://api.staging.zelly.in/internal/tls/ask",
}

SIZES = {
    "fastify-nova": ("1024", "2048"),
    "customer-panel": ("512", "1024"),
    "orion-backend": ("512", "1024"),
    "events-consumer": ("256", "512"),
    "storefront": ("1024", "2048"),
    "internal-tools": ("256", "512"),
}
"""CPU units and MiB of memory, as ECS writes them."""

AURORA = ("zelly/aurora/master", ("DB_HOST", "DB_PASSWORD", "DB_USER"))
REDIS = ("zelly/redis/auth", ("REDIS_HOST", "REDIS_PASSWORD", "REDIS_PORT"))
CLICKHOUSE = (
    "zelly/clickhouse/credentials",
    ("CLICKHOUSE_HOST", "CLICKHOUSE_PASSWORD", "CLICKHOUSE_PORT", "CLICKHOUSE_USER"),
)
FASTIFY_NOVA = (
    "zelly/fastify-nova/env",
    (
        "CLICKHOUSE_HOST",
        "CLICKHOUSE_PASSWORD",
        "CLICKHOUSE_PORT",
        "CLICKHOUSE_USER",
        "FIREBASE_CLIENT_EMAIL",
        "FIREBASE_PRIVATE_KEY",
        "FIREBASE_PROJECT_ID",
        "JWT_SECRET",
        "RAZORPAY_KEY_ID",
        "RAZORPAY_KEY_SECRET",
        "RAZORPAY_WEBHOOK_SECRET",
        "SLACK_WEBHOOK_URL",
    ),
)
CUSTOMER_PANEL = (
    "zelly/customer-panel/env",
    ("COOKIE_SECRET", "JWT_SECRET", "SSO_CLIENT_ID", "SSO_CLIENT_SECRET", "SSO_ISSUER_URL"),
)
ORION_BACKEND = ("zelly/orion-backend/env", ("CORS_ORIGINS", "JWT_SECRET_KEY"))

Keys = tuple[str, tuple[str, ...]]
"""A secret's name and its keys."""


def containers(stack: str, region: str, service: str) -> list[dict[str, Any]]:
    """Return the container definitions that a service's task must have, secrets as ``name:key``."""
    return [
        _complete(container, region, service)
        for container in {
            "fastify-nova": [
                _web(stack, service, 3000, (AURORA, FASTIFY_NOVA, REDIS), DB_SSL="true", REDIS_TLS="true")
            ],
            "customer-panel": [
                _web(stack, service, 5174, (AURORA, CUSTOMER_PANEL, REDIS), DB_SSL="true", REDIS_TLS="true")
            ],
            "orion-backend": [_web(stack, service, 3022, (AURORA, CLICKHOUSE, ORION_BACKEND), DB_SSL="true")],
            "events-consumer": [_events_consumer(stack)],
            "storefront": [_astro(stack), _caddy(stack)],
            "internal-tools": [_bullmq_dashboard(), _redisinsight()],
        }[service]
    ]


def _complete(container: Mapping[str, Any], region: str, service: str) -> dict[str, Any]:
    """Add what every container has in common."""
    return {
        "cpu": 0,
        "essential": True,
        "mountPoints": [],
        "volumesFrom": [],
        "secrets": [],
        "portMappings": [],
        "systemControls": [],
        "stopTimeout": 30,
        "linuxParameters": {"initProcessEnabled": True},
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": f"/zelly/ecs/{service}",
                "awslogs-region": region,
                "awslogs-stream-prefix": container["name"],
                "max-buffer-size": "25m",
                "mode": "non-blocking",
            },
        },
        **container,
    }


def _web(stack: str, service: str, port: int, secrets: Iterable[Keys], **variables: str) -> dict[str, Any]:
    return {
        "name": service,
        "image": _image(stack, service),
        "portMappings": _ports(port),
        "environment": _pairs({"NODE_ENV": "production", "PORT": str(port), **variables}),
        "secrets": _secrets(secrets),
        "healthCheck": _node_check(port, "/health"),
    }


def _events_consumer(stack: str) -> dict[str, Any]:
    return {
        "name": "events-consumer",
        "image": _image(stack, "events-consumer"),
        "environment": _pairs({"NODE_ENV": "production", "REDIS_TLS": "true"}),
        "secrets": _secrets((CLICKHOUSE, REDIS)),
        "stopTimeout": 120,
    }


def _astro(stack: str) -> dict[str, Any]:
    return {
        "name": "astro",
        "image": _image(stack, "astro-storefront"),
        "portMappings": _ports(4321),
        "environment": _pairs({"HOST": "0.0.0.0", "NODE_ENV": "production", "PORT": "4321"}),  # noqa: S104
        "healthCheck": _node_check(4321, "/"),
    }


def _caddy(stack: str) -> dict[str, Any]:
    return {
        "name": "caddy",
        "image": _image(stack, "caddy"),
        "portMappings": _ports(80, 443, 8080),
        "environment": _pairs(
            {
                "ACME_EMAIL": "platform@zelly.in",
                "ON_DEMAND_TLS_ASK_URL": ASK_URLS[stack],
                "UPSTREAM": "127.0.0.1:4321",
            }
        ),
        "healthCheck": _check(
            "CMD-SHELL",
            'touch "${XDG_DATA_HOME:-/data}/.writable" && wget -q -O /dev/null http://127.0.0.1:8080/health',
        ),
        "dependsOn": [{"containerName": "astro", "condition": "HEALTHY"}],
        "mountPoints": [{"sourceVolume": "caddy-data", "containerPath": "/data", "readOnly": False}],
        "user": "1000:1000",
        # Without it a user other than root may not listen on 80 and 443.
        "systemControls": [{"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}],
    }


def _bullmq_dashboard() -> dict[str, Any]:
    return {
        "name": "bullmq-dashboard",
        "image": "docker.io/deadly0/bull-board:3.2.6",
        "portMappings": _ports(3000),
        "environment": _pairs({"PORT": "3000", "REDIS_USE_TLS": "true"}),
        "secrets": _secrets((REDIS,)),
    }


def _redisinsight() -> dict[str, Any]:
    return {
        "name": "redisinsight",
        "image": "docker.io/redis/redisinsight:2.70.1",
        "portMappings": _ports(5540),
        "environment": _pairs({"RI_REDIS_ALIAS": "zelly", "RI_REDIS_TLS": "true"}),
        "secrets": [{"name": f"RI_{pair['name']}", "valueFrom": pair["valueFrom"]} for pair in _secrets((REDIS,))],
    }


def _image(stack: str, repository: str) -> str:
    return f"{ACCOUNT_ID}.dkr.ecr.{REGISTRY_REGION}.amazonaws.com/zelly/{repository}:{IMAGE_TAGS[stack]}"


def _ports(*ports: int) -> list[dict[str, Any]]:
    return [{"containerPort": port, "hostPort": port, "protocol": "tcp"} for port in ports]


def _pairs(variables: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in sorted(variables.items())]


def _secrets(secrets: Iterable[Keys]) -> list[dict[str, str]]:
    pairs = [(key, f"{secret}:{key}") for secret, keys in secrets for key in keys]
    return [{"name": key, "valueFrom": reference} for key, reference in sorted(pairs)]


def _node_check(port: int, path: str) -> dict[str, Any]:
    script = f"fetch('http://127.0.0.1:{port}{path}').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"
    return _check("CMD", "node", "-e", script)


def _check(*command: str) -> dict[str, Any]:
    return {"command": list(command), "interval": 15, "timeout": 5, "retries": 3, "startPeriod": 60}
