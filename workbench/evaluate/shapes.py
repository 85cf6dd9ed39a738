"""Placeholders in the shape that the SDK gives a value: texts, lists, mappings and objects of them.

The SDK's classes say by their annotations what a resource's outputs and a function's results look like. A list has some
elements, so that a program can take the first one; how many there really are only AWS knows.
"""

import functools
import importlib
import keyword
import types
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias, Union, cast, get_args, get_origin, get_type_hints

import pulumi

TEXTS_IN_A_LIST = 3
"""The number of texts in a list of unknown length: most regions have three zones ("AWS Global Infrastructure")."""
_DEEPEST = 4
"""The depth to which objects within objects are filled; some of the SDK's types hold themselves."""

Shape: TypeAlias = Callable[[str, int], Any]
"""Makes a value from the path of its placeholder, without braces, and its depth."""


@dataclass(frozen=True, kw_only=True)
class Property:
    """An output property of a class of the SDK."""

    name: str
    """The provider's."""
    hint: Any
    """Its type, without the ``Output`` around it."""

    @property
    def is_text(self) -> bool:
        """Whether a text is among the types that it may have."""
        return str in get_args(self.hint) or self.hint is str

    @property
    def is_number(self) -> bool:
        """Whether it is a number."""
        return _without_none(self.hint) in _NUMBERS

    def shaped(self, path: str, *, numbers: bool) -> Any:
        """Return placeholders in the property's shape; with ``numbers`` a number is 0, else a placeholder too."""
        return _shaped(self.hint, path, 0, numbers=numbers)


def module_of(token: str) -> str:
    """Return the SDK's package that holds a type or a function: ``pulumi_aws.ec2`` for ``aws:ec2/vpc:Vpc``."""
    package, module, _ = token.split(":")
    parts = [part for part in module.split("/")[:1] if part != "index"]
    # Python has the word for itself: aws:lambda/function:Function is in pulumi_aws.lambda_.
    return ".".join([f"pulumi_{package.replace('-', '_')}", *(f"{p}_" if keyword.iskeyword(p) else p for p in parts)])


def sdk_class(token: str, name: str) -> type | None:
    """Return a class of the package that a token belongs to; None where it is not installed or has no such class."""
    try:
        return cast("type", getattr(importlib.import_module(module_of(token)), name))
    except (ImportError, AttributeError):
        return None


def properties(of: type) -> Iterator[Property]:
    """Yield the output properties of a resource's class or of an output type."""
    for name, getter in _getters(of):
        hint = get_type_hints(getter).get("return")
        if get_origin(hint) is pulumi.Output:
            hint = get_args(hint)[0]
        if hint is not None:
            yield Property(name=name, hint=hint)


def input_names(of: type) -> Collection[str]:
    """Return the provider's names of the inputs that a resource's class takes."""
    arguments: type | None = getattr(importlib.import_module(of.__module__), f"{of.__name__}Args", None)
    return () if arguments is None else {name for name, _ in _getters(arguments)}


def _getters(of: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield a class's properties: the provider's name of each, and its getter."""
    for attribute in vars(of).values():
        if isinstance(attribute, property) and attribute.fget is not None:
            getter = cast("Callable[..., Any]", attribute.fget)
            yield getattr(getter, "_pulumi_name", getter.__name__), getter


def _shaped(hint: Any, path: str, depth: int, *, numbers: bool) -> Any:
    hint = _without_none(hint)
    if numbers and hint in _NUMBERS:
        return 0
    if hint is bool:
        return False
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint)).value
    origin = cast(Any, get_origin(hint) or hint)
    shape = functools.partial(_shaped, numbers=numbers)
    if origin in _LISTS:
        return _list(get_args(hint), path, depth, shape)
    if isinstance(hint, type) and hint not in _PLAIN:
        return _object(hint, path, depth, shape)
    return {} if origin in _MAPPINGS else f"${{{path}}}"


_NUMBERS = (int, float)
_LISTS = (list, Sequence)
_MAPPINGS = (dict, Mapping)
_PLAIN = (str, *_NUMBERS, *_LISTS, *_MAPPINGS)


def _list(members: Sequence[Any], path: str, depth: int, shape: Callable[[Any, str, int], Any]) -> list[Any]:
    member = members[0] if members else str
    count = TEXTS_IN_A_LIST if _without_none(member) is str else 1
    return [shape(member, f"{path}[{position}]", depth) for position in range(count)]


def _object(of: type, path: str, depth: int, shape: Callable[[Any, str, int], Any]) -> dict[str, Any]:
    if depth == _DEEPEST:
        return {}
    return {found.name: shape(found.hint, f"{path}.{found.name}", depth + 1) for found in properties(of)}


def _without_none(hint: Any) -> Any:
    """Return the type of a value that is there; of several that it may have, a text where that is one of them."""
    if get_origin(hint) in (Union, types.UnionType):
        allowed = [each for each in get_args(hint) if each is not type(None)]
        return str if str in allowed else _without_none(allowed[0])
    return hint
