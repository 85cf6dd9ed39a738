"""The subnet plan of a VPC as a pure function of its address range and its zones."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from zelly_components.limits.errors import LimitError

MAXIMUM_ZONES = 8
"""No AWS region has more than six zones; eight keeps the split a power of two."""

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
    try:
        network = ipaddress.IPv4Network(cidr_block)
    except ValueError:
        raise LimitError("cidr_block", cidr_block, "an IPv4 range without host bits") from None
    if network.prefixlen + _PLAN_BITS > _SMALLEST_SUBNET_PREFIX:
        largest = _SMALLEST_SUBNET_PREFIX - _PLAN_BITS
        raise LimitError("cidr_block", cidr_block, f"/{largest} or larger, for sixteen subnets of at least /28")
    if not 1 <= len(availability_zones) <= MAXIMUM_ZONES:
        raise LimitError("availability_zones", len(availability_zones), f"1 to {MAXIMUM_ZONES}")
    if len(set(availability_zones)) != len(availability_zones):
        raise LimitError("availability_zones", ", ".join(availability_zones), "each once")
    ranges = list(network.subnets(prefixlen_diff=_PLAN_BITS))
    return [
        SubnetPair(
            availability_zone=zone,
            public_cidr_block=str(ranges[position]),
            private_cidr_block=str(ranges[MAXIMUM_ZONES + position]),
        )
        for position, zone in enumerate(availability_zones)
    ]
