"""docs/cost.md: its tables are what the program and the prices give."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.zelly_infra.review.cost.plans import estimate_of
from zelly_infra.review.cost.estimate import Line
from zelly_infra.review.cost.types import FREE
from zelly_infra.review.cost.wording import money

PAGE = (Path(__file__).parent.parent / "docs" / "cost.md").read_text(encoding="utf-8")

NAMED = {
    "Fargate": ("fargate.",),
    "Load balancers": ("alb.hour", "nlb.hour"),
    "NAT gateway": ("nat.hour",),
    "Aurora": ("aurora.",),
    "Redis": ("elasticache.",),
    "ClickHouse and bastion, with disks and snapshots": ("ec2.", "ebs."),
}
"""What the documents name, by the beginnings of items."""
NOT_NAMED = {
    "Public IPv4 addresses": ("ipv4.",),
    "Container Insights and other custom metrics": ("cloudwatch.custom_metric_month",),
    "Alarms": ("cloudwatch.alarm_month",),
    "Dashboards": ("cloudwatch.dashboard_month",),
    "Logs and flow logs": ("cloudwatch.logs.", "vpc_flow_logs."),
    "Traffic and capacity units": ("alb.lcu_hour", "nlb.nlcu_hour", "nat.gb", "transfer."),
    "Secrets and the alarm topic's key": ("secrets.", "kms."),
    "Certificates on EFS, images, access logs": ("efs.", "backup.", "ecr.", "s3."),
}
STACKS = ("production", "staging")


def _sum(stack: str, *beginnings: str) -> Decimal:
    return sum((line.usd.expected for line in _lines(stack) if line.item.startswith(beginnings)), Decimal(0))


def _lines(stack: str) -> list[Line]:
    return [*estimate_of(stack).lines]


def _row(label: str, *beginnings: str, mark: str = "") -> str:
    cells = [f"{mark}{money(_sum(stack, *beginnings))}{mark}" for stack in STACKS]
    return f"| {mark}{label}{mark} | {cells[0]} | {cells[1]} |"


def test_every_line_is_in_one_row_of_the_table() -> None:
    rows = [beginnings for group in (NAMED, NOT_NAMED) for beginnings in group.values()]
    for stack in STACKS:
        for line in _lines(stack):
            assert sum(line.item.startswith(beginnings) for beginnings in rows) == 1, line.item


def test_table_of_what_the_documents_name_and_what_they_do_not() -> None:
    named, others = (tuple(one for row in group.values() for one in row) for group in (NAMED, NOT_NAMED))
    expected = [
        *(_row(label, *beginnings) for label, beginnings in NAMED.items()),
        _row("named in the documents", *named, mark="**"),
        *(_row(label, *beginnings) for label, beginnings in NOT_NAMED.items()),
        _row("not named", *others, mark="**"),
        _row("expected, a month", "", mark="**"),
    ]
    assert [line for line in PAGE.splitlines() if line in expected] == expected, "\n".join(expected)


@pytest.mark.parametrize("stack", STACKS)
def test_addresses_are_as_many_as_the_page_says(stack: str) -> None:
    addresses = _sum(stack, "ipv4.") / Decimal("3.65")
    assert f"{addresses:.0f} public IPv4 addresses in {stack}" in PAGE


def test_capacity_of_one_acu_is_as_dear_as_the_page_says() -> None:
    (capacity,) = [line for line in _lines("production") if "acu_hour" in line.item]
    more = (1 - Decimal("0.6")) * 730 * capacity.price.usd
    assert f"{money(_sum('production', '') + more)} USD at 1 ACU on average" in PAGE


def test_free_types_are_counted_right() -> None:
    assert f"{len(FREE)} types cost nothing" in PAGE
