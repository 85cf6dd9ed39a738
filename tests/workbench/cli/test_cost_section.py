"""The section on cost in a pull request's comment."""

import json
import shutil
from decimal import Decimal
from pathlib import Path

from tests.support import sample
from workbench.cli.plan.against import Base
from workbench.cli.plan.cost_section import cost_section
from workbench.cli.plan.estimates import estimate_of
from workbench.review.cost.wording import money
from workbench.review.plan_document import PlanDocument, document, empty, parse

PLAN = document(sample.evaluation_of("live"), "ap-south-1")
_NOW = estimate_of("live", "ap-south-1", PLAN.resources, sample.FOLDER).usd.expected


def _with_redis(node_type: str) -> PlanDocument:
    text = json.dumps(PLAN.as_json())
    return parse(text.replace('"nodeType": "cache.t4g.small"', f'"nodeType": "{node_type}"'), source="changed")


def test_change_has_its_delta_in_the_heading() -> None:
    lines = cost_section(Base(label="main", plan=PLAN), _with_redis("cache.t4g.medium"), sample.FOLDER).splitlines()
    assert lines[0] == f"### Cost: +29.20 USD a month, {money(_NOW)} → {money(_NOW + Decimal('29.20'))}"
    assert lines[4] == "| redis: cache.t4g.small, redis → cache.t4g.medium, redis | 29.93 | 59.13 | +29.20 |"


def test_size_without_a_price_is_unpriced_and_no_saving() -> None:
    lines = cost_section(Base(label="main", plan=PLAN), _with_redis("cache.r7g.large"), sample.FOLDER).splitlines()
    less = money(_NOW - Decimal("29.93"))
    assert lines[0] == f"### Cost: -29.93 USD a month, {money(_NOW)} → {less}, not counting what has no price"
    assert (
        "- **unpriced** redis (`aws:elasticache/replicationGroup:ReplicationGroup`): cache.r7g.large, redis: "
        "no price of elasticache.redis.cache.r7g.large.hour in ap-south-1"
    ) in lines


def test_new_stack_costs_all_of_it() -> None:
    section = cost_section(Base(label="main", plan=empty("live")), PLAN, sample.FOLDER)
    assert section.startswith(f"### Cost: +{money(_NOW)} USD a month, 0.00 → {money(_NOW)}\n")


def test_review_goes_on_without_assumptions(tmp_path: Path) -> None:
    assert cost_section(Base(label="main", plan=PLAN), PLAN, tmp_path) == (
        f"### Cost: not estimated\n\n`usage file {tmp_path}/usage/live.yaml: No such file or directory; "
        "--usage FILE names another one`"
    )


def test_same_plan_costs_the_same(tmp_path: Path) -> None:
    shutil.copytree(sample.FOLDER / "usage", tmp_path / "usage")
    assert (
        cost_section(Base(label="main", plan=PLAN), PLAN, tmp_path) == f"### Cost: {money(_NOW)} USD a month, as before"
    )
