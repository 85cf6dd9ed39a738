"""The facts of Zelly, transcribed from the platform's documents and independent of the program.

Three pages, named where they are transcribed: "Zelly Platform" of the internal engineering documents (overview),
"AWS Architecture" (architecture), and "Deployment & CI/CD" of the infrastructure's (deployment). What the documents
leave open, and others rely on, stands at the end, as it was chosen here.

``test_facts.py`` compares the program with them, once. Other tests take what they expect from the config and the
catalog.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class EnvironmentFacts:
    """A column of "Environments" (architecture), and a row of "Environments & Branches" (deployment)."""

    region: str
    vpc_cidr: str
    aurora_publicly_accessible: bool
    aurora_maximum_acu: int
    redis_node_type: str
    clickhouse: tuple[str, int]
    """Instance type, and GB of the volume."""
    maximum_tasks: Mapping[str, int]
    """Of the services that differ; the others' are in :data:`SERVICES`."""
    deletion_protection: bool
    creates_repositories: bool
    monthly_usd: int
    branch: str
    tag_prefix: str


ENVIRONMENTS: Mapping[str, EnvironmentFacts] = {
    "production": EnvironmentFacts(
        region="ap-south-1",
        vpc_cidr="10.0.0.0/16",
        aurora_publicly_accessible=False,
        aurora_maximum_acu=8,
        redis_node_type="cache.t4g.small",
        clickhouse=("t3.medium", 50),
        maximum_tasks={"fastify-nova": 4, "storefront": 4},
        deletion_protection=True,
        creates_repositories=True,
        monthly_usd=460,
        branch="main",
        tag_prefix="prod",
    ),
    "staging": EnvironmentFacts(
        region="ap-southeast-1",
        vpc_cidr="10.1.0.0/16",
        aurora_publicly_accessible=True,
        aurora_maximum_acu=2,
        redis_node_type="cache.t4g.micro",
        clickhouse=("t3.small", 20),
        maximum_tasks={"fastify-nova": 2, "storefront": 2},
        deletion_protection=False,
        creates_repositories=False,
        monthly_usd=320,
        branch="staging",
        tag_prefix="staging",
    ),
}


@dataclass(frozen=True, kw_only=True)
class ServiceFacts:
    """A row of "ECS Services" and "Load Balancers" (architecture), and what the other pages say of the service."""

    github_repository: str | None
    """"Repositories" (overview); those of third parties' images have none."""
    images: tuple[str, ...]
    """"ECR repositories" (deployment)."""
    vcpu: float
    memory_mib: int
    minimum_tasks: int = 1
    maximum_tasks: int | None = None
    """None: differs, and stands in :data:`ENVIRONMENTS`."""
    cpu_target_percent: int | None = None
    ingress: tuple[str, tuple[int, ...]] | None = None
    """The load balancer and the ports that it routes to."""
    vpn_ports: tuple[int, ...] = ()
    """"Observability" (architecture): what is reached through the VPN alone."""
    stores: frozenset[str] = frozenset()
    """"Data Stores" (overview); Redis: who publishes to its queues, consumes from them, caches in it or shows it."""


SERVICES: Mapping[str, ServiceFacts] = {
    "fastify-nova": ServiceFacts(
        github_repository="backend-api-fastify-nova",
        images=("zelly/fastify-nova",),
        vcpu=1,
        memory_mib=2048,
        cpu_target_percent=70,
        ingress=("alb-nova", (3000,)),
        stores=frozenset({"aurora", "redis"}),
    ),
    "customer-panel": ServiceFacts(
        github_repository="customer-panel-neptune",
        images=("zelly/customer-panel",),
        vcpu=0.5,
        memory_mib=1024,
        maximum_tasks=2,
        cpu_target_percent=70,
        ingress=("alb-customer", (5174,)),
        stores=frozenset({"aurora", "redis"}),
    ),
    "orion-backend": ServiceFacts(
        github_repository="internal-admin-panel-orion",
        images=("zelly/orion-backend",),
        vcpu=0.5,
        memory_mib=1024,
        maximum_tasks=2,
        cpu_target_percent=70,
        ingress=("alb-orion", (3022,)),
        stores=frozenset({"aurora", "clickhouse"}),
    ),
    "events-consumer": ServiceFacts(
        github_repository="store-events-consumer",
        images=("zelly/events-consumer",),
        vcpu=0.25,
        memory_mib=512,
        maximum_tasks=1,
        stores=frozenset({"redis", "clickhouse"}),
    ),
    "storefront": ServiceFacts(
        github_repository="storefront-astro-titan",
        images=("zelly/astro-storefront", "zelly/caddy"),
        vcpu=1,
        memory_mib=2048,
        cpu_target_percent=70,
        ingress=("nlb-storefront", (80, 443)),
    ),
    "internal-tools": ServiceFacts(
        github_repository=None,
        images=(),
        vcpu=0.25,
        memory_mib=512,
        maximum_tasks=1,
        vpn_ports=(3000, 5540),
        stores=frozenset({"redis"}),
    ),
}

