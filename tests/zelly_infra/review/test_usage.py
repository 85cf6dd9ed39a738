"""The assumptions about Zelly's costs: each has a reason, and nothing is free twice."""

import pytest

from tests.zelly_infra.evaluations import STACKS
from tests.zelly_infra.review.estimates import usage_of
from tests.zelly_infra.stack_files import ROOT


@pytest.mark.parametrize("stack", STACKS)
def test_every_assumption_has_its_reason_above_it(stack: str) -> None:
    lines = (ROOT / "usage" / f"{stack}.yaml").read_text().splitlines()
    above = dict(zip(lines[1:], lines, strict=False))
    # The services share the reason above average_tasks.
    shared = [line for line in lines if line.startswith("    ") and "{low" in line]
    bare = [line for line in lines if "{low" in line and line not in shared and "#" not in above[line]]
    assert (bare, len(shared), "#" in above["  average_tasks:"]) == ([], 4, True)


def test_allowances_of_the_account_are_counted_once() -> None:
    production, staging = (usage_of(stack).free_per_month for stack in STACKS)
    assert production.alarm_metrics + staging.alarm_metrics == 10
    assert production.dashboards + staging.dashboards == 3
    assert production.custom_metrics + staging.custom_metrics == 10
    assert production.internet_out_gb + staging.internet_out_gb == 100
