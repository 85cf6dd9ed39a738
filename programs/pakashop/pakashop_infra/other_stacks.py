"""Collisions of two stack files: names and ranges that two environments both use."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from pakashop_infra.config import EnvironmentConfig
from workbench.program import OtherStack


def collisions(environment: EnvironmentConfig, other: OtherStack) -> Iterator[str]:
    """Yield a line for each value that both stacks use, beginning with its key."""
    place = (environment.aws_account_id, environment.region)
    if place == (other.value("aws_account_id"), other.value("region")):
        yield (
            f"region: {environment.region} of account {environment.aws_account_id}; taken by {other.source}: "
            "a region of an account holds one environment, another region is allowed"
        )
    cidr, taken = environment.network.cidr, _cidr_of(other)
    if taken is not None and cidr.overlaps(taken):
        yield f"network.cidr: {cidr}; a range that does not overlap {other.source}'s ({taken}) is allowed"


def _cidr_of(other: OtherStack) -> IPv4Network | None:
    try:
        return IPv4Network(other.value("network.cidr"))
    except (TypeError, ValueError):
        return None
