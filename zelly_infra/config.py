"""The environment config: every value of one stack, typed, complete and pure.

Every value of a stack stands in its one ``Pulumi.<stack>.yaml``: no inheritance between stacks, no default that could
drift, no look-up. Cross-checks between values are validators here; none of them calls AWS.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Self

from pydantic import model_validator

from workbench.config import types
from workbench.config.alerts import Channels
from workbench.config.bastion import Bastion
from workbench.config.containers import Containers
from workbench.config.dns import Dns
from workbench.config.network import Network
from workbench.config.secrets import Secrets
from workbench.config.section import Section, names
from zelly_components.identity.github_subjects import trust_policy_excess
from zelly_components.limits.certified_name import LONGEST_CERTIFIED_NAME
from zelly_components.limits.instance_type import architecture
from zelly_components.limits.sizes import tag_excess
from zelly_infra import catalog
from zelly_infra import config_sections as sections
from zelly_infra import config_stores as stores
from zelly_infra.config_github import Github
from zelly_infra.github_subjects import github_subjects


class EnvironmentConfig(Section):
    """The configuration of one environment."""

    environment: types.Slug
    """Equal to the stack's name; part of the names of what is made."""
    region: types.Region
    """A region holds one environment of an account: load balancers, log groups and secrets have names that the
    platform's documents give them, and those do not say which environment it is."""
    aws_account_id: types.AccountId
    """The provider refuses to touch any other account."""
    deletion_protection: bool
    """Whether what holds data resists deletion, in AWS and in Pulumi."""
    tags: Mapping[str, str]
    """Put on everything, beside the environment."""
    running_hours: sections.RunningHours | None
    """Its running hours; null: always. Outside them tasks, hosts and Aurora are stopped, and alarms are mute."""
    network: Network
    containers: Containers
    services: Mapping[str, sections.Service]
    load_balancing: sections.LoadBalancing
    storefront: sections.Storefront
    aurora: stores.Aurora
    redis: stores.Redis
    clickhouse: stores.ClickHouse
    bastion: Bastion
    registry: sections.Registry
    github: Github
    dns: Dns
    secrets: Secrets
    alarms: sections.Alarms
    channels: Channels | None
    """null: alarms go by mail alone."""

    @model_validator(mode="after")
    def _protected_where_required(self) -> Self:
        if self.environment not in _MUST_PROTECT:
            return self
        required = (
            (self.deletion_protection, "deletion_protection: false", "true"),
            (self.secrets.recovery_window_days > 0, "secrets.recovery_window_days: 0", "7 to 30"),
            # The first customer after a pause would wait some fifteen seconds.
            (
                self.aurora.minimum_capacity_acu > 0,
                "aurora.minimum_capacity_acu: 0",
                "0.5 or more: it never pauses",
            ),
            (self.running_hours is None, "running_hours: came hours", "null: it always runs"),
        )
        for holds, came, allowed in required:
            if not holds:
                raise ValueError(f"{came}; {self.environment} requires {allowed}")
        return self

    @model_validator(mode="after")
    def _tags_differ(self) -> Self:
        # IAM takes Name and name for one key, and refuses a role that has both ("TagRole").
        taken = {"environment": "the environment's own", "name": "each resource's own"}
        for key in self.tags:
            if key.lower() in taken:
                raise ValueError(f"tags.{key}: taken by {taken[key.lower()]}; another key is allowed")
            taken[key.lower()] = f"tags.{key}"
        return self

    @model_validator(mode="after")
    def _tags_are_taken(self) -> Self:
        if (excess := tag_excess(self.tags)) is not None:
            raise ValueError(f"tags: {excess}")
        return self

    @model_validator(mode="after")
    def _trust_fits(self) -> Self:
        if (excess := trust_policy_excess(github_subjects(self.github))) is not None:
            raise ValueError(f"github.trusted_branches: the trust policy: {excess}, a quota that AWS raises on request")
        return self

    @model_validator(mode="after")
    def _zones_lie_in_the_region(self) -> Self:
        for path, zones in (
            ("network.availability_zones", self.network.availability_zones),
            ("clickhouse.availability_zone", (self.clickhouse.availability_zone,)),
        ):
            for zone in zones:
                if zone[:-1] != self.region:
                    raise ValueError(f"{path}: {zone}; a zone of {self.region} is allowed")
        if self.clickhouse.availability_zone not in self.network.availability_zones:
            raise ValueError(
                f"clickhouse.availability_zone: {self.clickhouse.availability_zone}; "
                f"one of network.availability_zones is allowed: {', '.join(self.network.availability_zones)}"
            )
        return self

    @model_validator(mode="after")
    def _load_balancer_finds_its_zones(self) -> Self:
        zones, wanted = len(self.network.availability_zones), self.storefront.load_balancer_zones
        if wanted > zones:
            raise ValueError(
                f"storefront.load_balancer_zones: {wanted}; at most {zones} is allowed, "
                "as many as network.availability_zones"
            )
        return self

    @model_validator(mode="after")
    def _ranges_are_not_called_like_services(self) -> Self:
        # The name of a security group's rule says who may pass, and two rules cannot have one name.
        for name in self.aurora.allowed_cidrs:
            if name in (catalog.VPN, *(service.name for service in catalog.SERVICES)):
                raise ValueError(f"aurora.allowed_cidrs.{name}: taken by the platform's own; another name is allowed")
        return self

    @model_validator(mode="after")
    def _ranges_are_disjoint(self) -> Self:
        ranges: list[tuple[str, IPv4Network]] = [
            ("network.cidr", self.network.cidr),
            ("bastion.vpn_cidr", self.bastion.vpn_cidr),
            *((f"network.other_environments.{name}", cidr) for name, cidr in self.network.other_environments.items()),
        ]
        for position, (path, cidr) in enumerate(ranges):
            for other_path, other in ranges[:position]:
                if cidr.overlaps(other):
                    raise ValueError(f"{path}: {cidr}; a range that does not overlap {other_path} ({other}) is allowed")
        return self

    @model_validator(mode="after")
    def _services_match_the_catalog(self) -> Self:
        known = {service.name: service for service in catalog.SERVICES}
        if missing := sorted(known.keys() - self.services.keys()):
            raise ValueError(f"services: {', '.join(missing)} missing; required are {', '.join(known)}")
        if unknown := sorted(self.services.keys() - known.keys()):
            raise ValueError(f"services.{unknown[0]}: unknown service; allowed are {', '.join(known)}")
        for name, service in self.services.items():
            _check_against_catalog(f"services.{name}", service, known[name], self.registry.tag_prefix)
        return self

    @model_validator(mode="after")
    def _repositories_are_those_of_the_catalog(self) -> Self:
        known = sorted({entry.github_repository for entry in catalog.SERVICES if entry.github_repository is not None})
        if unknown := sorted(self.github.repository_ids.keys() - set(known)):
            raise ValueError(f"github.repository_ids.{unknown[0]}: unknown repository; allowed are {', '.join(known)}")
        return self

    @model_validator(mode="after")
    def _hostnames_lie_in_the_zone(self) -> Self:
        seen: dict[str, str] = {}
        for name, service in self.services.items():
            if service.hostname is None:
                continue
            if not service.hostname.endswith(f".{self.dns.zone}"):
                raise ValueError(f"services.{name}.hostname: {service.hostname}; a name in {self.dns.zone} is allowed")
            if len(service.hostname) > LONGEST_CERTIFIED_NAME:
                raise ValueError(
                    f"services.{name}.hostname: {service.hostname}; at most {LONGEST_CERTIFIED_NAME} characters are "
                    "allowed, as in a certificate"
                )
            if service.hostname in seen:
                raise ValueError(f"services.{name}.hostname: {service.hostname}; taken by {seen[service.hostname]}")
            seen[service.hostname] = name
        return self


