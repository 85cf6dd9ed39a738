import re
from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zelly_components.network.subnets import MAXIMUM_ZONES, given_subnets, plan_subnets


@st.composite
def vpc_ranges(draw: st.DrawFn) -> str:
    prefix = draw(st.integers(min_value=16, max_value=24))
    address = draw(st.integers(min_value=0, max_value=2**32 - 1))
    return str(IPv4Network((address >> (32 - prefix) << (32 - prefix), prefix)))


zone_lists = st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=MAXIMUM_ZONES, unique=True)


@given(cidr=vpc_ranges(), zones=zone_lists)
def test_subnets_lie_in_the_vpc_and_never_overlap(cidr: str, zones: list[str]) -> None:
    plan = plan_subnets(cidr, zones)
    ranges = [IPv4Network(block) for pair in plan for block in (pair.public_cidr_block, pair.private_cidr_block)]
    assert [pair.availability_zone for pair in plan] == zones
    assert all(block.subnet_of(IPv4Network(cidr)) for block in ranges)
    assert not any(one.overlaps(other) for one, other in combinations(ranges, 2))
    assert all(16 <= block.prefixlen <= 28 for block in ranges)


@given(cidr=vpc_ranges(), zones=zone_lists)
def test_zone_added_at_the_end_moves_no_other_subnet(cidr: str, zones: list[str]) -> None:
    assert plan_subnets(cidr, zones)[:-1] == (plan_subnets(cidr, zones[:-1]) if zones[:-1] else [])


def test_sixteen_bit_range_is_cut_into_twenty_bit_subnets() -> None:
    plan = plan_subnets("10.0.0.0/16", ["ap-south-1a", "ap-south-1b", "ap-south-1c"])
    assert [(pair.public_cidr_block, pair.private_cidr_block) for pair in plan] == [
        ("10.0.0.0/20", "10.0.128.0/20"),
        ("10.0.16.0/20", "10.0.144.0/20"),
        ("10.0.32.0/20", "10.0.160.0/20"),
    ]


@pytest.mark.parametrize(
    ("cidr", "zones", "message"),
    [
        (
            "10.0.0.0/25",
            ["a"],
            "cidr_block: came 10.0.0.0/25; allowed /24 or larger, for sixteen subnets of at least /28",
        ),
        (
            "10.0.0.0/28",
            ["a"],
            "cidr_block: came 10.0.0.0/28; allowed /24 or larger, for sixteen subnets of at least /28",
        ),
        ("10.0.0.0/16", [], "availability_zones: came 0; allowed 1 to 8"),
        ("10.0.0.0/16", list("abcdefghi"), "availability_zones: came 9; allowed 1 to 8"),
        ("10.0.0.0/16", ["a", "a"], "availability_zones: came a, a; allowed each once"),
        ("10.0.0.1/16", ["a"], "cidr_block: came 10.0.0.1/16; allowed an IPv4 range without host bits"),
    ],
)
def test_impossible_plan_is_refused(cidr: str, zones: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan_subnets(cidr, zones)


def ranges(*public: str, private: tuple[str, ...] = ("10.0.8.0/24", "10.0.9.0/24")) -> dict[str, tuple[str, ...]]:
    return {"public": public, "private": private}


@given(cidr=vpc_ranges(), zones=zone_lists)
def test_plan_that_is_given_back_is_taken(cidr: str, zones: list[str]) -> None:
    plan = plan_subnets(cidr, zones)
    blocks = {
        "public": [pair.public_cidr_block for pair in plan],
        "private": [pair.private_cidr_block for pair in plan],
    }
    assert given_subnets(cidr, zones, blocks) == plan


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        (ranges("10.0.0.0/24"), "public: came 1 ranges; allowed 2, one for each of availability_zones"),
        (
            ranges("10.0.0.0/24", "10.0.1.0/24", private=()),
            "private: came 0 ranges; allowed 2, one for each of availability_zones",
        ),
        (
            ranges("10.0.0.0/24", "10.2.0.0/24"),
            "public: came 10.2.0.0/24; allowed a range inside 10.0.0.0/16, the network's",
        ),
        (
            ranges("10.0.0.0/24", "10.0.0.128/25"),
            "public: came 10.0.0.128/25; allowed a range that does not overlap 10.0.0.0/24 (public)",
        ),
        (
            ranges("10.0.0.0/24", "10.0.1.0/24", private=("10.0.1.0/25", "10.0.9.0/24")),
            "private: came 10.0.1.0/25; allowed a range that does not overlap 10.0.1.0/24 (public)",
        ),
        (ranges("10.0.0.0/24", "10.0.1.0/29"), "public: came 10.0.1.0/29; allowed /16 to /28"),
        (ranges("10.0.0.0/24", "10.0.1.1/24"), "public: came 10.0.1.1/24; allowed an IPv4 range without host bits"),
    ],
)
def test_given_ranges_that_do_not_fit_are_refused(blocks: dict[str, tuple[str, ...]], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        given_subnets("10.0.0.0/16", ["a", "b"], blocks)
