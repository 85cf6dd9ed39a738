"""The file of exceptions: what it holds, and each mistake in it as one line."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sample_infra.config import EnvironmentConfig
from workbench.config.errors import Schemas
from workbench.errors import OperatorError
from workbench.review.rules.exceptions import RuleException, read_exceptions

GOOD = """
[[exception]]
rule = "redis-failover"
resources = "shop-*-redis"
stacks = ["production", "staging"]
expires = 2030-06-30
reason = "One node is what is budgeted for now."
"""


def _read(folder: Path, text: str) -> tuple[RuleException, ...]:
    path = folder / "exceptions.toml"
    path.write_text(text)
    return read_exceptions(path, known={"redis-failover"}, schemas=Schemas(EnvironmentConfig))


def _refused(folder: Path, text: str) -> list[str]:
    with pytest.raises(OperatorError) as refused:
        _read(folder, text)
    return [line.removeprefix(f"{folder}/exceptions.toml: ") for line in refused.value.lines]


def test_an_exception_is_read_whole(tmp_path: Path) -> None:
    (exception,) = _read(tmp_path, GOOD)
    assert exception == RuleException(
        rule="redis-failover",
        resources="shop-*-redis",
        stacks=["production", "staging"],
        expires=date(2030, 6, 30),
        reason="One node is what is budgeted for now.",
    )


def test_a_project_without_the_file_has_no_exceptions(tmp_path: Path) -> None:
    assert read_exceptions(tmp_path / "exceptions.toml", known=()) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '"redis-failover"',
            '"redis-fail"',
            'exception 1 (redis-fail): rule: came "redis-fail"; there is no such rule',
        ),
        ("expires = 2030-06-30\n", "", "exception 1 (redis-failover): expires: Field required"),
        (
            "2030-06-30",
            '"soon"',
            "exception 1 (redis-failover): expires: came 'soon'; Input should be a valid date",
        ),
        (
            "One node is what is budgeted for now.",
            "Budget.",
            "exception 1 (redis-failover): reason: came 'Budget.'; String should have at least 20 characters",
        ),
        (
            '["production", "staging"]',
            "[]",
            "exception 1 (redis-failover): stacks: came []; List should have at least 1 item after validation, not 0",
        ),
        (
            "reason",
            'where = { "aurora.capacity" = 1 }\nreason',
            "exception 1 (redis-failover): where: came aurora.capacity; a stack file has no such key",
        ),
        ("reason", "why = 1\nreason", "exception 1 (redis-failover): why: came 1; Extra inputs are not permitted"),
        ("2030-06-30", "2030-06-31", "Invalid date or datetime (at line 6, column 11)"),
    ],
)
def test_a_mistake_is_one_line_that_says_where(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert _refused(tmp_path, GOOD.replace(old, new)) == [said]


def test_every_mistake_is_said_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("redis-failover", "one") + GOOD.replace("redis-failover", "two")
    assert [line.split(":")[0] for line in _refused(tmp_path, text)] == ["exception 1 (one)", "exception 2 (two)"]


def test_mistake_of_the_second_one_is_its_own(tmp_path: Path) -> None:
    said = 'exception 2 (two): rule: came "two"; there is no such rule'
    assert _refused(tmp_path, GOOD + GOOD.replace("redis-failover", "two")) == [said]


@pytest.mark.parametrize(
    ("rule", "name", "covered"),
    [
        ("redis-failover", "shop-production-redis", True),
        ("redis-backup", "shop-production-redis", False),
        ("redis-failover", "shop-production-redis-2", False),
        ("redis-failover", "SHOP-production-redis", False),
    ],
)
def test_it_covers_its_rule_and_its_pattern(tmp_path: Path, rule: str, name: str, covered: bool) -> None:
    (exception,) = _read(tmp_path, GOOD)
    assert exception.covers(rule=rule, name=name) is covered


@pytest.mark.parametrize(
    ("old", "new", "concerned"),
    [
        ("", "", ["production", "staging"]),
        ('stacks = ["production", "staging"]\n', "", ["production", "staging", "preview"]),
        (
            'stacks = ["production", "staging"]',
            "where = { deletion_protection = false }",
            ["staging", "preview"],
        ),
        (
            'stacks = ["production", "staging"]',
            'where = { deletion_protection = false, "aurora.maximum_capacity_acu" = 1 }',
            ["staging"],
        ),
        (
            'stacks = ["production", "staging"]',
            'stacks = ["preview"]\nwhere = { deletion_protection = true }',
            [],
        ),
        ('stacks = ["production", "staging"]', "where = { container_insights = 1 }", []),
    ],
)
def test_it_concerns_the_stacks_that_it_is_for(tmp_path: Path, old: str, new: str, concerned: list[str]) -> None:
    values: dict[str, dict[str, Any]] = {
        "production": {"deletion_protection": True, "aurora": {"maximum_capacity_acu": 1}},
        "staging": {"deletion_protection": False, "aurora": {"maximum_capacity_acu": 1}},
        "preview": {"deletion_protection": False, "aurora": {}},
    }
    (exception,) = _read(tmp_path, GOOD.replace(old, new))
    assert [stack for stack in values if exception.concerns(stack, values[stack])] == concerned


def test_it_holds_on_its_last_day_and_not_on_the_next(tmp_path: Path) -> None:
    (exception,) = _read(tmp_path, GOOD)
    assert [exception.expired(day) for day in (date(2030, 6, 30), date(2030, 7, 1))] == [False, True]
