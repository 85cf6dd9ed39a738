"""The components' arguments and outputs as shapes, read off their annotations."""

import dataclasses
import functools
import importlib
import inspect
import pkgutil
import types
import typing
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import pulumi

import zelly_components
from zelly_components.base import Component, KnownOutput, output_names

_NOT_COMPONENTS = ("zelly_components.package", "zelly_components.__main__", "zelly_components.hosts.templates")
"""Modules that hold no component; the templates hold programs of hosts."""

_SDK_NAMES: Mapping[str, Any] = {"Output": pulumi.Output, "Input": pulumi.Input, "T": TypeVar("T")}
"""The names that ``pulumi.Input`` itself leaves to be looked up."""


@dataclass(frozen=True, kw_only=True)
class Scalar:
    """A text, a number or a truth value, by its name in JSON Schema."""

    name: Literal["string", "integer", "number", "boolean"]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of a few texts."""

    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ListOf:
    """A list."""

    item: "Slot"


@dataclass(frozen=True, kw_only=True)
class MapOf:
    """A map with texts as keys."""

    item: "Slot"
    has_numbers_as_keys: bool = False
    """Whether Python has the keys as whole numbers, such as ports."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """An object with the fields of a frozen dataclass."""

    type: type

    @property
    def name(self) -> str:
        """The name in the schema: without ``Args``, since each language adds an ending of its own."""
        return self.type.__name__.removesuffix("Args")


@dataclass(frozen=True, kw_only=True)
class OneOf:
    """A value of one of several shapes: told apart by its kind, and records by their keys."""

    shapes: tuple["Shape", ...]


Shape: TypeAlias = Scalar | Choice | ListOf | MapOf | Record | OneOf


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A place for a value: an argument, an output, an element."""

    shape: Shape
    may_wait: bool = False
    """Whether an Output may stand in it."""
    may_be_known_output: bool = False
    """Whether an Output may stand in it whose value is known in a preview."""
    is_optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of arguments or of a record."""

    name: str
    """As Python spells it."""
    slot: Slot

    @property
    def key(self) -> str:
        """As the schema spells it."""
        return camel(self.name)


@functools.cache
def components() -> Mapping[str, type[Component]]:
    """Return every component of the package, by its name."""
    found: dict[str, type[Component]] = {}
    for module_info in pkgutil.walk_packages(zelly_components.__path__, "zelly_components."):
        if module_info.name.startswith(_NOT_COMPONENTS):
            continue
        for member in vars(importlib.import_module(module_info.name)).values():
            if inspect.isclass(member) and issubclass(member, Component) and member.__module__ == module_info.name:
                found[member.__name__] = member
    del found[Component.__name__]
    return dict(sorted(found.items()))


def arguments_of(component: type[Component]) -> type:
    """Return the dataclass of a component's arguments."""
    return typing.get_type_hints(component.__init__)["args"]


@functools.cache
def fields_of(record: type) -> tuple[Field, ...]:
    """Return the fields of a frozen dataclass, in its order.

    Raises:
        TypeError: naming a field whose type no schema can say.
    """
    hints = typing.get_type_hints(record, None, dict(_SDK_NAMES), include_extras=True)
    return tuple(
        Field(name=field.name, slot=_with_default(_slot(hints[field.name], f"{record.__name__}.{field.name}"), field))
        for field in dataclasses.fields(record)
    )


@functools.cache
def outputs_of(component: type[Component]) -> tuple[Field, ...]:
    """Return the outputs of a component, in its order.

    Raises:
        TypeError: naming an output whose type no schema can say.
    """
    return tuple(_outputs(component))


def _outputs(component: type[Component]) -> Iterator[Field]:
    hints: dict[str, Any] = {}
    for each in reversed(component.__mro__[: component.__mro__.index(Component)]):
        hints |= inspect.get_annotations(each, eval_str=True)
    for name in output_names(component):
        yield Field(name=name, slot=_slot(hints[name], f"{component.__name__}.{name}"))


def camel(name: str) -> str:
    """Return a field's name as the schema spells it: ``cidr_block`` as ``cidrBlock``."""
    first, *others = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in others)


def _with_default(slot: Slot, field: "dataclasses.Field[Any]") -> Slot:
    has_default = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
    # An input that may be None without being left out could not be given by a program in another language.
    return dataclasses.replace(slot, is_optional=slot.is_optional or has_default)


def _slot(hint: Any, where: str) -> Slot:
    marks: tuple[Any, ...] = ()
    if typing.get_origin(hint) is Annotated:
        hint, *rest = typing.get_args(hint)
        marks = tuple(rest)
    parts = _alternatives(hint)
    plain = [part for part in parts if part is not type(None) and not _waits(part)]
    if len(plain) == 1 and typing.get_origin(plain[0]) is Annotated:
        inner = _slot(plain[0], where)
        return dataclasses.replace(inner, is_optional=type(None) in parts)
    if not plain:
        # An output: ``Output[str]``, or a list of them.
        plain = [typing.get_args(part)[0] for part in parts if _waits(part)][:1]
    return Slot(
        shape=_shape(plain, where),
        may_wait=any(_waits(part) for part in parts),
        may_be_known_output=any(isinstance(mark, KnownOutput) for mark in marks),
        is_optional=type(None) in parts,
    )


def _alternatives(hint: Any) -> tuple[Any, ...]:
    is_union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    return typing.get_args(hint) if is_union else (hint,)


def _waits(part: Any) -> bool:
    return typing.get_origin(part) in (pulumi.Output, Awaitable)


_SCALARS: Mapping[Any, Scalar] = {
    bool: Scalar(name="boolean"),
    int: Scalar(name="integer"),
    float: Scalar(name="number"),
    str: Scalar(name="string"),
}


def _shape(plain: Sequence[Any], where: str) -> Shape:
    if len(plain) > 1:
        return OneOf(shapes=tuple(_shape([part], where) for part in plain))
    (hint,) = plain
    origin, parameters = typing.get_origin(hint), typing.get_args(hint)
    if hint in _SCALARS:
        return _SCALARS[hint]
    if inspect.isclass(hint) and dataclasses.is_dataclass(hint):
        return Record(type=hint)
    if origin is Literal:
        return Choice(values=tuple(str(value) for value in parameters))
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return MapOf(item=_slot(parameters[1], where), has_numbers_as_keys=parameters[0] is int)
    if inspect.isclass(origin) and issubclass(origin, Sequence):
        return ListOf(item=_slot(parameters[0], where))
    raise TypeError(f"{where}: no schema says {hint}")
