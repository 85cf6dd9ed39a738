"""The names that an environment's parts have in AWS: chosen by the program, found again by the commands."""

from dataclasses import dataclass

PLATFORM = "zelly"

STATE_BUCKET = f"{PLATFORM}-pulumi-state"
"""Where Pulumi keeps every stack's state, unless the name is taken."""
STATE_KEY_ALIAS = f"alias/{PLATFORM}-pulumi"

BASTION_LOG_GROUP = f"/{PLATFORM}/bastion"
CLICKHOUSE_LOG_GROUP = f"/{PLATFORM}/clickhouse"
NAT_LOG_GROUP = f"/{PLATFORM}/nat"


def log_group_name(service: str) -> str:
    """Return the log group of a service. It carries no environment, as the platform's documents give it."""
    return f"/{PLATFORM}/ecs/{service}"


def deployed_tag_prefix(tag_prefix: str) -> str:
    """Return how the tags begin that say that an image was deployed: ``deployed-prod`` for a stack of ``prod-…`` tags.

    Several stacks share a registry, and each keeps what it deployed: another's deploys push nothing of it out.
    """
    return f"deployed-{tag_prefix}"


@dataclass(frozen=True)
class Names:
    """The names of one environment."""

    environment: str

    @property
    def prefix(self) -> str:
        """``zelly-<environment>``, e.g. the ECS cluster's name."""
        return f"{PLATFORM}-{self.environment}"

    def name(self, part: str) -> str:
        """Return the name of a part, ``zelly-<environment>-<part>``: an ECS service's, a task definition family's."""
        return f"{self.prefix}-{part}"

    def parameter(self, path: str) -> str:
        """Return the name of an SSM parameter, ``/zelly/<environment>/<path>``."""
        return f"/{PLATFORM}/{self.environment}/{path}"

    def image_parameter(self, service: str) -> str:
        """Return the SSM parameter that holds a service's deployed images."""
        return self.parameter(f"images/{service}")

    @property
    def peers_parameter(self) -> str:
        """The SSM parameter from which the bastion takes the VPN's peers."""
        return self.parameter("wireguard/peers")
