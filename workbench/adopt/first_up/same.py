"""Values of a Terraform state that are the program's, written otherwise."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, cast

LOOKED_UP = "\ue000"
"""Stands in the program's texts for what it looks up, which may be anything until AWS is asked."""

_UNORDERED = frozenset({"Statement", "Action", "NotAction", "Resource", "NotResource", "AWS", "Service", "Federated"})
"""Keys of a policy document whose lists have no order, and whose lists of one are the one ("IAM JSON policy elements
reference")."""


def is_empty(value: Any) -> bool:
    """Tell whether a value says nothing: Terraform writes what is not set as null, empty, false or 0."""
    if isinstance(value, Mapping):
        return all(map(is_empty, cast("Mapping[str, Any]", value).values()))
    return value in (None, "", False, 0, [])


def same(wanted: Any, found: Any) -> bool:
    """Tell whether two values are one to the provider: JSON by content, lists in any order, ``80`` as ``"80"``.

    A list's order counts nowhere here: nearly all of Terraform's lists are sets, which a state has in another order.
    """
    if wanted == found or (is_empty(wanted) and is_empty(found)):
        return True
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        held = cast("Mapping[str, Any]", found)
        # What a structure of the state has beyond is the provider's default, or empty.
        return all(same(value, held.get(name)) for name, value in cast("Mapping[str, Any]", wanted).items())
    if isinstance(wanted, list) and isinstance(found, list):
        return _same_in_any_order(cast("list[Any]", wanted), cast("list[Any]", found), same)
    if isinstance(wanted, Mapping | list) or isinstance(found, Mapping | list):
        return False
    return _same_texts(_scalar(wanted), _scalar(found))


def same_json(one: str, other: str) -> bool:
    """Tell whether two texts hold the same JSON; Terraform's ``jsonencode`` is compact and escapes ``<>&``."""
    first, second = document(one), document(other)
    return first is not None and second is not None and _same_documents(first, second)


def document(text: str) -> Any:
    """Return the object or list that a text holds as JSON; None for every other text."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _same_documents(one: Any, other: Any, key: str = "") -> bool:
    if key in _UNORDERED:
        return _same_in_any_order(_as_list(one), _as_list(other), _same_documents)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        first, second = _set_members(cast("Mapping[str, Any]", one)), _set_members(cast("Mapping[str, Any]", other))
        return first.keys() == second.keys() and all(
            _same_documents(member, second[name], name) for name, member in first.items()
        )
    if isinstance(one, list) and isinstance(other, list):
        items, others = cast("list[Any]", one), cast("list[Any]", other)
        return len(items) == len(others) and all(map(_same_documents, items, others))
    if isinstance(one, str) and isinstance(other, str):
        return _same_texts(one, other)
    return one == other


def _same_texts(wanted: str, found: str) -> bool:
    if LOOKED_UP not in wanted:
        return wanted == found or same_json(wanted, found)
    pattern = ".+".join(re.escape(part) for part in wanted.split(LOOKED_UP))
    return re.fullmatch(pattern, found, re.DOTALL) is not None or same_json(wanted, found)


def _same_in_any_order(wanted: list[Any], found: list[Any], equal: Callable[[Any, Any], bool]) -> bool:
    rest = list(found)
    for value in wanted:
        position = next((at for at, other in enumerate(rest) if equal(value, other)), None)
        if position is None:
            return False
        del rest[position]
    return not rest


def _set_members(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: member for name, member in members.items() if member is not None}


def _as_list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _scalar(value: Any) -> str:
    return f"{value}".lower() if isinstance(value, bool) else f"{value}"
