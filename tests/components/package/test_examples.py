"""Every component's example, given as a program in another language gives it, makes the same resources."""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import pulumi

from tests.components.forms import made
from tests.components.test_contract import ComponentClass, each_component
from tests.support.examples import constructed_by_example
from tools.package.schema_file import examples
from zelly_components.base import Component
from zelly_components.package.conversion import converted
from zelly_components.package.descriptions import EXAMPLES_FILE
from zelly_components.package.shapes import camel
from zelly_components.package.values import Value


def sent(given: Any) -> Value:
    """Return a value of Python's as the engine sends it: objects with keys of the schema, numbers as floats."""
    if dataclasses.is_dataclass(given):
        names = [field.name for field in dataclasses.fields(given)]
        return Value(content={camel(name): sent(getattr(given, name)) for name in names})
    if isinstance(given, Mapping):
        return Value(content={str(key): sent(each) for key, each in cast(Mapping[object, Any], given).items()})
    if isinstance(given, Sequence) and not isinstance(given, str):
        return Value(content=tuple(map(sent, cast(Sequence[Any], given))))
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return Value(content=float(given) if is_number else given)


def literal(args: Any) -> Any:
    """Return arguments with a text for each Output."""
    outputs = [field.name for field in dataclasses.fields(args) if isinstance(getattr(args, field.name), pulumi.Output)]
    return dataclasses.replace(args, **dict.fromkeys(outputs, "https://known.example/"))


@each_component
def test_example_as_data_makes_what_it_makes_in_python(component: ComponentClass) -> None:
    name, given = constructed_by_example(component)
    args = literal(given)
    values = cast(Mapping[str, Value], sent(args).content)
    arguments: type = args.__class__
    again, mistakes = converted(arguments, values)
    assert mistakes == ()
    make: Callable[..., Component] = component
    assert made(lambda: make(name, again)) == made(lambda: make(name, args))


def test_examples_in_other_languages_are_those_in_python() -> None:
    assert json.loads(EXAMPLES_FILE.read_text(encoding="utf-8")) == examples(), "run make docs"
