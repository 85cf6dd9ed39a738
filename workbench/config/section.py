"""The base of the environment config's sections, and what their errors are worded with."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the config: immutable, closed, and without coercion (``"8"`` is not 8)."""

    # As a class keyword every section would have to repeat it.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def names(items: Iterable[str]) -> str:
    """Return the items in order, for an error's line; ``none`` without any."""
    return ", ".join(sorted(items)) or "none"
