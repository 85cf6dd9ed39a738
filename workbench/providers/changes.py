"""Differences between two versions of a resource's inputs, as Pulumi's property paths."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeAlias, cast

Segment: TypeAlias = str | int
"""A property's name, or a position in a list."""


class Kind(Enum):
    """The kind of a property's change."""

    ADDED = auto()
    REMOVED = auto()
    CHANGED = auto()


@dataclass(frozen=True, kw_only=True)
class Change:
    """One property, however deep, that is not what it was."""

    path: tuple[Segment, ...]
    kind: Kind

    @property
    def top(self) -> str:
        """The input that it stands in."""
        return str(self.path[0])

    @property
    def property_path(self) -> str:
        """The path as Pulumi writes it: ``rules[0].id``, ``tags["a.b"]``."""
        return written(self.path)

    @property
    def pattern(self) -> str:
        """The path without list positions: ``rules[].id``."""
        return "".join("[]" if isinstance(segment, int) else f".{segment}" for segment in self.path).removeprefix(".")


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return every scalar that differs, in the order of the names.

    A structure that is only on one side counts as each of its members; one that a scalar takes the place of (a value
    that is not known yet) counts as itself and as each of its members.
    """
    return list(_in_structures((), old, new))


def with_ignored(old: Any, new: Any, ignored: Iterable[str]) -> Any:
    """Return ``new`` with what stands at the property paths taken from ``old``: what ``ignoreChanges`` asks for.

    A ``*`` in a path is every member of a structure or a list. A list that has another length than before is only
    ignored as a whole.
    """
    return _with_ignored(old, new, [parsed(path) for path in ignored])


def value_at(value: Any, path: Iterable[Segment]) -> Any:
    """Return the value at a path; None where there is none."""
    for segment in path:
        try:
            value = value[segment]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def written(path: Iterable[Segment]) -> str:
    """Return a path as Pulumi writes it: ``("a", "b", 0, "c.d")`` -> ``a.b[0]["c.d"]``."""
    return "".join(_written(segment) for segment in path).removeprefix(".")


def parsed(property_path: str) -> tuple[Segment, ...]:
    """Return the segments of one of Pulumi's property paths: ``a.b[0]["c.d"]`` -> ``("a", "b", 0, "c.d")``."""
    found = re.findall(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|\[(\*)\]|([^.\[\]]+)', property_path)
    return tuple(
        int(position) if position else star or name or re.sub(r"\\(.)", r"\1", quoted)
        for quoted, position, star, name in found
    )


def _written(segment: Segment) -> str:
    if isinstance(segment, int):
        return f"[{segment}]"
    if re.fullmatch(r"[A-Za-z_$][\w$]*", segment):
        return f".{segment}"
    escaped = segment.replace("\\", "\\\\").replace('"', '\\"')
    return f'["{escaped}"]'


def _in_structures(path: tuple[Segment, ...], old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[Change]:
    for name in sorted(old.keys() | new.keys()):
        own_path = (*path, name)
        if name not in old:
            yield from _leaves(own_path, new[name], Kind.ADDED)
        elif name not in new:
            yield from _leaves(own_path, old[name], Kind.REMOVED)
        else:
            yield from _between(own_path, old[name], new[name])


def _between(path: tuple[Segment, ...], old: Any, new: Any) -> Iterable[Change]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _in_structures(path, cast("Mapping[str, Any]", old), cast("Mapping[str, Any]", new))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _in_lists(path, cast("list[Any]", old), cast("list[Any]", new))
    else:
        yield Change(path=path, kind=Kind.CHANGED)
        yield from (change for change in _leaves(path, old, Kind.REMOVED) if change.path != path)
        yield from (change for change in _leaves(path, new, Kind.ADDED) if change.path != path)


def _in_lists(path: tuple[Segment, ...], old: list[Any], new: list[Any]) -> Iterable[Change]:
    shared = min(len(old), len(new))
    for position in range(shared):
        yield from _between((*path, position), old[position], new[position])
    for position in range(shared, len(old)):
        yield from _leaves((*path, position), old[position], Kind.REMOVED)
    for position in range(shared, len(new)):
        yield from _leaves((*path, position), new[position], Kind.ADDED)


def _leaves(path: tuple[Segment, ...], value: Any, kind: Kind) -> Iterable[Change]:
    members: list[tuple[Segment, Any]] = []
    if isinstance(value, Mapping):
        members = sorted(cast("Mapping[str, Any]", value).items())
    elif isinstance(value, list):
        members = list(enumerate(cast("list[Any]", value)))
    if not members:
        yield Change(path=path, kind=kind)
    for segment, member in members:
        yield from _leaves((*path, segment), member, kind)


_ABSENT = object()


def _with_ignored(old: Any, new: Any, ignored: Sequence[tuple[Segment, ...]]) -> Any:
    if not ignored:
        return new
    if () in ignored:
        return old
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        before, after = cast("Mapping[str, Any]", old), cast("Mapping[str, Any]", new)
        kept = {
            name: _with_ignored(before.get(name, _ABSENT), after.get(name, _ABSENT), _below(name, ignored))
            for name in [*after, *(name for name in before if name not in after)]
        }
        return {name: value for name, value in kept.items() if value is not _ABSENT}
    if isinstance(old, list) and isinstance(new, list):
        pairs = list(zip(cast("list[Any]", old), cast("list[Any]", new), strict=False))
        if len(pairs) == len(cast("list[Any]", old)) == len(cast("list[Any]", new)):
            return [_with_ignored(*pair, _below(position, ignored)) for position, pair in enumerate(pairs)]
    return cast("object", new)


def _below(segment: Segment, ignored: Sequence[tuple[Segment, ...]]) -> list[tuple[Segment, ...]]:
    return [path[1:] for path in ignored if path[0] in (segment, "*")]
