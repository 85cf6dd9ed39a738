"""Zelly's names in AWS, as the platform's documents give them."""

from workbench.names import Names as PlatformNames

PLATFORM = "zelly"
OWNER_FLAG = "registry.create"
"""The place in a stack file whose ``true`` says that the stack owns what the account has once."""

STATE_BUCKET = f"{PLATFORM}-pulumi-state"
"""The bucket with every stack's state, unless the name is taken."""
STATE_KEY_ALIAS = f"alias/{PLATFORM}-pulumi"

LOG_GROUPS = f"/{PLATFORM}/"
"""The beginning of the names of all log groups."""
BASTION_LOG_GROUP = f"{LOG_GROUPS}bastion"
CLICKHOUSE_LOG_GROUP = f"{LOG_GROUPS}clickhouse"
NAT_LOG_GROUP = f"{LOG_GROUPS}nat"


def log_group_name(service: str) -> str:
    """Return the log group of a service. It carries no environment, as the platform's documents give it."""
    return f"{LOG_GROUPS}ecs/{service}"


class Names(PlatformNames):
    """The names of one environment of Zelly."""

    def __init__(self, environment: str) -> None:
        super().__init__(PLATFORM, environment)

    @property
    def peers_parameter(self) -> str:
        """The SSM parameter from which the bastion takes the VPN's peers."""
        return self.parameter("wireguard/peers")
