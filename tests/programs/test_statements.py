"""Every statement of a platform's document has a test that holds it, and that test is there."""

import ast
from pathlib import Path

import pytest

from tests.programs.pakashop import statements as pakashop
from tests.programs.relay import statements as relay

TESTS = Path(__file__).parents[1]
TABLES = {"P": pakashop.HELD_BY, "R": relay.HELD_BY}
LAST = {"P": 23, "R": 20}
"""The last statement of each document."""


@pytest.mark.parametrize("letter", TABLES)
def test_every_statement_has_its_row(letter: str) -> None:
    numbers = [f"{letter}{number}" for number in range(1, LAST[letter] + 1)]
    assert [statement.partition(" ")[0] for statement in TABLES[letter]] == numbers


@pytest.mark.parametrize(
    ("letter", "statement"), [(letter, statement) for letter, table in TABLES.items() for statement in table]
)
def test_what_holds_a_statement_is_there(letter: str, statement: str) -> None:
    for held_by in TABLES[letter][statement]:
        file, _, name = held_by.partition("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name in functions or (not name and any(each.startswith("test_") for each in functions)), held_by
