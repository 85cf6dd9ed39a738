"""Exceptions from rules, each for a kind of resource in all stacks that it is meant for, with a reason and an end."""

import tomllib
from collections.abc import Collection, Mapping
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.config.errors import Schemas
from workbench.errors import OperatorError

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
    stacks: list[str] | None = Field(default=None, min_length=1)
    """The only stacks that it is for. Left out: every one, also those that are still to come."""
    where: Mapping[str, Any] = Field(default_factory=dict[str, Any])
    """Only for stacks whose file has these values, by dotted path: ``{"deletion_protection": False}``."""
    reason: str = Field(min_length=20)
    """Why it may be so; one sentence or more."""
    expires: date
    """The last day on which it holds."""
    optional: bool = False
    """Whether it is for resources that only some configurations have. Where there are none, it is not stale."""

    def concerns(self, stack: str, values: Mapping[str, Any]) -> bool:
        """Tell whether it is for a stack whose file has these values."""
        named = self.stacks is None or stack in self.stacks
        return named and all(_at(values, path) == value for path, value in self.where.items())

    def covers(self, *, rule: str, name: str) -> bool:
        """Tell whether it is about this finding of a stack that it concerns. Whether it still holds is not asked."""
        return self.rule == rule and fnmatchcase(name, self.resources)

    def stale(self, names: Collection[str]) -> bool:
        """Tell whether it is needless once it has covered nothing; ``names`` are those of the stack's resources."""
        return not self.optional or any(fnmatchcase(name, self.resources) for name in names)

    def expired(self, today: date) -> bool:
        """Tell whether its last day is over."""
        return today > self.expires


def read_exceptions(
    path: Path, *, known: Collection[str] | None = None, schemas: Schemas | None = None
) -> tuple[RuleException, ...]:
    """Return the exceptions in a file; none where there is no file.

    ``known`` are the ids that there are rules for; without it any id is taken. ``schemas`` is of what a stack file
    holds; without it any path is taken.

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
            exception = RuleException.model_validate(entry)
        except ValidationError as error:
            problems += [_line(where, detail) for detail in error.errors()]
        else:
            found.append(exception)
            if known is not None and exception.rule not in known:
                problems.append(f'{where}: rule: came "{exception.rule}"; there is no such rule')
            problems += [
                f"{where}: where: came {name}; a stack file has no such key"
                for name in exception.where
                if schemas is not None and not schemas.has(name)
            ]
    if problems:
        raise OperatorError(*problems)
    return tuple(found)


def _at(values: Any, path: str) -> Any:
    for part in path.split("."):
        values = cast("Mapping[str, Any]", values).get(part) if isinstance(values, Mapping) else None
    return values


def _line(where: str, detail: "ErrorDetails") -> str:
    path = ".".join(str(part) for part in detail["loc"])
    came = "" if detail["type"] == "missing" else f" came {detail['input']!r};"
    return f"{where}: {path}:{came} {detail['msg']}"
