"""Files of environment variables, read as compose reads them: lines, each where it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import OperatorError

_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=[ \t]*(.*)", re.DOTALL)
_QUOTES = "\"'"


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """A variable of a file."""

    name: str
    raw: str
    """The value as it stands there, in quotes if it has some."""
    first: int
    """The index of its line, from 0."""
    last: int
    """The index of the last one: a value in quotes may have several."""

    @property
    def value(self) -> str:
        """The value without quotes, or without the comment behind it."""
        if self.raw[:1] and self.raw[0] in _QUOTES:
            return self.raw[1 : _closing(self.raw)]
        return re.split(r"\s#", f" {self.raw}", maxsplit=1)[0].strip()


def _closing(text: str) -> int | None:
    """Return where the quotes close that a text opens; None where they don't."""
    escaped = r"(?:[^\\{0}]|\\.)*" if text[0] == '"' else "[^{0}]*"
    found = re.match(f"{text[0]}{escaped.format(text[0])}{text[0]}", text, re.DOTALL)
    return None if found is None else found.end() - 1


def read_lines(path: Path) -> list[str] | None:
    """Return a file's lines; None where there is no file.

    Raises:
        OperatorError: when it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise OperatorError(f"{path}: not UTF-8; a text file is required") from None
    except OSError as error:
        raise OperatorError(f"{path}: {error.strerror}; a file that can be read is required") from None


def assignments(source: str, lines: list[str]) -> Iterator[Assignment]:
    """Yield the variables of a file's lines.

    Raises:
        OperatorError: for a line of another form. It may be part of a secret, and is not shown.
    """
    position = 0
    while position < len(lines):
        first = position
        position += 1
        line = lines[first]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _ASSIGNMENT.fullmatch(line)
        if found is None:
            raise OperatorError(f"{source}:{first + 1}: no variable; allowed: NAME=VALUE, a comment (#), an empty line")
        raw = found[2]
        while raw[:1] and raw[0] in _QUOTES and _closing(raw) is None:
            if position == len(lines):
                raise OperatorError(
                    f"{source}:{first + 1}: {found[1]}: quotes that nothing closes; allowed: NAME='VALUE'"
                )
            raw = f"{raw}\n{lines[position]}"
            position += 1
        yield Assignment(name=found[1], raw=raw, first=first, last=position - 1)
