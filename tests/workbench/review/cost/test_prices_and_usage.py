"""The two files: what is in them, and how a mistake in them is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.review.cost.plans import Recorded, plan, prices, table, three, usage
from workbench.errors import OperatorError
from workbench.review.cost.estimate import estimate
from workbench.review.cost.prices import TABLE, Confidence, read_prices
from workbench.review.cost.savings import with_values
from workbench.review.cost.usage import Usage, parse_usage, read_usage


def test_table_as_it_would_be_written_is_the_file() -> None:
    assert prices().as_text() == TABLE.read_text(encoding="utf-8")


def test_table_is_written_as_people_read_it() -> None:
    accented = prices().model_copy(update={"note": "préis ≤ 1"})
    assert accented.as_text().splitlines()[1] == '  "note": "préis ≤ 1",'


def test_traffic_costs_what_its_own_price_says_or_else_the_first_that_is_known() -> None:
    items = {"transfer.to_a.gb": {"usd": 1}, "transfer.to_b.gb": {"usd": 2}}
    known = table(**{name.replace(".", "__"): changes for name, changes in items.items()})
    found = [known.price_or_lent("ap-south-1", f"transfer.to_{region}.gb") for region in "abc"]
    assert [one and (one.usd, one.source) for one in found] == [
        (1, "test"),
        (2, "test"),
        (1, "the price of transfer.to_a.gb"),
    ]
    assert known.price_or_lent("ap-south-1", "nat.hour") is None


def test_both_regions_have_the_same_items() -> None:
    mumbai, singapore = (set(prices().regions[region]) for region in ("ap-south-1", "ap-southeast-1"))
    assert mumbai ^ singapore == {"transfer.to_ap-southeast-1.gb", "transfer.to_ap-south-1.gb"}


def test_prices_without_a_source_are_unverified_and_without_a_date() -> None:
    everything = [price for items in prices().regions.values() for price in items.values()]
    assert {price.source for price in everything if not price.verified} == {"from memory, no source"}
    assert {price.date for price in everything if price.confidence is Confidence.MEMORY} == {None}
    assert all(price.confidence is Confidence.MEMORY for price in everything if "memory" in price.source)


def test_damaged_table_is_told_by_place(tmp_path: Path) -> None:
    damaged: dict[str, Any] = json.loads(TABLE.read_text())
    damaged["regions"]["ap-south-1"]["nat.hour"] |= {"usd": -1, "confidence": "certain"}
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(damaged))
    with pytest.raises(OperatorError) as caught:
        read_prices(path)
    assert [line.rsplit(": ", 1)[0] for line in caught.value.lines] == [
        "prices.json: regions.ap-south-1.nat.hour.usd",
        "prices.json: regions.ap-south-1.nat.hour.confidence",
    ]


def test_missing_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"prices\.json: No such file or directory"):
        read_prices(tmp_path / "prices.json")


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (
            "aurora/average_acu",
            {"low": 2, "expected": 1, "high": 3},
            "u.yaml: aurora.average_acu: low 2, expected 1, high 3; "
            "allowed: 0 or more, and each at least the one before",
        ),
        (
            "host_hours_per_month",
            {"low": 0, "expected": 1, "high": 744},
            "u.yaml: host_hours_per_month: high 744; at most 730 hours are in a month",
        ),
        (
            "logs/stored_gb/low",
            "much",
            "u.yaml: logs.stored_gb.low: came 'much'; Input should be a valid decimal",
        ),
        ("logs/stored_tb", 1, "u.yaml: logs.stored_tb: unknown key"),
        ("logs/stored_gb", {"low": 1, "high": 1}, "u.yaml: logs.stored_gb.expected: missing; required"),
    ],
)
def test_mistake_in_a_usage_file_is_one_line(path: str, value: object, line: str) -> None:
    content = with_values(json.loads(usage().model_dump_json()), {path: value})
    with pytest.raises(OperatorError) as caught:
        parse_usage(content, source="u.yaml")
    assert caught.value.lines == (line,)


def test_usage_file_that_is_no_yaml_or_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "u.yaml"
    with pytest.raises(OperatorError, match=r"u\.yaml: No such file or directory; --usage FILE names another one"):
        read_usage(path)
    path.write_text("a: [")
    with pytest.raises(OperatorError, match=r"u\.yaml: not YAML: "):
        read_usage(path)
    path.write_text("just words")
    with pytest.raises(OperatorError, match=r"u\.yaml: the whole file: came 'just words'"):
        read_usage(path)


def _without(*names: str) -> Usage:
    content = json.loads(usage().model_dump_json())
    return parse_usage({name: value for name, value in content.items() if name not in names}, source="u.yaml")


def test_what_a_stack_has_not_needs_no_assumption() -> None:
    assumed = _without("services", "aurora")
    secret = Recorded(type="aws:secretsmanager/secret:Secret")
    assert estimate(plan(secret, assumed=assumed), prices()).lines


@pytest.mark.parametrize(
    ("kind", "asked_for"), [("application", "traffic.alb_lcu_average"), ("network", "traffic.nlb_nlcu_average")]
)
def test_of_balancers_only_the_kinds_that_are_there_are_asked_for(kind: str, asked_for: str) -> None:
    balancer = Recorded(type="aws:lb/loadBalancer:LoadBalancer", inputs={"loadBalancerType": kind, "subnets": ["a"]})
    with pytest.raises(OperatorError) as caught:
        estimate(plan(balancer, assumed=_without("traffic")), prices())
    missing = [line.split(": ")[1] for line in caught.value.lines if "_lcu_" in line or "_nlcu_" in line]
    assert missing == [asked_for]


def test_each_assumption_that_a_price_depends_on_is_asked_for_at_once() -> None:
    cluster = Recorded(type="aws:rds/cluster:Cluster", inputs={"engine": "aurora-mysql"})
    secret = Recorded(type="aws:secretsmanager/secret:Secret")
    with pytest.raises(OperatorError) as caught:
        estimate(plan(cluster, secret, assumed=_without("aurora", "requests")), prices())
    assert caught.value.lines == (
        "u.yaml: aurora.storage_gb: missing; required, since the stack has what costs by it",
        "u.yaml: requests.secret_calls_per_month: missing; required, since the stack has what costs by it",
    )


def test_changed_assumption_is_read() -> None:
    assert usage(aurora__average_acu=three(1, 2, 3)).aurora.average_acu.expected == 2
