"""Every input of every component: the fields of its arguments, and of the dataclasses among their types."""

import ast
import dataclasses
import inspect
import re
import textwrap
import typing
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pulumi

from zelly_components.base import Component

_NAMES = {"Output": pulumi.Output, "T": Any}
"""The names in annotations that Pulumi's ``Input`` has as text."""
_LEAVING_OUT = re.compile(r"\b(left\s+out|none|without|empty)\b", re.IGNORECASE)
_SAYS_NOTHING = frozenset({"a", "an", "and", "for", "in", "it", "its", "of", "that", "the", "this", "to", "whose"})


def argument_classes(components: Iterable[type[Component]]) -> list[type[Any]]:
    """Return the dataclasses of the components' arguments, nested ones included, each once."""
    found: dict[type[Any], None] = {}
    for component in components:
        hint = typing.get_type_hints(component.__init__, localns=_NAMES)["args"]
        _collect(hint, found)
    return list(found)


@cache
def field_hints(arguments: type[Any]) -> dict[str, Any]:
    """Return the types of a dataclass' fields."""
    return typing.get_type_hints(arguments, localns=_NAMES)


def _collect(hint: Any, found: dict[type[Any], None]) -> None:
    if inspect.isclass(hint) and dataclasses.is_dataclass(hint) and hint not in found:
        found[hint] = None
        for each in field_hints(hint).values():
            _collect(each, found)
    for part in typing.get_args(hint):
        if not isinstance(part, str | int):
            _collect(part, found)


@cache
def field_docstrings(arguments: type[Any]) -> dict[str, str]:
    """Return the docstring below each field of a dataclass, those of its ancestors included."""
    documented: dict[str, str] = {}
    for each in reversed(arguments.__mro__):
        if dataclasses.is_dataclass(each):
            documented |= attribute_docstrings(each)
    return documented


def attribute_docstrings(arguments: type[Any]) -> dict[str, str]:
    """Return the docstring below each annotated attribute of a class, without those of its ancestors."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(arguments))).body
    assert isinstance(definition, ast.ClassDef)
    found: dict[str, str] = {}
    for statement, following in zip(definition.body, definition.body[1:], strict=False):
        match statement, following:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = inspect.cleandoc(text)
            case _:
                pass
    return found


def input_violations(arguments: type[Any]) -> Iterator[str]:
    """Find the fields whose docstring is missing, only repeats the name, or hides what leaving the field out does."""
    documented = field_docstrings(arguments)
    hints = field_hints(arguments)
    for field in dataclasses.fields(arguments):
        where, text = f"{arguments.__name__}.{field.name}", documented.get(field.name, "")
        if not text:
            yield f"{where}: no docstring"
            continue
        words = set(re.findall(r"[a-z0-9]+", text.lower())) - _SAYS_NOTHING
        if len(words - set(field.name.split("_"))) < 2 or not text.endswith((".", "``")):
            yield f"{where}: no sentence that says more than the name"
        if _is_optional(field, hints[field.name]) and not _LEAVING_OUT.search(text):
            yield f"{where}: does not say what leaving it out does"


def _is_optional(field: dataclasses.Field[Any], hint: Any) -> bool:
    has_default = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
    return has_default or type(None) in typing.get_args(hint)
