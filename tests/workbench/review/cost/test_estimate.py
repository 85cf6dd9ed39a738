"""Estimates as a whole: sums, groups, what has no price."""

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.sample import OWNER, STACKS, evaluation_of
from tests.workbench.review.cost.plans import (
    REGION,
    Recorded,
    estimate_of,
    plan,
    prices,
    printed,
    quantity,
    shown,
    table,
    three,
    usage,
)
from workbench.cli.cost.view import estimate_view
from workbench.costs import DocumentedCosts
from workbench.review.cost.documented import compare_with_documents
from workbench.review.cost.estimate import estimate
from workbench.review.cost.plan import plan_of
from workbench.review.cost.quantity import Quantity
from workbench.review.cost.usage import Usage
from workbench.review.cost.wording import assumptions

if TYPE_CHECKING:
    from rich.console import RenderableType

COSTS = DocumentedCosts(named={"Disks": ("ebs.",)}, not_named={"Network": ("nat.",)})

EIP = "aws:ec2/eip:Eip"
NAT = "aws:ec2/natGateway:NatGateway"


def _view(*, lines: bool, columns: int) -> list["RenderableType"]:
    found = estimate_of(OWNER)
    return estimate_view(found, compare_with_documents(found, Decimal(200), COSTS), lines=lines, columns=columns)


@pytest.mark.parametrize("lines", [False, True])
def test_eighty_columns_hold_it_without_a_broken_word(lines: bool) -> None:
    text = printed(_view(lines=lines, columns=80), columns=80)
    assert max(len(line.rstrip()) for line in text) <= 80
    wide = set(" ".join(shown(_view(lines=lines, columns=10_000))).split())
    assert {word for line in text for word in line.split()} - {*wide, "at"} == set()
    assert (len(text) < 40) is not lines


def test_sums_are_those_of_the_lines() -> None:
    found = estimate_of(OWNER)
    sums = shown(_view(lines=False, columns=80))
    shown_sums = {line.split()[0]: line.split()[1:] for line in sums[1 : sums.index("")]}
    assert shown_sums == {
        component: [f"{value:,.2f}" for value in (usd.low, usd.expected, usd.high)]
        for component, usd, _ in found.by_component()
    }


def test_difference_with_the_documents_is_part_by_part() -> None:
    dear = table(nat__hour={"usd": 1}, nat__gb={"usd": 0}, ebs__gp3__gb_month={"usd": 2})
    disk = Recorded(type="aws:ebs/volume:Volume", inputs={"size": 100, "type": "gp3"})
    found = estimate(plan(Recorded(type=NAT), disk), dear)
    document = compare_with_documents(found, Decimal(1000), COSTS).document()
    assert (document["named_usd"]["Disks"], document["not_named_usd"]["Network"]) == (200, 730)
    assert (document["monthly_usd"], document["difference_usd"]) == (1000, -70)


@pytest.mark.parametrize("stack", STACKS)
def test_everything_in_the_stacks_is_priced(stack: str) -> None:
    assert estimate_of(stack).unpriced == []


@pytest.mark.parametrize("stack", STACKS)
def test_lines_add_up_and_rise_from_low_to_high(stack: str) -> None:
    found = estimate_of(stack)
    assert found.usd.expected == sum(line.usd.expected for line in found.lines)
    assert sum(sum_.high for _, sum_, _ in found.by_component()) == found.usd.high
    assert all(line.usd.low <= line.usd.expected <= line.usd.high for line in found.lines)


def test_each_component_is_one_group() -> None:
    names = [name for name, _, _ in estimate_of(OWNER).by_component()]
    assert len(names) == len(set(names))


def test_price_that_is_missing_makes_an_unpriced_line_and_no_zero() -> None:
    found = estimate(plan(Recorded(type=NAT), Recorded(type=EIP)), table(nat__hour={"usd": 2}, nat__gb={}))
    assert [(line.item, line.usd.expected) for line in found.lines] == [("nat.hour", 1460), ("nat.gb", 100)]
    assert [(one.type, one.reason) for one in found.unpriced] == [
        (EIP, "public IPv4 address (Elastic IP): no price of ipv4.public.hour in ap-south-1")
    ]


def test_unknown_type_is_unpriced() -> None:
    found = estimate(plan(Recorded(type="aws:sqs/queue:Queue", name="jobs")), table(nat__hour={}))
    assert [(one.resource, one.type, one.reason) for one in found.unpriced] == [
        ("jobs", "aws:sqs/queue:Queue", "the type has no price, and no reason to have none")
    ]


