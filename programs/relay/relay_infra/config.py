"""The environment config: every value of one stack, typed, complete and pure.

Every value of a stack stands in its one ``Pulumi.<stack>.yaml``: no inheritance between stacks, no default that could
drift, no look-up. Cross-checks between values are validators here; none of them calls AWS.
"""

from collections.abc import Mapping
from typing import Self

from pydantic import model_validator

from relay_infra import catalog
from relay_infra.config_alarms import Alarms
from relay_infra.config_jenkins import Jenkins
from relay_infra.config_promotion import Promotion
from relay_infra.config_registry import Registry
from relay_infra.config_services import Deployments, LoadBalancing, Service
from workbench.config import types
from workbench.config.alerts import Channels
from workbench.config.containers import Containers
from workbench.config.dns import Dns
from workbench.config.network import Network
from workbench.config.secrets import Secrets
from workbench.config.section import Section
from zelly_components.limits.certified_name import LONGEST_CERTIFIED_NAME
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
    containers: Containers
    services: Mapping[str, Service]
    load_balancing: LoadBalancing
    deployments: Deployments
    registry: Registry
    promotion: Promotion | None
    """What a promotion to this stack waits for. Null: nothing is promoted to it."""
    dns: Dns
    secrets: Secrets
    alarms: Alarms
    channels: Channels | None
    """null: alarms go by mail alone."""
    jenkins: Jenkins | None
    """Null: another stack of the account has it."""

    @model_validator(mode="after")
    def _protected_where_required(self) -> Self:
        if self.environment == "production" and not self.deletion_protection:
            raise ValueError("deletion_protection: false; production requires true")
        return self

    @model_validator(mode="after")
    def _registry_keeps_what_is_deployed_here(self) -> Self:
        if self.environment not in self.registry.environments:
            raise ValueError(
                f"registry.environments: {', '.join(self.registry.environments)}; {self.environment} is required: "
                "nothing would keep the images that it runs"
            )
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
    def _services_are_those_of_the_catalog(self) -> Self:
        known = {service.name: service for service in catalog.SERVICES}
        if missing := sorted(known.keys() - self.services.keys()):
            raise ValueError(f"services: {', '.join(missing)} missing; required are {', '.join(known)}")
        if unknown := sorted(self.services.keys() - known.keys()):
            raise ValueError(f"services.{unknown[0]}: unknown service; allowed are {', '.join(known)}")
        for name, service in self.services.items():
            if (service.hostname is None) != (known[name].port is None):
                required = (
                    "null is required: nothing reaches it" if known[name].port is None else "a host name is required"
                )
                raise ValueError(f"services.{name}.hostname: {service.hostname or 'null'}; {required}")
        return self

    @model_validator(mode="after")
    def _only_balanced_traffic_is_shifted(self) -> Self:
        for name, service in self.services.items():
            if service.deployment.shifts and service.hostname is None:
                raise ValueError(
                    f"services.{name}.deployment.strategy: {service.deployment.strategy}; "
                    "rolling is required: without a host name there is no traffic to shift"
                )
        return self

    @model_validator(mode="after")
    def _jenkins_stands_where_images_are_built(self) -> Self:
        if self.jenkins is not None and not self.registry.create:
            raise ValueError("jenkins: given; null is required without registry.create: the account has one Jenkins")
        return self

    @model_validator(mode="after")
    def _the_vpn_has_a_range_of_its_own(self) -> Self:
        if self.jenkins is not None and self.jenkins.vpn.vpn_cidr.overlaps(self.network.cidr):
            raise ValueError(
                f"jenkins.vpn.vpn_cidr: {self.jenkins.vpn.vpn_cidr}; a range apart from network.cidr "
                f"({self.network.cidr}) is allowed"
            )
        return self

    @property
    def hostnames(self) -> Mapping[str, str]:
        """The names that have certificates, by the place in the stack file."""
        found = {f"services.{name}.hostname": service.hostname for name, service in self.services.items()}
        if self.jenkins is not None:
            found["jenkins.hostname"] = self.jenkins.hostname
            found["jenkins.webhook_hostname"] = self.jenkins.webhook_hostname
        return {place: name for place, name in found.items() if name is not None}

    @model_validator(mode="after")
    def _hostnames_lie_in_the_zone(self) -> Self:
        seen: dict[str, str] = {}
        for place, name in self.hostnames.items():
            path = f"{place}: {name}"
            if not name.endswith(f".{self.dns.zone}"):
                raise ValueError(f"{path}; a name in {self.dns.zone} is allowed")
            if len(name) > LONGEST_CERTIFIED_NAME:
                raise ValueError(
                    f"{path}; at most {LONGEST_CERTIFIED_NAME} characters are allowed, as in a certificate"
                )
            if name in seen:
                raise ValueError(f"{path}; taken by {seen[name]}")
            seen[name] = place.removeprefix("services.").removesuffix(".hostname")
        return self