SCHEMAS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "astro_primary": ("Orders, catalog, tenants, Shopify config", ("fastify-nova", "orion-backend")),
    "ecom_store_front": ("Customers, sessions, addresses", ("customer-panel", "fastify-nova")),
    "backoffice": ("Analytics aggregates, internal reporting", ("orion-backend",)),
}
""""Database Schemas" (overview): contents, and who uses them."""

QUEUES: Mapping[str, tuple[str, str, str]] = {
    "store-events": ("fastify-nova", "events-consumer", "Analytics events → ClickHouse"),
    "SHOPIFY_WEBHOOK": ("fastify-nova", "fastify-nova", "Incoming Shopify webhook processing"),
    "SHOPIFY_SETTINGS_PUSH": ("fastify-nova", "fastify-nova", "Push settings to Shopify"),
    "SHOPIFY_SETTINGS_FETCH": ("fastify-nova", "fastify-nova", "Fetch settings from Shopify"),
    "SHOPIFY_CATALOG_SYNC": ("fastify-nova", "fastify-nova", "Sync product catalog"),
}
""""BullMQ Queues" (overview): producer, consumer, purpose."""

FRONTENDS: Mapping[str, tuple[str, str]] = {
    "seller-panel": ("seller-panel-react-atlas", "Cloudflare Pages"),
    "orion-frontend": ("internal-admin-panel-orion", "Cloudflare Pages"),
    "zelly-checkout": ("zelly-checkout", "Cloudflare Workers"),
}
""""Repositories" (overview): what is not on ECS, its repository and where it runs."""

CALLS_OF_FRONTENDS: Mapping[str, tuple[str, ...]] = {
    "seller-panel": ("fastify-nova",),
    "orion-frontend": ("orion-backend",),
    "zelly-checkout": (),
}
""""Repositories" (overview), and "Load Balancers" (architecture)."""

BUILD_FOLDERS: Mapping[str, str] = {"orion-backend": "backend"}
""""ECR repositories" (deployment): the folders that images are built from where that is not the repository itself."""

SECRET_KEYS: Mapping[str, tuple[str, ...]] = {
    "zelly/aurora/master": ("DB_HOST", "DB_USER", "DB_PASSWORD"),
    "zelly/redis/auth": ("REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD"),
    # "RAZORPAY keys", "Firebase config" and "CLICKHOUSE creds" in the document; each key was named here.
    "zelly/fastify-nova/env": (
        "JWT_SECRET",
        "RAZORPAY_KEY_ID",
        "RAZORPAY_KEY_SECRET",
        "RAZORPAY_WEBHOOK_SECRET",
        "SLACK_WEBHOOK_URL",
        "FIREBASE_PROJECT_ID",
        "FIREBASE_CLIENT_EMAIL",
        "FIREBASE_PRIVATE_KEY",
        "CLICKHOUSE_HOST",
        "CLICKHOUSE_PORT",
        "CLICKHOUSE_USER",
        "CLICKHOUSE_PASSWORD",
    ),
    # "SSO config" in the document.
    "zelly/customer-panel/env": ("JWT_SECRET", "COOKIE_SECRET", "SSO_ISSUER_URL", "SSO_CLIENT_ID", "SSO_CLIENT_SECRET"),
    "zelly/orion-backend/env": ("JWT_SECRET_KEY", "CORS_ORIGINS"),
}
""""Secrets Management" (architecture)."""

