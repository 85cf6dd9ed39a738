"""The differences between two revisions of a task definition, in words."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

_LISTS_BY_NAME = {
    "environment": "name",
    "secrets": "name",
    "mountPoints": "containerPath",
    "portMappings": "containerPort",
}
"""Members of a container that are lists, and what tells their items apart."""


def differences(before: Mapping[str, Any], after: Mapping[str, Any], *, apart_from: Collection[str] = ()) -> list[str]:
    """Return a line for each difference between two documents that can be registered.

    The images of the containers in ``apart_from`` do not count. Only sizes and images are given with their values: an
    environment may hold values that not everybody may read.
    """
    lines = [
        f"{member}: {_short(before.get(member))} -> {_short(after.get(member))}"
        for member in sorted({*before, *after} - {"containerDefinitions"})
        if before.get(member) != after.get(member)
    ]
    old, new = _by(before["containerDefinitions"], "name"), _by(after["containerDefinitions"], "name")
    for name in sorted({*old, *new}):
        if name not in new:
            lines.append(f"{name}: removed")
        elif name not in old:
            lines.append(f"{name}: added")
        else:
            lines += [f"{name}, {line}" for line in _container(old[name], new[name], with_image=name not in apart_from)]
    return lines


def _container(before: Mapping[str, Any], after: Mapping[str, Any], *, with_image: bool) -> list[str]:
    lines: list[str] = []
    for member in sorted({*before, *after} - ({"name"} if with_image else {"name", "image"})):
        old, new = before.get(member), after.get(member)
        if old == new:
            continue
        if member in _LISTS_BY_NAME:
            lines += _list(member, old or [], new or [], _LISTS_BY_NAME[member])
        elif member == "image":
            lines.append(f"image: {old} -> {new}")
        else:
            lines.append(f"{member}: changed")
    return lines


def _list(member: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], key: str) -> list[str]:
    old, new = _by(before, key), _by(after, key)
    words = [
        *(f"{name} removed" for name in sorted(old.keys() - new.keys())),
        *(f"{name} added" for name in sorted(new.keys() - old.keys())),
        *(f"{name} changed" for name in sorted(old.keys() & new.keys()) if old[name] != new[name]),
    ]
    return [f"{member}: {', '.join(words)}"] if words else []


def _by(items: Sequence[Mapping[str, Any]], key: str) -> Mapping[str, Mapping[str, Any]]:
    return {str(item[key]): item for item in items}


def _short(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in sorted(cast(Mapping[str, Any], value).items()))
    return "other values" if isinstance(value, list) else str(value)
