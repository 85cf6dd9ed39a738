"""What switches save: each alone, and all together."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.workbench.review.cost.plans import Recorded, plan, table, three, usage
from workbench.costs import Switch
from workbench.review.cost.estimate import Estimate, estimate
from workbench.review.cost.savings import changes_of, savings, with_values
from workbench.review.cost.usage import Usage

NAT = "aws:ec2/natGateway:NatGateway"
EIP = "aws:ec2/eip:Eip"
PRICES = table(nat__hour={}, nat__gb={"usd": 0}, ipv4__public__hour={})


def _price(environment: Mapping[str, Any], assumed: Usage) -> Estimate:
    """Price a program that makes as many gateways and addresses as its configuration says."""
    gateways = [Recorded(type=NAT)] * environment["network"]["gateways"]
    addresses = [Recorded(type=EIP)] * environment["network"]["addresses"]
    return estimate(plan(*gateways, *addresses, assumed=assumed), PRICES)


ENVIRONMENT = {"network": {"gateways": 3, "addresses": 2}, "name": {"a": 1, "b": 2}}
ONE_GATEWAY = Switch(name="one", config={"network/gateways": 1}, gives_up="zones")
NO_ADDRESS = Switch(name="none", config={"network/addresses": lambda count: count - 2}, gives_up="names")


def test_each_saves_alone_and_all_save_together() -> None:
    present, found, together = savings(ENVIRONMENT, usage(), _price, [ONE_GATEWAY, NO_ADDRESS], interrupting=True)
    assert [(saving.switch.name, saving.changes, saving.usd) for saving in found] == [
        ("one", {"network/gateways": 1}, 1460),
        ("none", {"network/addresses": 0}, 1460),
    ]
    assert (present.usd.expected, together.usd.expected) == (3650, 730)
    assert ENVIRONMENT["network"] == {"gateways": 3, "addresses": 2}


def test_switch_that_is_on_already_is_left_out() -> None:
    present, found, together = savings(
        ENVIRONMENT,
        usage(),
        _price,
        [Switch(name="same", config={"network/gateways": 3}, gives_up="nothing")],
        interrupting=True,
    )
    assert (found, present is together) == ([], True)


def test_switch_that_interrupts_is_not_offered_where_things_are_protected() -> None:
    switch = Switch(name="one", config={"network/gateways": 1}, gives_up="zones", interrupts=True)
    assert savings(ENVIRONMENT, usage(), _price, [switch], interrupting=False)[1] == []
    assert len(savings(ENVIRONMENT, usage(), _price, [switch], interrupting=True)[1]) == 1


def test_switch_may_change_assumptions_too() -> None:
    prices = table(nat__hour={"usd": 0}, nat__gb={}, ipv4__public__hour={"usd": 0})

    def price(environment: Mapping[str, Any], assumed: Usage) -> Estimate:
        return estimate(plan(*[Recorded(type=NAT)] * environment["network"]["gateways"], assumed=assumed), prices)

    quiet = Switch(
        name="quiet",
        config={"network/gateways": 2},
        gives_up="traffic",
        usage={"traffic/nat_gb_per_month": three(0, 10, 10)},
    )
    assumed = usage(traffic__nat_gb_per_month=three(0, 40, 50))
    assert [saving.usd for saving in savings(ENVIRONMENT, assumed, price, [quiet], interrupting=True)[1]] == [30]


def _one_more(value: int) -> int:
    return value + 1


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"name/*": 2}, {"name/a": 2}),
        ({"name/*": _one_more}, {"name/a": 2, "name/b": 3}),
        ({"name/a": 1}, {}),
    ],
)
def test_wildcard_is_every_member_that_differs(config: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    assert changes_of(Switch(name="s", config=config, gives_up=""), ENVIRONMENT) == expected


def test_values_are_set_in_a_copy() -> None:
    document = {"a": {"b": 1}}
    assert with_values(document, {"a/b": 2}) == {"a": {"b": 2}}
    assert document == {"a": {"b": 1}}
