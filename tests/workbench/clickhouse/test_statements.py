"""SQL files are cut where ClickHouse's own client cuts them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.clickhouse.statements import read_statements, split_statements
from workbench.errors import OperatorError

SQL = """-- first; this is a comment
CREATE DATABASE shop;

/* a block; of
   two lines */
CREATE TABLE shop.events
(
    name String DEFAULT 'a;b''c\\'d',
    `odd;name` String
)
ENGINE = MergeTree ORDER BY name; USE shop;
INSERT INTO events VALUES ('x;y', '');
;
SELECT 1 -- the last one, without its semicolon
"""


def test_semicolons_in_strings_comments_and_names_end_nothing() -> None:
    found = [(part.number, part.line, part.text) for part in split_statements(SQL, file="a.sql")]
    assert found == [
        (1, 2, "CREATE DATABASE shop"),
        (
            2,
            6,
            "CREATE TABLE shop.events\n(\n    name String DEFAULT 'a;b''c\\'d',\n    `odd;name` String\n)\n"
            "ENGINE = MergeTree ORDER BY name",
        ),
        (3, 11, "USE shop"),
        (4, 12, "INSERT INTO events VALUES ('x;y', '')"),
        (5, 14, "SELECT 1"),
    ]


def test_use_and_set_are_of_the_session() -> None:
    parts = split_statements("use shop; SET x = 1; CREATE TABLE settings (a UInt8); SETTINGS", file="a.sql")
    assert [part.only_for_session for part in parts] == [True, True, False, False]


def test_statement_tells_its_place_and_its_first_line() -> None:
    (_, part) = split_statements("SELECT 1;\n\nSELECT\n  2", file="b.sql")
    assert (part.place, part.summary) == ("b.sql:3 (statement 2)", "SELECT")
    (long,) = split_statements(f"SELECT {'1' * 100}", file="b.sql")
    assert long.summary == f"SELECT {'1' * 72}…"


@given(st.lists(st.text(alphabet="ab;'\\`-/*# \n", max_size=8), min_size=1, max_size=5))
def test_whatever_stands_in_strings_the_statements_are_those_that_were_written(contents: list[str]) -> None:
    quoted = [content.replace("\\", "\\\\").replace("'", "\\'") for content in contents]
    written = [f"SELECT '{content}'" for content in quoted]
    assert [part.text for part in split_statements(";\n".join(written), file="a.sql")] == written


def test_files_come_in_the_order_of_their_names_and_nothing_else_does(tmp_path: Path) -> None:
    for name in ("010_b.sql", "002_a.sql", "README.md"):
        (tmp_path / name).write_text(f"SELECT '{name}'")
    (tmp_path / "old.sql").mkdir()
    assert [part.place for part in read_statements(tmp_path)] == [
        "002_a.sql:1 (statement 1)",
        "010_b.sql:1 (statement 1)",
    ]


def test_files_that_cannot_be_read_are_one_line(tmp_path: Path) -> None:
    def refusal(directory: Path) -> str:
        with pytest.raises(OperatorError) as refused:
            read_statements(directory)
        return str(refused.value)

    missing = tmp_path / "missing"
    assert refusal(missing) == f"DIR: came {missing}; allowed: a directory with SQL files"
    assert refusal(tmp_path) == f"DIR: {tmp_path} holds no *.sql; allowed: a directory with SQL files"
    (tmp_path / "a.sql").write_bytes(b"SELECT '\xff'")
    assert refusal(tmp_path) == f"{tmp_path}/a.sql: not UTF-8 at byte 8"
    (tmp_path / "a.sql").write_text("SELECT 'never closed")
    assert refusal(tmp_path).startswith("a.sql: Missing ' from 1:")
