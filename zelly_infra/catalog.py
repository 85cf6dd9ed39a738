"""The services as data: their containers, their ways in, and the stores that they reach.

Facts from the platform's service, architecture and deployment documents. What differs between environments (sizes,
counts, tags, host names) stands in the environment config instead.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Store(StrEnum):
    """A data store that services may be allowed to reach."""

    AURORA = "aurora"
    REDIS = "redis"
    CLICKHOUSE = "clickhouse"


class Setting(StrEnum):
    """A value of the environment config that a container needs in its environment, by its key."""

    TLS_ASK_URL = "storefront.ask_url"
    ACME_EMAIL = "storefront.acme_email"


AURORA_SECRET = "zelly/aurora/master"  # noqa: S105 (a name, as the four below)
REDIS_SECRET = "zelly/redis/auth"  # noqa: S105
CLICKHOUSE_SECRET = "zelly/clickhouse/credentials"  # noqa: S105
WIREGUARD_SECRET = "zelly/wireguard/server"  # noqa: S105

AURORA_KEYS = ("DB_HOST", "DB_USER", "DB_PASSWORD")
REDIS_KEYS = ("REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD")
CLICKHOUSE_KEYS = ("CLICKHOUSE_HOST", "CLICKHOUSE_PORT", "CLICKHOUSE_USER", "CLICKHOUSE_PASSWORD")
WIREGUARD_KEYS = ("WIREGUARD_PRIVATE_KEY",)

PROGRAM_SECRETS: Mapping[str, tuple[str, ...]] = {
    AURORA_SECRET: AURORA_KEYS,
    REDIS_SECRET: REDIS_KEYS,
    CLICKHOUSE_SECRET: CLICKHOUSE_KEYS,
    WIREGUARD_SECRET: WIREGUARD_KEYS,
}
"""Secrets whose values the program makes and replaces."""

HOSTS_BY_SECRET: Mapping[str, str] = {CLICKHOUSE_SECRET: "clickhouse host", WIREGUARD_SECRET: "bastion"}
"""The hosts that read a secret by themselves, which no task definition shows."""

SHARED_LOAD_BALANCER = "alb-shared"
"""The one balancer of all HTTPS services where the environment config asks for one."""

VPN = "vpn"
"""The name of the bastion, and of those who come through it, in the rules of security groups."""

CADDY_VOLUME = "caddy-data"
CADDY_HEALTH_PORT = 8080
CADDY_HEALTH_PATH = "/health"


@dataclass(frozen=True, kw_only=True)
class SecretVariable:
    """An environment variable whose value is one JSON key of a secret."""

    name: str
    secret: str
    key: str


def _variables(secret: str, keys: tuple[str, ...]) -> tuple[SecretVariable, ...]:
    return tuple(SecretVariable(name=key, secret=secret, key=key) for key in keys)


def _own(service: str, *keys: str) -> tuple[SecretVariable, ...]:
    """Return the variables of a service from a secret of its own, whose values operators set."""
    return _variables(f"zelly/{service}/env", keys)


_AURORA = _variables(AURORA_SECRET, AURORA_KEYS)
_REDIS = _variables(REDIS_SECRET, REDIS_KEYS)
_CLICKHOUSE = _variables(CLICKHOUSE_SECRET, CLICKHOUSE_KEYS)


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container of a service's task."""

    name: str
    repository: str | None
    """The repository of its image; None: a third party's image, fixed in the environment config."""
    ports: tuple[int, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    settings: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    """Environment variables whose values stand in the environment config."""
    secrets: tuple[SecretVariable, ...] = ()
    health_check: tuple[str, ...] | None = None
    """The command that ECS runs in the container to check its health; None: a container that exits is unhealthy."""
    starts_after: tuple[str, ...] = ()
    """Containers of the task that have to be healthy first."""
    data_path: str | None = None
    """The mount point of the certificate volume; None: not mounted."""
    stop_timeout_seconds: int = 30
    """The time in which a task may finish its work after SIGTERM; Fargate allows up to 120."""


@dataclass(frozen=True, kw_only=True)
class HttpsIngress:
    """HTTPS from the internet through an application load balancer: the service's own, or the shared one."""

    load_balancer: str
    container: str
    port: int
    health_check_path: str


@dataclass(frozen=True, kw_only=True)
class PassthroughIngress:
    """TCP from the internet through the network load balancer, TLS ending in the container."""

    load_balancer: str
    container: str
    ports: tuple[int, ...]
    health_check_port: int
    health_check_path: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """Requests to another part of the platform, or to a third party."""

    to: str
    """A service, or a third party of :mod:`zelly_infra.surroundings`."""
    purpose: str


@dataclass(frozen=True, kw_only=True)
class Service:
    """One ECS service."""

    name: str
    purpose: str
    """In a sentence, for the platform's documentation."""
    technology: str
    github_repository: str | None
    """The repository in the organisation whose pushes deploy it; None: nothing is built for it."""
    build_folder: str = ""
    """The folder of the repository that its image is built from; empty: the repository itself."""
    calls: tuple[Call, ...] = ()
    """As far as the documents name them. Stores and queues stand by themselves."""
    containers: tuple[Container, ...]
    stores: frozenset[Store] = frozenset()
    ingress: HttpsIngress | PassthroughIngress | None = None

    @property
    def ports(self) -> tuple[int, ...]:
        """Every port that one of the containers listens on, in ascending order."""
        return tuple(sorted(port for container in self.containers for port in container.ports))

    @property
    def third_party_containers(self) -> tuple[str, ...]:
        """The containers whose images the environment config has to name."""
        return tuple(container.name for container in self.containers if container.repository is None)

    @property
    def repositories(self) -> tuple[str, ...]:
        """The ECR repositories of its images."""
        return tuple(container.repository for container in self.containers if container.repository is not None)


def _node_health_check(port: int, path: str) -> tuple[str, ...]:
    # Node 18 and later has fetch; the slim images have neither curl nor wget.
    script = f"fetch('http://127.0.0.1:{port}{path}').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"
    return ("CMD", "node", "-e", script)


_CADDY_HEALTH_CHECK = (
    "CMD-SHELL",
    # Where nobody may write to the volume, Caddy starts all the same and answers, with no certificate for anybody.
    'touch "${XDG_DATA_HOME:-/data}/.writable" && '
    f"wget -q -O /dev/null http://127.0.0.1:{CADDY_HEALTH_PORT}{CADDY_HEALTH_PATH}",
)

_NODE = {"NODE_ENV": "production"}
# TLS is on at Redis; a client that connects without it is refused, not downgraded.
_REDIS_CLIENT = {"REDIS_TLS": "true"}
# Likewise at Aurora. What each client makes of it: docs/aurora.md.
_AURORA_CLIENT = {"DB_SSL": "true"}


def _https_service(
    name: str,
    *,
    purpose: str,
    technology: str,
    repository: str,
    build_folder: str = "",
    calls: tuple[Call, ...] = (),
    load_balancer: str,
    port: int,
    stores: frozenset[Store],
    secrets: tuple[SecretVariable, ...],
    environment: Mapping[str, str] | None = None,
) -> Service:
    return Service(
        name=name,
        purpose=purpose,
        technology=technology,
        github_repository=repository,
        build_folder=build_folder,
        calls=calls,
        containers=(
            Container(
                name=name,
                repository=f"zelly/{name}",
                ports=(port,),
                environment={**_NODE, "PORT": str(port), **(environment or {})},
                secrets=secrets,
                health_check=_node_health_check(port, "/health"),
            ),
        ),
        stores=stores,
        ingress=HttpsIngress(load_balancer=load_balancer, container=name, port=port, health_check_path="/health"),
    )


SERVICES: tuple[Service, ...] = (
    _https_service(
        "fastify-nova",
        purpose="Core API: orders, catalog, Shopify webhooks, Firebase authentication, analytics events.",
        technology="Node.js, Fastify",
        repository="backend-api-fastify-nova",
        calls=(
            Call(to="Shopify", purpose="pushes and fetches settings, synchronises the product catalog"),
            Call(to="Firebase", purpose="checks who signs in"),
            Call(to="Razorpay", purpose="takes payments"),
            Call(to="Slack", purpose="posts messages by a webhook"),
        ),
        load_balancer="alb-nova",
        port=3000,
        # It holds ClickHouse credentials in its own secret, but the documents name no traffic to it.
        stores=frozenset({Store.AURORA, Store.REDIS}),
        secrets=(
            *_AURORA,
            *_REDIS,
            *_own(
                "fastify-nova",
                "JWT_SECRET",
                "RAZORPAY_KEY_ID",
                "RAZORPAY_KEY_SECRET",
                "RAZORPAY_WEBHOOK_SECRET",
                "SLACK_WEBHOOK_URL",
                "FIREBASE_PROJECT_ID",
                "FIREBASE_CLIENT_EMAIL",
                "FIREBASE_PRIVATE_KEY",
                *CLICKHOUSE_KEYS,
            ),
        ),
        environment={**_AURORA_CLIENT, **_REDIS_CLIENT},
    ),
    _https_service(
        "customer-panel",
        purpose="Authentication of storefronts' customers: single sign-on, login, sign-up, session cookies.",
        technology="Node.js",
        repository="customer-panel-neptune",
        calls=(Call(to="SSO issuer", purpose="signs customers in"),),
        load_balancer="alb-customer",
        port=5174,
        stores=frozenset({Store.AURORA, Store.REDIS}),
        secrets=(
            *_AURORA,
            *_REDIS,
            *_own(
                "customer-panel", "JWT_SECRET", "COOKIE_SECRET", "SSO_ISSUER_URL", "SSO_CLIENT_ID", "SSO_CLIENT_SECRET"
            ),
        ),
        environment={**_AURORA_CLIENT, **_REDIS_CLIENT},
    ),
    _https_service(
        "orion-backend",
        purpose="API of the internal staff dashboard: management of tenants, analytics.",
        technology="Node.js, NestJS",
        repository="internal-admin-panel-orion",
        build_folder="backend",
        load_balancer="alb-orion",
        port=3022,
        stores=frozenset({Store.AURORA, Store.CLICKHOUSE}),
        secrets=(*_AURORA, *_CLICKHOUSE, *_own("orion-backend", "JWT_SECRET_KEY", "CORS_ORIGINS")),
        environment=_AURORA_CLIENT,
    ),
    Service(
        name="events-consumer",
        purpose="Queue worker: takes events of stores from Redis and inserts them into ClickHouse in batches.",
        technology="Node.js, BullMQ",
        github_repository="store-events-consumer",
        containers=(
            Container(
                name="events-consumer",
                repository="zelly/events-consumer",
                environment={**_NODE, **_REDIS_CLIENT},
                secrets=(*_REDIS, *_CLICKHOUSE),
                # A batch that is being written is finished, not repeated.
                stop_timeout_seconds=120,
            ),
        ),
        stores=frozenset({Store.REDIS, Store.CLICKHOUSE}),
    ),
    Service(
        name="storefront",
        purpose="Merchants' storefronts, rendered by Astro; Caddy beside it ends TLS for each merchant's own domain.",
        technology="Astro, Caddy",
        github_repository="storefront-astro-titan",
        calls=(
            Call(to="fastify-nova", purpose="asks whether a domain may have a certificate"),
            Call(to="Let's Encrypt", purpose="orders certificates"),
        ),
        containers=(
            Container(
                name="astro",
                repository="zelly/astro-storefront",
                ports=(4321,),
                environment={**_NODE, "HOST": "0.0.0.0", "PORT": "4321"},  # noqa: S104 (inside the task)
                health_check=_node_health_check(4321, "/"),
            ),
            Container(
                name="caddy",
                repository="zelly/caddy",
                ports=(80, 443, CADDY_HEALTH_PORT),
                environment={"UPSTREAM": "127.0.0.1:4321"},
                settings={"ON_DEMAND_TLS_ASK_URL": Setting.TLS_ASK_URL, "ACME_EMAIL": Setting.ACME_EMAIL},
                health_check=_CADDY_HEALTH_CHECK,
                starts_after=("astro",),
                data_path="/data",
            ),
        ),
        ingress=PassthroughIngress(
            load_balancer="nlb-storefront",
            container="caddy",
            ports=(80, 443),
            health_check_port=CADDY_HEALTH_PORT,
            health_check_path=CADDY_HEALTH_PATH,
        ),
    ),
    Service(
        name="internal-tools",
        purpose="Dashboards of the queues and of Redis, for the team over the VPN.",
        technology="bull-board, RedisInsight",
        github_repository=None,
        containers=(
            Container(
                name="bullmq-dashboard",
                repository=None,
                ports=(3000,),
                environment={"REDIS_USE_TLS": "true", "PORT": "3000"},
                secrets=_REDIS,
            ),
            Container(
                name="redisinsight",
                repository=None,
                ports=(5540,),
                environment={"RI_REDIS_TLS": "true", "RI_REDIS_ALIAS": "zelly"},
                secrets=tuple(
                    SecretVariable(name=f"RI_{variable.name}", secret=variable.secret, key=variable.key)
                    for variable in _REDIS
                ),
            ),
        ),
        stores=frozenset({Store.REDIS}),
    ),
)
"""In the order of the platform's service table."""


def repositories_of(services: Iterable[Service]) -> tuple[str, ...]:
    """Return the ECR repositories of the services' images, each once."""
    return tuple(dict.fromkeys(name for service in services for name in service.repositories))


def application_secrets_of(services: Iterable[Service]) -> Mapping[str, tuple[str, ...]]:
    """Return, by secret, the keys that services get from secrets with values of operators."""
    keys: dict[str, dict[str, None]] = {}
    for service in services:
        for container in service.containers:
            for variable in container.secrets:
                if variable.secret not in PROGRAM_SECRETS:
                    keys.setdefault(variable.secret, {})[variable.key] = None
    return {secret: tuple(found) for secret, found in keys.items()}


REPOSITORIES = repositories_of(SERVICES)
APPLICATION_SECRETS = application_secrets_of(SERVICES)
"""Secrets whose values operators set: created with every key empty, never overwritten afterwards."""
