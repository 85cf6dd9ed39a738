"""The section of the environment config on the VPC."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from workbench.config import types
from workbench.config.hosts import NatInstance
from workbench.config.section import Section
from zelly_components.network.subnets import MAXIMUM_ZONES, given_subnets, plan_subnets


class SubnetCidrs(Section):
    """The ranges of subnets that are there already, in the order of the zones."""

    public: Annotated[tuple[types.PrivateNetwork, ...], Field(description="an IPv4 range for each zone")]
    private: Annotated[tuple[types.PrivateNetwork, ...], Field(description="an IPv4 range for each zone")]


class Network(Section):
    """The VPC."""

    cidr: types.VpcNetwork
    availability_zones: Annotated[
        tuple[types.AvailabilityZone, ...],
        Field(min_length=2, max_length=MAXIMUM_ZONES, description=f"2 to {MAXIMUM_ZONES} availability zones"),
    ]
    """In a fixed order: a zone's subnets follow from its position. New ones go to the end. Application load balancers
    and Aurora ask for two at least."""
    subnet_cidrs: SubnetCidrs | None
    """The ranges of the subnets, where they stand already. Null: each zone's follow from ``cidr`` and the zone's
    position. Another range replaces a subnet, and with it all that stands in it."""
    nat_gateways: Literal["single", "one_per_zone", "none"]
    """``single`` stands in the first zone, about 40 USD a month; each further one costs the same again. ``none``: the
    NAT instance carries what private subnets send to the internet."""
    nat_instance: NatInstance | None
    """Null: none. Beside gateways it stands by; with ``nat_gateways: none`` it does their work, as one host."""
    flow_log_retention_days: types.LogRetentionDays
    s3_buckets: Annotated[tuple[types.BucketName, ...], AfterValidator(types.unique)]
    """The buckets of the region that what stands in the VPC may use, beside AWS's own with image layers and packages.
    Buckets of other regions are reached through NAT, and not held back."""
    other_environments: Mapping[types.Slug, types.PrivateNetwork]
    """The address ranges of the other environments' VPCs, which must stay disjoint from this one."""

    @model_validator(mode="after")
    def _subnets_fit(self) -> Self:
        if self.subnet_cidrs is None:
            plan_subnets(str(self.cidr), self.availability_zones)
            return self
        given = {
            "subnet_cidrs.public": [str(cidr) for cidr in self.subnet_cidrs.public],
            "subnet_cidrs.private": [str(cidr) for cidr in self.subnet_cidrs.private],
        }
        given_subnets(str(self.cidr), self.availability_zones, given)
        return self

    @model_validator(mode="after")
    def _internet_is_reachable(self) -> Self:
        if self.nat_gateways == "none" and self.nat_instance is None:
            raise ValueError(
                "nat_gateways: none with nat_instance null; single or one_per_zone is required, or a nat_instance"
            )
        return self
