"""Values of secrets: which of them reach a container as they are, and what is said of the others."""

from datetime import date

import pytest

from workbench.operations.secrets.values import fault, kind


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("x", None),
        (" x\n", None),
        ("", "empty"),
        (" \t\n", "empty"),
        (6379, "not text but a number"),
        (0, "not text but a number"),
        (1.5, "not text but a number"),
        (True, "not text but a boolean"),
        (False, "not text but a boolean"),
        (None, "not text but null"),
        ({"a": "b"}, "not text but an object"),
        ({}, "not text but an object"),
        (["a"], "not text but a list"),
        ([], "not text but a list"),
        (date(2026, 5, 4), "not text but date"),
    ],
)
def test_only_a_text_that_says_something_reaches_a_container_as_it_is(value: object, problem: str | None) -> None:
    assert fault({"K": value}, "K") == problem
    assert fault({"L": value}, "K") == "missing"


def test_what_a_value_is_may_be_said_and_the_value_not() -> None:
    values = {"N": 4711, "O": {"inner": "hidden"}, "L": ["hidden"], "S": "hidden"}
    said = [kind(value) for value in values.values()]
    assert said == ["a number", "an object", "a list", "text"]
