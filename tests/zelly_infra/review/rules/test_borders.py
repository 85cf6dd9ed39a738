"""What lies on either side of each rule's border; examples.yaml has what is far from it."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.zelly_infra.review.rules.examples import stack
from zelly_infra.review.rules.report import findings
from zelly_infra.review.rules.table import RULES

BORDERS: dict[str, list[dict[str, Any]]] = YAML(typ="safe", pure=True).load(  # pyright: ignore[reportUnknownMemberType]
    Path(__file__).with_name("borders.yaml")
)
BY_ID = {rule.id: rule for rule in RULES}
CASES = [(rule, number) for rule, cases in BORDERS.items() for number in range(len(cases))]


@pytest.mark.parametrize(("rule", "number"), CASES)
def test_rule_says_this_of_what_lies_at_its_border(rule: str, number: int) -> None:
    case = BORDERS[rule][number]
    said = [finding.message for finding in findings(stack(BY_ID[rule], case["given"]), [BY_ID[rule]])]
    assert said == case["says"]


@pytest.mark.parametrize("rule", BORDERS)
def test_both_sides_of_a_border_are_there(rule: str) -> None:
    assert {bool(case["says"]) for case in BORDERS[rule]} == {True, False}
