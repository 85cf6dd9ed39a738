"""Differences that two twins may have, each for a kind of resource, with a reason."""

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.errors import OperatorError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PARITY_FILE = Path("policy") / "parity.toml"
"""Where a project keeps them, relative to its root."""


class AllowedDifference(BaseModel):
    """A difference that may be: of properties, or of whole resources where no property is named."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    resources: str = Field(min_length=1)
    """A pattern of names without the environment, as the shell's: ``shop-*-subnet-*``."""
    properties: list[str] = Field(default_factory=list[str])
    """Patterns of property paths, positions in lists as ``[]``: ``cidrBlock``, ``tags.*``. Left out: resources that
    only one of the stacks has."""
    reason: str = Field(min_length=20)
    """Why it may be so; one sentence or more."""

    def covers(self, name: str, pattern: str | None) -> bool:
        """Tell whether it is about a property of a resource; of the resource as a whole without a property."""
        if not fnmatchcase(name, self.resources):
            return False
        if pattern is None:
            return not self.properties
        # Brackets mean a set of characters to the shell, and positions here.
        plain = pattern.replace("[]", "")
        return any(fnmatchcase(plain, known.replace("[]", "")) for known in self.properties)


def read_allowed(path: Path) -> tuple[AllowedDifference, ...]:
    """Return the differences that a file allows; none where there is no file.

    Raises:
        OperatorError: with one line for everything that is wrong: which entry, what came, what is allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(f"{path}: {error}") from None
    problems = [f"{path}: {key}: unknown; allowed: difference" for key in document if key != "difference"]
    found: list[AllowedDifference] = []
    for number, entry in enumerate(document.get("difference", []), start=1):
        try:
            found.append(AllowedDifference.model_validate(entry))
        except ValidationError as error:
            problems += [_line(f"{path}: difference {number}", detail) for detail in error.errors()]
    if problems:
        raise OperatorError(*problems)
    return tuple(found)


def _line(where: str, detail: "ErrorDetails") -> str:
    path = ".".join(str(part) for part in detail["loc"])
    came = "" if detail["type"] == "missing" else f" came {detail['input']!r};"
    return f"{where}: {path}:{came} {detail['msg']}"
