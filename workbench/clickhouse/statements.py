"""SQL files cut into their statements."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlglot.dialects.clickhouse import ClickHouse
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from workbench.errors import OperatorError

_OF_THE_SESSION = ("USE", "SET")
"""Statements that only change the session. They are carried out each time that something after them is."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a file."""

    file: str
    number: int
    """Its place in the file, from 1."""
    line: int
    """Where it begins, from 1."""
    text: str
    """Without the semicolon, and without comments before and after it."""

    @property
    def checksum(self) -> str:
        """SHA-256 of the text: a statement that was changed after it was applied is recognised by it."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def only_for_session(self) -> bool:
        """Whether it leaves nothing behind in the database."""
        return self.text.split(maxsplit=1)[0].upper() in _OF_THE_SESSION

    @property
    def place(self) -> str:
        """The file and line, for the operator."""
        return f"{self.file}:{self.line} (statement {self.number})"

    @property
    def summary(self) -> str:
        """Its first line, cut to what fits into one of the terminal's."""
        first = self.text.splitlines()[0]
        return first if len(first) <= 80 else f"{first[:79]}…"


def read_statements(directory: Path) -> list[Statement]:
    """Return the statements of every ``*.sql`` in a directory, files in the order of their names.

    That is the order of the ClickHouse image's own ``/docker-entrypoint-initdb.d``.

    Raises:
        OperatorError: when there is no such directory or file, or one cannot be read.
    """
    if not directory.is_dir():
        raise OperatorError(f"DIR: came {directory}; allowed: a directory with SQL files")
    files = sorted(path for path in directory.iterdir() if path.suffix == ".sql" and path.is_file())
    if not files:
        raise OperatorError(f"DIR: {directory} holds no *.sql; allowed: a directory with SQL files")
    return [statement for path in files for statement in _read(path)]


def _read(path: Path) -> list[Statement]:
    try:
        return split_statements(path.read_text(encoding="utf-8"), file=path.name)
    except OSError as error:
        raise OperatorError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise OperatorError(f"{path}: not UTF-8 at byte {error.start}") from None


def split_statements(text: str, *, file: str) -> list[Statement]:
    """Return the statements of an SQL text; semicolons in strings, comments and quoted names end none.

    Raises:
        OperatorError: when the text cannot be told apart, such as after a quote that is never closed.
    """
    try:
        tokens = ClickHouse().tokenize(text)
    except TokenError as error:
        # The outer error quotes the text around the place, the inner one says what is missing and where.
        raise OperatorError(f"{file}: {error.__cause__ or error}") from None
    found: list[Statement] = []
    current: list[Token] = []
    for token in tokens:
        if token.token_type is not TokenType.SEMICOLON:
            current.append(token)
        elif current:
            found.append(_statement(text, current, file=file, number=len(found) + 1))
            current = []
    if current:
        found.append(_statement(text, current, file=file, number=len(found) + 1))
    return found


def _statement(text: str, tokens: Sequence[Token], *, file: str, number: int) -> Statement:
    return Statement(
        file=file,
        number=number,
        line=text.count("\n", 0, tokens[0].start) + 1,
        text=text[tokens[0].start : tokens[-1].end + 1],
    )
