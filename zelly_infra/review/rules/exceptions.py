"""Exceptions from rules: each for named resources of named stacks, with a reason and a last day."""

import tomllib
from collections.abc import Collection
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zelly_infra.errors import OperatorError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

EXCEPTIONS_FILE = Path("policy") / "exceptions.toml"
"""Where a project keeps them, relative to its root. A project without the file has none."""


class RuleException(BaseModel):
    """One exception."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    rule: str
    """The id of the rule, or of a scanner's check."""
    resources: str = Field(min_length=1)
    """A pattern of resource names, as the shell's: ``*-aurora-cluster``."""
    stacks: list[str] = Field(min_length=1)
    reason: str = Field(min_length=20)
    """Why it may be so; one sentence or more."""
    expires: date
    """The last day on which it holds."""
    optional: bool = False
    """Whether it is for resources that only some configurations have. Where there are none, it is not stale."""

    def covers(self, *, stack: str, rule: str, name: str) -> bool:
        """Tell whether it is about this finding; whether it still holds is another question."""
        return self.rule == rule and stack in self.stacks and fnmatchcase(name, self.resources)

    def stale(self, names: Collection[str]) -> bool:
        """Tell whether it is needless once it has covered nothing; ``names`` are those of the stack's resources."""
        return not self.optional or any(fnmatchcase(name, self.resources) for name in names)

    def expired(self, today: date) -> bool:
        """Tell whether its last day is over."""
        return today > self.expires


def read_exceptions(path: Path, *, known: Collection[str] | None = None) -> tuple[RuleException, ...]:
    """Return the exceptions in a file; none where there is no file.

    ``known`` are the ids that there are rules for; without it any id is taken.

    Raises:
        OperatorError: with one line for everything that is wrong: which exception, what came, what is allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    try:
        entries = tomllib.loads(text).get("exception", [])
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(f"{path}: {error}") from None
    problems: list[str] = []
    found: list[RuleException] = []
    for number, entry in enumerate(entries, start=1):
        where = f"{path}: exception {number} ({entry.get('rule', 'no rule')})"
        try:
            found.append(RuleException.model_validate(entry))
        except ValidationError as error:
            problems += [_line(where, detail) for detail in error.errors()]
        else:
            if known is not None and found[-1].rule not in known:
                problems.append(f'{where}: rule: came "{found[-1].rule}"; there is no such rule')
    if problems:
        raise OperatorError(*problems)
    return tuple(found)


def _line(where: str, detail: "ErrorDetails") -> str:
    path = ".".join(str(part) for part in detail["loc"])
    came = "" if detail["type"] == "missing" else f" came {detail['input']!r};"
    return f"{where}: {path}:{came} {detail['msg']}"
