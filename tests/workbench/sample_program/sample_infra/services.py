"""The shop's services as data: what they are made of and which secrets they are given."""

from collections.abc import Mapping, Sequence

from workbench.names import Names
from workbench.program import Container, SecretVariable, Service

PROJECT = "sample"

AURORA_SECRET = "sample/aurora/login"
REDIS_SECRET = "sample/redis/login"
CLICKHOUSE_SECRET = "sample/clickhouse/login"
WEB_SECRET = "sample/web/env"
WORKER_SECRET = "sample/worker/env"

OWN_SECRETS: Mapping[str, tuple[str, ...]] = {
    AURORA_SECRET: ("DB_HOST", "DB_USER", "DB_PASSWORD"),
    REDIS_SECRET: ("REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD"),
    CLICKHOUSE_SECRET: ("CLICKHOUSE_HOST", "CLICKHOUSE_PORT", "CLICKHOUSE_USER", "CLICKHOUSE_PASSWORD"),
}
APPLICATION_SECRETS: Mapping[str, tuple[str, ...]] = {
    WEB_SECRET: ("SESSION_KEY", "MAIL_URL"),
    WORKER_SECRET: ("QUEUE_KEY", "ORIGINS"),
}

LOG_GROUPS = "/sample/"
CLICKHOUSE_LOG_GROUP = f"{LOG_GROUPS}clickhouse"

LOAD_BALANCER = "alb-web"
PORTS: Mapping[str, int] = {"app": 3000, "proxy": 8080, "xray": 2000, "console": 5540}
"""By container; the worker listens on none."""
HEALTH_CHECKED = frozenset({"app", "proxy", "worker"})
"""The containers that tell ECS whether they are healthy."""
ROLE = "sample-pipelines"


def _given(*secrets: str) -> tuple[SecretVariable, ...]:
    keys = {**OWN_SECRETS, **APPLICATION_SECRETS}
    return tuple(SecretVariable(name=key, secret=secret, key=key) for secret in secrets for key in keys[secret])


SERVICES: tuple[Service, ...] = (
    Service(
        name="web",
        containers=(
            Container(name="app", repository="sample/app", secrets=_given(AURORA_SECRET, WEB_SECRET)),
            Container(name="proxy", repository="sample/proxy", secrets=()),
        ),
        log_group=f"{LOG_GROUPS}ecs/web",
    ),
    Service(
        name="worker",
        containers=(
            Container(
                name="worker",
                repository="sample/worker",
                secrets=_given(REDIS_SECRET, CLICKHOUSE_SECRET, WORKER_SECRET),
            ),
            Container(name="xray", repository=None, secrets=()),
        ),
        log_group=f"{LOG_GROUPS}ecs/worker",
    ),
    Service(
        name="tools",
        containers=(Container(name="console", repository=None, secrets=_given(REDIS_SECRET)),),
        log_group=f"{LOG_GROUPS}ecs/tools",
    ),
)

REPOSITORIES = tuple(repository for service in SERVICES for repository in service.repositories.values())


def names_of(environment: str) -> Names:
    """Return the names of an environment's parts."""
    return Names(PROJECT, environment)


def ports_of(container: Container) -> Sequence[int]:
    """Return the ports that a container listens on."""
    return [PORTS[container.name]] if container.name in PORTS else []
