"""Cloudflare's published address ranges as prefix lists for security groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component
from zelly_components.edge.ranges import IPV4_RANGES, IPV6_RANGES

MAXIMUM_IPV4 = 30
MAXIMUM_IPV6 = 15
"""A rule counts with the list's maximum, not with its entries, against the 60 rules of a security group
(terraform-aws-modules/terraform-aws-alb#400): together 45, twice what Cloudflare publishes."""


@dataclass(frozen=True, kw_only=True)
class CloudflareRangesArgs:
    """Arguments of the prefix lists."""

    ipv4_ranges: Sequence[str] = IPV4_RANGES
    """Cloudflare's IPv4 ranges, at most 30. Left out, those that this release knows
    (``zelly_components.edge.ranges``)."""
    ipv6_ranges: Sequence[str] = IPV6_RANGES
    """Cloudflare's IPv6 ranges, at most 15. Left out, those that this release knows."""


class CloudflareRanges(Component):
    """Two managed prefix lists with the ranges that Cloudflare connects from, one for each family.

    Entries stand in the lists themselves: as resources of their own they would be fought over
    (hashicorp/terraform-provider-aws#26712).

    Example::

        from zelly_components.cloudflare_ranges import CloudflareRanges, CloudflareRangesArgs

        ranges = CloudflareRanges("shop-cloudflare", CloudflareRangesArgs())
    """

    ipv4_prefix_list_id: pulumi.Output[str]
    """The managed prefix list of the IPv4 ranges, for permissions."""
    ipv6_prefix_list_id: pulumi.Output[str]
    """The managed prefix list of the IPv6 ranges, for permissions."""
    ipv4_ranges: list[str]
    """The IPv4 ranges themselves, for whoever has to know its proxies."""
    ipv6_ranges: list[str]
    """The IPv6 ranges themselves, for whoever has to know its proxies."""

    def __init__(self, name: str, args: CloudflareRangesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__(name, opts)
        self._name = name
        self.ipv4_prefix_list_id = self._prefix_list("IPv4", args.ipv4_ranges, MAXIMUM_IPV4).id
        self.ipv6_prefix_list_id = self._prefix_list("IPv6", args.ipv6_ranges, MAXIMUM_IPV6).id
        self.ipv4_ranges, self.ipv6_ranges = list(args.ipv4_ranges), list(args.ipv6_ranges)
        self.register_annotated_outputs()

    def _prefix_list(self, family: str, ranges: Sequence[str], maximum: int) -> aws.ec2.ManagedPrefixList:
        name = f"{self._name}-{family.lower()}"
        return aws.ec2.ManagedPrefixList(
            name,
            name=name,
            address_family=family,
            max_entries=maximum,
            entries=[
                # No day in the description: another one would take every entry out and put it in again.
                aws.ec2.ManagedPrefixListEntryArgs(cidr=cidr, description="Cloudflare")
                for cidr in sorted(ranges)
            ],
            tags={"Name": name},
            opts=self.child(),
        )


def _check(args: CloudflareRangesArgs) -> None:
    for field, ranges, maximum, family in (
        ("ipv4_ranges", args.ipv4_ranges, MAXIMUM_IPV4, IPv4Network),
        ("ipv6_ranges", args.ipv6_ranges, MAXIMUM_IPV6, IPv6Network),
    ):
        if not 1 <= len(ranges) <= maximum:
            raise ValueError(f"{field}: came {len(ranges)}; allowed 1 to {maximum}")
        for cidr in ranges:
            if _network(field, cidr, family).prefixlen == 0:
                raise ValueError(f"{field}: came {cidr}; allowed anything but the internet")


def _network(field: str, cidr: str, family: type[IPv4Network] | type[IPv6Network]) -> IPv4Network | IPv6Network:
    try:
        return family(cidr)
    except ValueError:
        raise ValueError(f"{field}: came {cidr!r}; allowed a range such as 104.16.0.0/13 or 2400:cb00::/32") from None
