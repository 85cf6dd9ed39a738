"""Collisions of two stack files that are the same for every program: the place, and the range of the VPC."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from workbench.program import OtherStack, StackConfig


def cidr_of(other: OtherStack) -> IPv4Network | None:
    """Return the range of a neighbour's VPC; None where its file has none."""
    try:
        return IPv4Network(other.value("network.cidr"))
    except (TypeError, ValueError):
        return None


def place_taken(config: StackConfig, other: OtherStack) -> Iterator[str]:
    """Yield a line if a neighbour has the same region of the same account."""
    if (other.value("aws_account_id"), other.value("region")) == (config.aws_account_id, config.region):
        yield (
            f"region: {config.region} of account {config.aws_account_id}; taken by {other.source}: "
            "a region of an account holds one environment, another region is allowed"
        )


def range_taken(cidr: IPv4Network, other: OtherStack) -> Iterator[str]:
    """Yield a line if a VPC's range overlaps a neighbour's: neither could be peered, nor reached from one place."""
    if (taken := cidr_of(other)) is not None and cidr.overlaps(taken):
        yield f"network.cidr: {cidr}; a range that does not overlap {other.source}'s ({taken}) is allowed"