AURORA_ENGINE = "8.0.mysql_aurora."
"""MySQL 8.0, "Aurora MySQL (RDS)" (architecture); how the version begins."""
MASTER_USERNAME = "root"
"""Who ``mysql`` connects as in "Bastion & WireGuard VPN" (architecture)."""
REDIS_ENGINE = ("redis", "7.")
"""Redis 7.x (architecture); how the version begins."""
CLICKHOUSE_IMAGE = "clickhouse/clickhouse-server:24.3."
"""ClickHouse 24.3 in Docker (architecture); what its image's name has after the registry, and how its tag begins."""
CLICKHOUSE_PORTS = {"http_port": 8123, "tcp_port": 9000}
"""HTTP and native protocol (architecture)."""
CADDY_DATA_PATH = "/data"
""""EFS (Caddy Certificate Storage)" (architecture)."""

NAT_GATEWAYS = "single"
ZONES = "abc"
""""Network Layout" (architecture): three public and three private subnets, and one NAT gateway in the first zone."""

BASTION_INSTANCE_TYPE = "t3.micro"
WIREGUARD_PORT = 51820
VPN_CIDR = "10.10.0.0/24"
""""Bastion & WireGuard VPN" (architecture)."""

SERVICE_LOG_DAYS = 30
""""Observability" (architecture)."""

CLUSTER = "zelly-{environment}"
SERVICE = "zelly-{environment}-{service}"
""""Manual build & push" and "Deploy to ECS" (deployment): cluster; service and task definition family."""
SERVICE_LOG_GROUP = "/zelly/ecs/{service}"
""""Observability" (architecture)."""
REGISTRY_REGION = "ap-south-1"
""""ECR" (deployment): made in production's region, and shared by staging."""
GITHUB_ORGANIZATION = "zelly-in"
GITHUB_ROLE = "zelly-github-actions"
""""GitHub OIDC Setup" (deployment)."""

# What the documents leave open, and applications rely on.

HEALTH_PATH = "/health"
"""What the services behind a load balancer answer, and Caddy on its own port."""
HEALTH_PATHS_INSIDE: Mapping[str, str] = {
    "fastify-nova": HEALTH_PATH,
    "customer-panel": HEALTH_PATH,
    "orion-backend": HEALTH_PATH,
    "astro": "/",
    "caddy": HEALTH_PATH,
}
"""By container: what ECS asks inside its task. The others have no check."""
CADDY_HEALTH_PORT = 8080
ASTRO_PORT = 4321
""""astro preview" and its Node adapter listen there by default; Caddy passes on to it."""
CLICKHOUSE_KEYS = ("CLICKHOUSE_HOST", "CLICKHOUSE_PORT", "CLICKHOUSE_USER", "CLICKHOUSE_PASSWORD")
ENVIRONMENT_VARIABLES: Mapping[str, Mapping[str, str]] = {
    "fastify-nova": {"NODE_ENV": "production", "DB_SSL": "true", "REDIS_TLS": "true"},
    "customer-panel": {"NODE_ENV": "production", "DB_SSL": "true", "REDIS_TLS": "true"},
    "orion-backend": {"NODE_ENV": "production", "DB_SSL": "true"},
    "events-consumer": {"NODE_ENV": "production", "REDIS_TLS": "true"},
    "astro": {"NODE_ENV": "production", "HOST": "0.0.0.0"},  # noqa: S104 (inside the task)
    "caddy": {"UPSTREAM": "127.0.0.1:4321"},
    "bullmq-dashboard": {"REDIS_USE_TLS": "true"},
    "redisinsight": {"RI_REDIS_ALIAS": "zelly", "RI_REDIS_TLS": "true"},
}
"""By container: what stands in its environment block whatever the stack, but for the port that it listens on."""
TOLD_THEIR_PORT = ("fastify-nova", "customer-panel", "orion-backend", "astro", "bullmq-dashboard")
"""Those that read it from ``PORT``."""
STOP_TIMEOUT_SECONDS = {"events-consumer": 120}
"""A batch that is being written is finished; all others have :data:`STOP_TIMEOUT_SECONDS_OF_OTHERS`."""
STOP_TIMEOUT_SECONDS_OF_OTHERS = 30
