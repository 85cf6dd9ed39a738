"""Lists and maps of Inputs, given as one Output, as the output of another component is in other languages."""

import collections.abc
import dataclasses
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import pulumi

from tests.components.inputs import field_hints


def with_one_whole_list(arguments: Any) -> Iterator[tuple[str, Any]]:
    """Iterate over copies of arguments, each with another list or map of Inputs as one Output, and the field's path."""
    hints = field_hints(cast(type[Any], type(arguments)))
    for field in dataclasses.fields(arguments):
        value: Any = getattr(arguments, field.name)
        if _holds_inputs(hints[field.name]) and value is not None:
            yield field.name, dataclasses.replace(arguments, **{field.name: _as_one_output(value)})
        for path, changed in _inside(value):
            yield f"{field.name}{path}", dataclasses.replace(arguments, **{field.name: changed})


def _as_one_output(value: Mapping[str, Any] | Sequence[Any]) -> pulumi.Output[Any]:
    return pulumi.Output.from_input(dict(value) if isinstance(value, Mapping) else list(value))


def _inside(value: Any) -> Iterator[tuple[str, Any]]:
    """Look into nested arguments, and into the first element of a list or a map of them."""
    if dataclasses.is_dataclass(value):
        for path, changed in with_one_whole_list(value):
            yield f".{path}", changed
    elif isinstance(value, Mapping) and value:
        items = cast(Mapping[object, Any], value)
        first = next(iter(items))
        for path, changed in _inside(items[first]):
            yield path, {**items, first: changed}
    elif isinstance(value, Sequence) and not isinstance(value, str) and value:
        elements = cast(Sequence[Any], value)
        for path, changed in _inside(elements[0]):
            yield path, [changed, *elements[1:]]


def _holds_inputs(hint: Any) -> bool:
    """Tell whether a type is a list or a map of Inputs, left out or not."""
    parts = [part for part in typing.get_args(hint) if part is not type(None)]
    if typing.get_origin(hint) in (collections.abc.Sequence, collections.abc.Mapping):
        return pulumi.Output in {typing.get_origin(part) or part for part in typing.get_args(parts[-1])}
    return any(_holds_inputs(part) for part in parts)
