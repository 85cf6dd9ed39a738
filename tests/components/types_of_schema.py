"""The types that a schema of Pulumi can say, so that every input and output exists in every language."""

import collections.abc
import dataclasses
import inspect
import types
import typing
from collections.abc import Iterator
from typing import Any

import pulumi

from tests.components.inputs import field_hints
from zelly_components.base import Component, output_names

_PLAIN = (str, int, float, bool)
_NONE = type(None)
_SEVERAL = (collections.abc.Sequence, list, tuple)
_BY_KEY = (collections.abc.Mapping, dict)


def input_type_violations(arguments: type[Any]) -> Iterator[str]:
    """Find the fields of a dataclass whose types no schema can say."""
    for name, hint in field_hints(arguments).items():
        if not _is_sayable(hint):
            yield f"{arguments.__name__}.{name}: {hint}"


def output_type_violations(component: type[Component]) -> Iterator[str]:
    """Find the outputs of a component whose types no schema can say."""
    names = set(output_names(component))
    for each in component.__mro__[: component.__mro__.index(Component)]:
        for name, hint in inspect.get_annotations(each, eval_str=True).items():
            if name in names and not _is_sayable(hint):
                yield f"{component.__name__}.{name}: {hint}"


def _is_sayable(hint: Any) -> bool:
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if hint in _PLAIN or (inspect.isclass(hint) and dataclasses.is_dataclass(hint)):
        return True
    if origin is typing.Literal:
        return all(isinstance(value, str) for value in parts)
    if origin in _SEVERAL:
        return all(_is_sayable(part) for part in parts if part is not Ellipsis)
    if origin in _BY_KEY:
        # Keys are texts in every schema: numbers are written as such.
        return parts[0] in (str, int) and _is_sayable(parts[1])
    if origin is pulumi.Output:
        return parts[0] is Any or _is_sayable(parts[0])
    is_union = origin in (typing.Union, types.UnionType)
    return is_union and _is_union_sayable([part for part in parts if part is not _NONE])


def _is_union_sayable(parts: list[Any]) -> bool:
    """Tell whether a union is a value that may be an Output, or one value or several of the same."""
    several = [part for part in parts if typing.get_origin(part) in _SEVERAL]
    single = [part for part in parts if part not in several]
    value = [part for part in single if typing.get_origin(part) not in (pulumi.Output, collections.abc.Awaitable)]
    return len(value) <= 1 and len(several) <= 1 and all(map(_is_sayable, [*value, *several]))
