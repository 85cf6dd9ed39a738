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


JENKINS = "jenkins"
"""The part of every name of Jenkins' and its agents': only the stack that owns what the account has once has them."""
JENKINS_BALANCER = f"{PLATFORM}-{JENKINS}"
JENKINS_LOG_GROUP = f"{LOG_GROUPS}{JENKINS}"
VPN_LOG_GROUP = f"{LOG_GROUPS}vpn"


def agents_log_group(label: str) -> str:
    """Return the log group of a pool of build agents."""
    return f"{LOG_GROUPS}agents/{label}"


def agent_role_name(label: str) -> str:
    """Return the role of a pool of build agents. It names no environment: an account has one pool of each label."""
    return f"{PLATFORM}-ci-{label}"


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

    @property
    def deploy_role(self) -> str:
        """The role that deploys the environment's services."""
        return self.name("deploy")

    def agent_group(self, label: str) -> str:
        """Return the Auto Scaling group of a pool of build agents."""
        return self.name(f"{JENKINS}-{label}")

    @property
    def vpn(self) -> str:
        """The host through which people reach what is private."""
        return self.name(f"{JENKINS}-vpn")

    @property
    def peers_parameter(self) -> str:
        """The SSM parameter with the VPN's peers."""
        return self.parameter("vpn/peers")
