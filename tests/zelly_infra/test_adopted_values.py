"""The settings that say how a live estate was laid out, told from its resources."""

from collections.abc import Mapping
from typing import Any

from tests.zelly_infra.evaluations import config_of, evaluation_of
from zelly_infra.adopted_values import adopted_values
from zelly_infra.program import PROGRAM

STAGING = config_of("staging")
RANGES = {
    "public": ["10.1.0.0/24", "10.1.1.0/24", "10.1.2.0/24"],
    "private": ["10.1.10.0/24", "10.1.11.0/24", "10.1.12.0/24"],
}


def live(ranges: Mapping[str, list[str]]) -> dict[str, dict[str, Any]]:
    return {
        f"zelly-staging-network-{kind}-{zone}": {"cidrBlock": cidr}
        for kind, cidrs in ranges.items()
        for zone, cidr in zip("abc", cidrs, strict=True)
    }


def test_ranges_of_live_subnets_are_named_in_the_zones_order() -> None:
    assert PROGRAM.adopted_values(STAGING, live(RANGES)) == {"network.subnet_cidrs": RANGES}


def test_ranges_are_named_only_where_all_are_known() -> None:
    known = live(RANGES)
    del known["zelly-staging-network-private-b"]
    assert adopted_values(STAGING, known) == {}


def test_what_the_program_makes_itself_asks_for_no_setting() -> None:
    """It finds each resource by the name that the program gives it."""
    made = {resource.name: resource.inputs for resource in evaluation_of("staging").resources}
    assert adopted_values(STAGING, made) == {}


def test_balancer_in_fewer_zones_says_how_many() -> None:
    balancer = {"zelly-staging-nlb-storefront": {"subnetMappings": [{"subnetId": "subnet-1"}]}}
    assert adopted_values(STAGING, balancer) == {"storefront.load_balancer_zones": 1}