@dataclass(frozen=True, kw_only=True)
class HostImage:
    """The machine image of a host."""

    path: str
    """Of the key that names it."""
    ami_id: str
    architecture: str
    """``x86_64`` or ``arm64``, which follows from the instance type."""


def host_images(environment: EnvironmentConfig) -> Iterator[HostImage]:
    """Yield the image of each host."""
    hosts = {
        "clickhouse": environment.clickhouse,
        "bastion": environment.bastion,
        "network.nat_instance": environment.network.nat_instance,
    }
    for path, host in hosts.items():
        if host is not None:
            yield HostImage(path=f"{path}.ami_id", ami_id=host.ami_id, architecture=architecture(host.instance_type))


_MUST_PROTECT = frozenset({"production"})
"""Environments whose data has to resist deletion, whatever their file says (production holds merchants' orders)."""


def _check_against_catalog(path: str, service: sections.Service, entry: catalog.Service, tag_prefix: str) -> None:
    third_party = set(entry.third_party_containers)
    if set(service.images) != third_party:
        raise ValueError(
            f"{path}.images: {names(service.images)}; required are the third-party containers: {names(third_party)}"
        )
    if (service.hostname is None) != (entry.ingress is None):
        required = "null is required: it has no ingress" if entry.ingress is None else "a host name is required"
        raise ValueError(f"{path}.hostname: {service.hostname or 'null'}; {required}")
    if (service.initial_image_tag is None) != (not entry.repositories):
        required = f"a tag {tag_prefix}-<sha8> is required" if entry.repositories else "null is required"
        raise ValueError(f"{path}.initial_image_tag: {service.initial_image_tag or 'null'}; {required}")
    if service.initial_image_tag is not None and not service.initial_image_tag.startswith(f"{tag_prefix}-"):
        raise ValueError(
            f"{path}.initial_image_tag: {service.initial_image_tag}; registry.tag_prefix asks for {tag_prefix}-<sha8>"
        )
