"""Values on both sides: scalars as texts, and members by their path."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


def scalar(value: object) -> str | None:
    """Return a scalar as a text that is the same on both sides; None for a structure and for nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return value if isinstance(value, str) and value else None


def member(properties: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a path: ``a.b``, ``list[0]``, or ``list[key]`` for the member that has that value."""
    found: Any = properties
    for match in _STEP.finditer(path):
        found = _step(found, match[1] if match[1] is not None else match[2])
    return found


def _step(value: Any, step: str) -> Any:
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value).get(step)
    if isinstance(value, list):
        members = cast("list[Any]", value)
        if step.isdigit():
            return members[int(step)] if int(step) < len(members) else None
        structures = (cast("Mapping[str, Any]", each) for each in members if isinstance(each, Mapping))
        return next((each for each in structures if step in each.values()), None)
    return None


def scalars_at(value: Any, path: str) -> Iterator[str]:
    """Yield the scalars at a path without positions, in every member of the lists on it."""
    first, _, rest = path.partition(".")
    if isinstance(value, list):
        for each in cast("list[Any]", value):
            yield from scalars_at(each, path)
    elif not path:
        if (found := scalar(value)) is not None:
            yield found
    elif isinstance(value, Mapping):
        yield from scalars_at(cast("Mapping[str, Any]", value).get(first), rest)
