"""The subnet plan of a VPC, derived from its address range and its zones, or given and checked against them."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zelly_components.limits.errors import LimitError

MAXIMUM_ZONES = 8
"""No AWS region has more than six zones; eight keeps the split a power of two."""

_LARGEST_SUBNET_PREFIX = 16
_SMALLEST_SUBNET_PREFIX = 28
"""AWS allows subnets between /16 and /28 (VPC User Guide, "Subnet CIDR blocks")."""

_PLAN_BITS = 4


@dataclass(frozen=True, kw_only=True)
class SubnetPair:
    """The public and the private address range of one zone."""

    availability_zone: str
    public_cidr_block: str
    private_cidr_block: str


def plan_subnets(cidr_block: str, availability_zones: Sequence[str]) -> list[SubnetPair]:
    """Return one public and one private range per zone.

    The VPC is cut into sixteen equal ranges: the first eight are for public subnets, the last eight for private ones,
    by the zone's position. A zone added at the end therefore never moves another zone's subnets. A /16 yields /20s
    with 4,091 usable addresses each (AWS keeps five of every subnet).

    Raises:
        LimitError: for a range too small to cut, host bits set, a repeated zone, none, or more than eight zones.
    """
    network = _network("cidr_block", cidr_block)
    if network.prefixlen + _PLAN_BITS > _SMALLEST_SUBNET_PREFIX:
        largest = _SMALLEST_SUBNET_PREFIX - _PLAN_BITS
        raise LimitError("cidr_block", cidr_block, f"/{largest} or larger, for sixteen subnets of at least /28")
    _check_zones(availability_zones)
    ranges = list(network.subnets(prefixlen_diff=_PLAN_BITS))
    return [
        SubnetPair(
            availability_zone=zone,
            public_cidr_block=str(ranges[position]),
            private_cidr_block=str(ranges[MAXIMUM_ZONES + position]),
        )
        for position, zone in enumerate(availability_zones)
    ]


def given_subnets(
    cidr_block: str, availability_zones: Sequence[str], given: Mapping[str, Sequence[str]]
) -> list[SubnetPair]:
    """Return the given ranges, one public and one private of each zone.

    ``given`` has two entries, the public and the private ranges in the zones' order, each by the name under which it
    was given: errors begin with it.

    Raises:
        LimitError: for another number of ranges than of zones, a range that AWS has no subnet for, that lies outside
            the VPC's, or that overlaps another; and for zones as in :func:`plan_subnets`.
    """
    network = _network("cidr_block", cidr_block)
    _check_zones(availability_zones)
    taken: list[tuple[str, ipaddress.IPv4Network]] = []
    for field, blocks in given.items():
        if len(blocks) != len(availability_zones):
            wanted = f"{len(availability_zones)}, one for each of availability_zones"
            raise LimitError(field, f"{len(blocks)} ranges", wanted)
        for block in blocks:
            subnet = _network(field, block)
            _check_subnet(field, subnet, network, taken)
            taken.append((field, subnet))
    public, private = given.values()
    return [
        SubnetPair(availability_zone=zone, public_cidr_block=public[position], private_cidr_block=private[position])
        for position, zone in enumerate(availability_zones)
    ]


def _check_subnet(
    field: str,
    subnet: ipaddress.IPv4Network,
    vpc: ipaddress.IPv4Network,
    taken: Sequence[tuple[str, ipaddress.IPv4Network]],
) -> None:
    if not _LARGEST_SUBNET_PREFIX <= subnet.prefixlen <= _SMALLEST_SUBNET_PREFIX:
        raise LimitError(field, subnet, f"/{_LARGEST_SUBNET_PREFIX} to /{_SMALLEST_SUBNET_PREFIX}")
    if not subnet.subnet_of(vpc):
        raise LimitError(field, subnet, f"a range inside {vpc}, the network's")
    for other_field, other in taken:
        if subnet.overlaps(other):
            raise LimitError(field, subnet, f"a range that does not overlap {other} ({other_field})")


def _check_zones(availability_zones: Sequence[str]) -> None:
    if not 1 <= len(availability_zones) <= MAXIMUM_ZONES:
        raise LimitError("availability_zones", len(availability_zones), f"1 to {MAXIMUM_ZONES}")
    if len(set(availability_zones)) != len(availability_zones):
        raise LimitError("availability_zones", ", ".join(availability_zones), "each once")


def _network(field: str, block: str) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(block)
    except ValueError:
        raise LimitError(field, block, "an IPv4 range without host bits") from None