def test_region_without_prices_borrows_anothers_as_unverified_ones() -> None:
    found = estimate(plan(Recorded(type=NAT), region="eu-west-1"), prices())
    assert (found.region, found.prices_of) == ("eu-west-1", "ap-southeast-1")
    assert {(line.price.verified, line.price.source) for line in found.lines} == {
        (False, "the price of ap-southeast-1")
    }
    assert found.lines[0].price.usd == prices().regions["ap-southeast-1"][found.lines[0].item].usd
    assert (found.unverified_usd, found.unpriced) == (found.usd.expected, [])
    assert assumptions(found).endswith(
        "at unverified prices, all of them ap-southeast-1's: there are none of eu-west-1 yet."
    )
    own = estimate(plan(Recorded(type=NAT)), prices())
    assert own.prices_of == own.region
    assert "all of them" not in assumptions(own)


def test_traffic_to_a_region_that_has_no_price_costs_as_much_as_to_another() -> None:
    service = Recorded(type="aws:ecs/service:Service", inputs={"name": "shop-production-x", "taskDefinition": "x"})
    pulled = usage(traffic__images_from_other_region_gb_per_month=three(1, 2, 3))
    (line,) = [
        line
        for line in estimate(plan(service, assumed=pulled, region="eu-west-1"), prices()).lines
        if line.item.startswith("transfer.to_")
    ]
    known = prices().regions["ap-south-1"]["transfer.to_ap-southeast-1.gb"]
    assert (line.price.usd, line.price.source) == (known.usd, "the price of transfer.to_ap-southeast-1.gb")


def test_resource_in_another_region_has_its_prices() -> None:
    repository = Recorded(type="aws:ecr/repository:Repository", inputs={"region": "ap-south-1"})
    gateway = Recorded(type=NAT, inputs={"region": "ap-south-1"})
    found = estimate(plan(repository, gateway, region="ap-southeast-1"), prices())
    (hours,) = [line for line in found.lines if line.item == "nat.hour"]
    assert hours.price == prices().price("ap-south-1", "nat.hour")


def test_unverified_prices_and_dates_are_told() -> None:
    found = estimate(
        plan(Recorded(type=NAT)),
        table(nat__hour={"confidence": "memory", "date": None}, nat__gb={"date": "2026-08"}),
    )
    assert (found.unverified_usd, found.price_dates) == (730, ("2026-08", "2026-08"))


def test_resource_belongs_to_its_outermost_component() -> None:
    stack = Recorded(type="pulumi:pulumi:Stack", name="shop-production", custom=False)
    outer = Recorded(type="zelly-components:index:Vpc", name="shop-production-network", custom=False, parent=stack.urn)
    inner = Recorded(type="zelly-components:index:Part", name="shop-production-part", custom=False, parent=outer.urn)
    address = Recorded(type=EIP, name="shop-production-nat-eip", parent=inner.urn)
    alone = Recorded(type=EIP, name="shop-production-alone", parent=stack.urn)
    found = estimate(plan(stack, outer, inner, address, alone), prices())
    assert [(line.component, line.resource) for line in found.lines] == [("network", "nat-eip"), ("stack", "alone")]


@given(st.integers(0, 40), st.integers(0, 40))
def test_more_of_a_thing_never_costs_less(one: int, more: int) -> None:
    def cost(count: int) -> Quantity:
        return estimate(plan(*[Recorded(type=EIP)] * count, Recorded(type=NAT)), prices()).usd

    fewer, many = cost(one), cost(one + more)
    assert fewer.expected + more * Decimal("3.65") == many.expected


def _grown(factor: int) -> Usage:
    values = {
        "traffic__nat_gb_per_month": three(*(factor * value for value in (1, 2, 3))),
        "traffic__internet_out_gb_per_month": three(*(factor * value for value in (50, 100, 300))),
        "aurora__average_acu": three(*(factor * value for value in (0.1, 0.5, 1))),
        "services__average_tasks__web": three(*(factor * value for value in (0.5, 1, 1.5))),
    }
    return usage(**values)


@given(st.integers(1, 5), st.integers(0, 5))
def test_more_use_never_costs_less(factor: int, more: int) -> None:
    def cost(times: int) -> Quantity:
        resources = evaluation_of(OWNER).resources
        return estimate(plan_of(OWNER, REGION, resources, _grown(times)), prices()).usd

    less, much = cost(factor), cost(factor + more)
    assert (less.low, less.expected, less.high) <= (much.low, much.expected, much.high)
    assert less.expected <= much.expected
    assert less.high <= much.high


def test_quantity_falls_neither_below_zero_nor_in_itself() -> None:
    for values in (("-1", "0", "1"), ("2", "1", "3"), ("1", "3", "2")):
        with pytest.raises(ValueError, match="each at least the one before"):
            quantity(*values)
