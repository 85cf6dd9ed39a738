"""The services as data. The platform's document names none: these three stand for what it says of them.

It says: services on ECS behind a balancer (R8), a metric ``send-rate`` of the application's own (R11), and Mongo, Redis
and Kafka for the integration environment alone (R6). Where a service finds its stores in AWS is a value of its secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from relay_infra.names import PLATFORM


@dataclass(frozen=True, kw_only=True)
class Service:
    """One ECS service, with one container of the same name."""

    name: str
    keys: tuple[str, ...]
    """The environment variables whose values operators set."""
    port: int | None = None
    """The port on which the balancer reaches it; None: it takes nothing from outside."""
    health_path: str = "/health"
    sends: bool = False
    """Whether it counts what it sends, as ``send-rate``."""
    stop_timeout_seconds: int = 30
    """The time in which a task may finish its work after SIGTERM; Fargate allows up to 120."""

    @property
    def repository(self) -> str:
        """The repository of its image."""
        return f"{PLATFORM}/{self.name}"

    @property
    def secret(self) -> str:
        """The secret with its values."""
        return f"{PLATFORM}/{self.name}/env"


_STORES = ("MONGO_URL", "REDIS_URL", "KAFKA_BROKERS")
_EVERYBODY = ("SENTRY_DSN", "FEATURE_FLAGS")

SERVICES: tuple[Service, ...] = (
    Service(name="send-api", port=3000, keys=(*_STORES, *_EVERYBODY, "JWT_SECRET")),
    Service(name="callback-api", port=3001, keys=(*_STORES, *_EVERYBODY, "CALLBACK_SIGNING_KEY")),
    # A batch that is being sent is finished, not repeated.
    Service(name="delivery-worker", keys=(*_STORES, *_EVERYBODY), sends=True, stop_timeout_seconds=120),
)
"""In the order in which people speak of them."""

REPOSITORIES = tuple(service.repository for service in SERVICES)
APPLICATION_SECRETS: Mapping[str, tuple[str, ...]] = {service.secret: service.keys for service in SERVICES}
"""Secrets whose values operators set: created with every key empty, never overwritten afterwards."""

CI_SECRETS: Mapping[str, tuple[str, ...]] = {
    f"{PLATFORM}/ci/slack": ("SLACK_WEBHOOK_URL",),
    f"{PLATFORM}/ci/monday": ("MONDAY_TOKEN", "MONDAY_BOARD", "MONDAY_RELEASE_COLUMN", "MONDAY_STATUS_COLUMN"),
    f"{PLATFORM}/ci/sentry": ("SENTRY_AUTH_TOKEN", "SENTRY_ORG", "SENTRY_PROJECT", "SENTRY_URL"),
    f"{PLATFORM}/ci/dockerhub": ("DOCKERHUB_USERNAME", "DOCKERHUB_TOKEN"),
}
"""The pipeline's own secrets, which the account has once: what it takes to tell others of a build (R4, R5), and to pull
public images without Docker Hub's limit for anonymous clients. Builds read them, and nobody else."""

CONTROLLER_SECRETS: Mapping[str, tuple[str, ...]] = {
    f"{PLATFORM}/ci/github-webhook": ("WEBHOOK_SECRET",),
    f"{PLATFORM}/ci/github-app": ("GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"),
    f"{PLATFORM}/ci/github-sign-in": ("GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET"),
}
"""What Jenkins' controller is given, each key as a variable of its name: what signs GitHub's webhooks, what reads the
repository, and what lets people sign in. No build reads them."""

AGENT_KEY_SECRET = f"{PLATFORM}/ci/agents"
AGENT_KEY = "AGENT_PRIVATE_KEY"
"""The key with which the controller logs in to its agents: the program's own."""

VPN_KEY_SECRET = f"{PLATFORM}/ci/vpn"

OWN_SECRETS: Mapping[str, tuple[str, ...]] = {
    AGENT_KEY_SECRET: (AGENT_KEY,),
    VPN_KEY_SECRET: ("WIREGUARD_PRIVATE_KEY",),
}
"""Secrets whose values the program makes."""

CONTROLLER_REPOSITORY = f"{PLATFORM}/jenkins"

BUILD, DEPLOY_PREPRODUCTION, DEPLOY_PRODUCTION = "build", "deploy-preproduction", "deploy-production"
AGENT_LABELS = (BUILD, DEPLOY_PREPRODUCTION, DEPLOY_PRODUCTION)
"""The pools of build agents, by the label that a pipeline's stage names. What a job may do follows from its pool."""

SEND_RATE_METRIC = "send-rate"
SEND_RATE_NAMESPACE = "Relay"


def service(name: str) -> Service:
    """Return a service by its name."""
    return next(known for known in SERVICES if known.name == name)
