"""Pakashop's names in AWS.

A region of an account holds one environment: log groups and secrets carry none in their names, as the tools expect it
of every program.
"""

from workbench.names import Names as PlatformNames

PLATFORM = "pakashop"
OWNER_FLAG = "github.create_provider"
"""The place in a stack file whose ``true`` says that the stack owns what the account has once."""

STATE_BUCKET = f"{PLATFORM}-pulumi-state"
"""The bucket with every stack's state, unless the name is taken."""
STATE_KEY_ALIAS = f"alias/{PLATFORM}-pulumi"

STATE_REGION = "ap-south-1"
"""The region of both, for all stacks: that of the one that owns what the account has once."""

LOG_GROUPS = f"/{PLATFORM}/"
"""The beginning of the names of all log groups."""
SERVICES_LOG_GROUP = f"{LOG_GROUPS}services"
HOST_LOG_GROUP = f"{LOG_GROUPS}host"
NAT_LOG_GROUP = f"{LOG_GROUPS}nat"
REDIS_LOG_GROUP = f"{LOG_GROUPS}redis"
SEARCH_LOG_GROUP = f"{LOG_GROUPS}search"


def unit_name(service: str) -> str:
    """Return the systemd unit of a service, as the platform's document names it."""
    return f"{PLATFORM}-{service}.service"


class Names(PlatformNames):
    """The names of one environment of Pakashop."""

    def __init__(self, environment: str) -> None:
        super().__init__(PLATFORM, environment)

    def database(self, restored_as: str | None) -> str:
        """Return the identifier of the database instance: that of the copy that took over, if one did."""
        return restored_as or self.name("postgresql")

    def bucket(self, part: str, account_id: str) -> str:
        """Return the name of a bucket: S3's names are one for the world, so the account is part of it."""
        return f"{self.name(part)}-{account_id}"

    def release_bucket(self, account_id: str) -> str:
        """Return the name of the bucket with the environment's releases."""
        return self.bucket("releases", account_id)

    @property
    def release_document(self) -> str:
        """The SSM document that asks the host's release agent."""
        return self.name("release")

    def backup_bucket(self, account_id: str) -> str:
        """Return the name of the bucket with the database's dumps."""
        return self.bucket("backups", account_id)

    @property
    def backup_document(self) -> str:
        """The SSM document that asks the host for a backup."""
        return self.name("backup")

    @property
    def release_record(self) -> str:
        """The SSM parameter with what was released last and is healthy."""
        return self.parameter("release")

    @property
    def build_role(self) -> str:
        """The role of jobs that build and push releases."""
        return self.name("build")

    @property
    def deploy_role(self) -> str:
        """The role of jobs that deploy them."""
        return self.name("deploy")

    @property
    def backup_role(self) -> str:
        """The role of jobs that ask for a backup."""
        return self.name("backup")

    @property
    def dns_zone(self) -> str:
        """The logical name of the environment's records at Cloudflare."""
        return self.name("dns")

    @property
    def host(self) -> str:
        """The ``Name`` of the instance on which the services run."""
        return self.name("host")

    @property
    def search_document(self) -> str:
        """The SSM document that asks the search host about its version, or for another one."""
        return self.name("search")
