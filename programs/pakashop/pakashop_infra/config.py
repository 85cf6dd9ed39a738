"""The environment config: every value of one stack, typed, complete and pure.

Every value of a stack stands in its one ``Pulumi.<stack>.yaml``: no inheritance between stacks, no default that could
drift, no look-up. Cross-checks between values are validators here; none of them calls AWS.
"""

from collections.abc import Mapping
from typing import Self

from pydantic import model_validator

from pakashop_infra.config_alarms import Alarms
from pakashop_infra.config_backups import Backups
from pakashop_infra.config_edge import Edge
from pakashop_infra.config_github import Github
from pakashop_infra.config_host import Host
from pakashop_infra.config_postgresql import Postgresql
from pakashop_infra.config_releases import Releases
from pakashop_infra.config_stores import Redis, Search
from pakashop_infra.names import Names
from workbench.config import types
from workbench.config.alerts import Channels
from workbench.config.network import Network
from workbench.config.secrets import Secrets
from workbench.config.section import Section
from zelly_components.limits.sizes import tag_excess


class EnvironmentConfig(Section):
    """The configuration of one environment."""

    environment: types.Slug
    """Equal to the stack's name; part of the names of what is made."""
    region: types.Region
    """A region of an account holds one environment: secrets and log groups have names without one."""
    aws_account_id: types.AccountId
    """The provider refuses to touch any other account."""
    deletion_protection: bool
    """Whether what holds data resists deletion, in AWS and in Pulumi."""
    tags: Mapping[str, str]
    """Put on everything, beside the environment."""
    network: Network
    secrets: Secrets
    host: Host
    redis: Redis
    search: Search
    edge: Edge
    backups: Backups
    github: Github
    postgresql: Postgresql
    releases: Releases
    alarms: Alarms
    channels: Channels | None
    """null: alarms go by mail alone."""

    @model_validator(mode="after")
    def _protected_where_required(self) -> Self:
        if self.environment == "live" and not self.deletion_protection:
            raise ValueError("deletion_protection: false; live requires true")
        return self

    @model_validator(mode="after")
    def _copies_are_of_this_environment(self) -> Self:
        restored = self.postgresql.restored_as
        if restored is not None and not restored.startswith(f"{Names(self.environment).name('postgresql')}-restored-"):
            raise ValueError(f"postgresql.restored_as: {restored}; a copy of this environment's instance is allowed")
        return self

    @model_validator(mode="after")
    def _tags_are_taken(self) -> Self:
        if (excess := tag_excess(self.tags)) is not None:
            raise ValueError(f"tags: {excess}")
        return self

    @model_validator(mode="after")
    def _zones_lie_in_the_region(self) -> Self:
        for zone in self.network.availability_zones:
            if zone[:-1] != self.region:
                raise ValueError(f"network.availability_zones: {zone}; a zone of {self.region} is allowed")
        return self

    @model_validator(mode="after")
    def _stores_lie_in_a_zone_of_the_network(self) -> Self:
        allowed = self.network.availability_zones
        for section, store in (("redis", self.redis), ("search", self.search)):
            if store.availability_zone not in allowed:
                raise ValueError(
                    f"{section}.availability_zone: {store.availability_zone}; allowed {', '.join(allowed)}"
                )
        return self
