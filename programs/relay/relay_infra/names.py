"""Relay's names in AWS.

A region of an account holds one environment: log groups and secrets carry none in their names, as the tools expect it
of every program.
"""

from workbench.names import Names as PlatformNames

PLATFORM = "relay"
OWNER_FLAG = "registry.create"
"""The place in a stack file whose ``true`` says that the stack owns what the account has once."""

STATE_BUCKET = f"{PLATFORM}-pulumi-state"
"""The bucket with every stack's state, unless the name is taken."""
STATE_KEY_ALIAS = f"alias/{PLATFORM}-pulumi"

LOG_GROUPS = f"/{PLATFORM}/"
"""The beginning of the names of all log groups."""
NAT_LOG_GROUP = f"{LOG_GROUPS}nat"

LOAD_BALANCER = "relay"
"""The one balancer of the services that clients reach."""


def log_group_name(service: str) -> str:
    """Return the log group of a service."""
    return f"{LOG_GROUPS}ecs/{service}"


class Names(PlatformNames):
    """The names of one environment of Relay."""

    def __init__(self, environment: str) -> None:
        super().__init__(PLATFORM, environment)

    @property
    def dns_zone(self) -> str:
        """The logical name of the environment's records at Cloudflare."""
        return self.name("dns")
