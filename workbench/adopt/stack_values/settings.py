"""Settings of a stack file: its scalars, its lists and mappings of scalars, each with its path."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One value of the structured key."""

    path: Path
    value: Any

    @property
    def dotted(self) -> str:
        """The path as errors write it."""
        return ".".join(self.path)


def settings(values: Mapping[str, Any], path: Path = ()) -> Iterator[Setting]:
    """Yield every setting. What stands in a list of structures is reached through its position."""
    for name, value in values.items():
        own = (*path, name)
        if isinstance(value, Mapping):
            members = cast("Mapping[str, Any]", value)
            if members and all(isinstance(member, str) for member in members.values()):
                yield Setting(path=own, value=dict(members))
            yield from settings(members, own)
        elif isinstance(value, list):
            items = cast("list[Any]", value)
            if not any(isinstance(item, Mapping | list) for item in items):
                yield Setting(path=own, value=list(items))
            yield from settings({f"{number}": item for number, item in enumerate(items)}, own)
        else:
            yield Setting(path=own, value=value)


def with_values(values: Mapping[str, Any], changes: Mapping[Path, Any]) -> dict[str, Any]:
    """Return a copy with other values at paths."""
    changed = copy.deepcopy(dict(values))
    for path, value in changes.items():
        put(changed, path, copy.deepcopy(value))
    return changed


def put(values: Any, path: Path, value: Any) -> None:
    """Set a value at a path, in place."""
    *parents, last = path
    for part in parents:
        if not isinstance(values, list):
            values.setdefault(part, {})
        values = _member(values, part)
    values[int(last) if isinstance(values, list) else last] = value


def at(values: Any, path: Path) -> Any:
    """Return the value at a path; None where there is none."""
    for part in path:
        try:
            values = _member(values, part)
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return values


def _member(values: Any, part: str) -> Any:
    return values[int(part) if isinstance(values, list) else part]
