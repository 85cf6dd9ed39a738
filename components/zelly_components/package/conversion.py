"""Values as the engine sends them, as the frozen arguments of a component."""

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.resource import DependencyResource
from pulumi.runtime.rpc import UNKNOWN

from zelly_components.package.shapes import Choice, ListOf, MapOf, OneOf, Record, Scalar, Shape, Slot, fields_of

_UNKNOWN = "has to be known before deployment"
_SECRET = "came a secret, which would be stored as plain text; allowed a value that is none"  # noqa: S105 (a sentence)
_KINDS: Mapping[str, str] = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "a truth value",
}


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A value that a place does not take."""

    path: str
    """The place, as the schema spells it, e.g. ``subnets.publicCidrBlocks[0]``."""
    reason: str


@dataclass(frozen=True, kw_only=True)
class _Place:
    """A place on the way, and what holds for everything below it."""

    path: str = ""
    is_secret: bool = False
    hides: bool = False
    """Whether what came is a secret, and may not be told."""
    dependencies: frozenset[str] = frozenset()
    mistakes: list[Mistake] = field(default_factory=list[Mistake])

    def below(self, path: str, value: PropertyValue) -> "_Place":
        return _Place(
            path=path,
            is_secret=self.is_secret or value.is_secret,
            hides=self.hides,
            dependencies=self.dependencies | value.dependencies,
            mistakes=self.mistakes,
        )

    def refuse(self, reason: str) -> None:
        self.mistakes.append(Mistake(path=self.path, reason=reason))

    def came(self, value: Any, allowed: str) -> None:
        self.refuse(f"came {'a secret' if self.hides else _shown(value)}; allowed {allowed}")


def converted(arguments: type, values: Mapping[str, PropertyValue]) -> tuple[Any, Sequence[Mistake]]:
    """Return the arguments made of the values, or None and every mistake in them.

    An Output stays one where the arguments take it; elsewhere its value has to be known. A list may come from another
    component's output: it becomes a list of Outputs, as long as its length is known.
    """
    place = _Place()
    made = _record(arguments, values, place)
    return (None, place.mistakes) if place.mistakes else (made, ())


def _record(record: type, values: Mapping[str, PropertyValue], place: _Place) -> Any:
    fields = fields_of(record)
    keys = {field.key: field for field in fields}
    before = f"{place.path}." if place.path else ""
    for key in values.keys() - keys.keys():
        _Place(path=f"{before}{key}", mistakes=place.mistakes).refuse(f"is unknown; allowed: {', '.join(keys)}")
    given: dict[str, Any] = {}
    for key, each in keys.items():
        value = values.get(key)
        if value is None or value.value is None:
            if not each.slot.is_optional:
                _Place(path=f"{before}{key}", mistakes=place.mistakes).refuse("is missing")
            elif not _has_default(record, each.name):
                given[each.name] = None
            continue
        given[each.name] = _value(each.slot, value, place.below(f"{before}{key}", value))
    return None if place.mistakes else record(**given)


def _has_default(record: type, name: str) -> bool:
    made = next(each for each in dataclasses.fields(record) if each.name == name)
    return made.default is not dataclasses.MISSING or made.default_factory is not dataclasses.MISSING


def _value(slot: Slot, value: PropertyValue, place: _Place) -> Any:
    if slot.may_wait:
        return _waiting(slot.shape, value, place)
    match slot.shape, value.value:
        case _, Computed():
            place.refuse(_UNKNOWN)
            return None
        case Scalar() | Choice(), _ if place.is_secret:
            place.refuse(_SECRET)
            return None
        case shape, _:
            return _plain(shape, value, place)


def _waiting(shape: Shape, value: PropertyValue, place: _Place) -> Any:
    """Return a value that the arguments take as an Output: plain where nothing is unknown, secret or waited for."""
    is_unknown, is_secret = _is_unknown(value), place.is_secret or value.contains_secret()
    urns = place.dependencies | value.all_dependencies()
    inside = _Place(path=place.path, hides=is_secret, mistakes=place.mistakes)
    made = UNKNOWN if is_unknown else _plain(shape, _bare(value), inside)
    if not (is_unknown or is_secret or urns):
        return made
    resources: set[pulumi.Resource] = {DependencyResource(urn) for urn in urns}
    return pulumi.Output(resources, _future(made), _future(not is_unknown), _future(is_secret))


def _bare(value: PropertyValue) -> PropertyValue:
    """Return a value without what is said of it: whether it is secret, and what it waits for."""
    match value.value:
        case Mapping() as mapping:
            return PropertyValue({key: _bare(each) for key, each in mapping.items()})
        case Sequence() as sequence if not isinstance(sequence, str):
            return PropertyValue([_bare(each) for each in sequence])
        case other:
            return PropertyValue(other)


def _is_unknown(value: PropertyValue) -> bool:
    match value.value:
        case Computed():
            return True
        case Mapping() as mapping:
            return any(_is_unknown(each) for each in mapping.values())
        case Sequence() as sequence if not isinstance(sequence, str):
            return any(_is_unknown(each) for each in sequence)
        case _:
            return False


def _future(value: Any) -> "asyncio.Future[Any]":
    future: asyncio.Future[Any] = asyncio.Future()
    future.set_result(value)
    return future


def _plain(shape: Shape, value: PropertyValue, place: _Place) -> Any:
    match shape:
        case Scalar():
            return _scalar(shape, value.value, place)
        case Choice(values=values):
            if value.value not in values:
                place.came(value.value, ", ".join(values))
            return value.value
        case ListOf(item=item):
            return _list(item, value, place)
        case MapOf() | Record():
            return _object(shape, value, place)
        case OneOf(shapes=shapes):
            return _one_of(shapes, value, place)


def _list(item: Slot, value: PropertyValue, place: _Place) -> Any:
    if not isinstance(value.value, Sequence) or isinstance(value.value, str):
        place.came(value.value, "a list")
        return None
    return [
        _value(item, each, place.below(f"{place.path}[{position}]", each)) for position, each in enumerate(value.value)
    ]


def _object(shape: MapOf | Record, value: PropertyValue, place: _Place) -> Any:
    if not isinstance(value.value, Mapping):
        place.came(value.value, "an object")
        return None
    if isinstance(shape, Record):
        return _record(shape.type, value.value, place)
    return {
        key: _value(shape.item, each, place.below(f"{place.path}.{key}", each)) for key, each in value.value.items()
    }


def _one_of(shapes: Sequence[Shape], value: PropertyValue, place: _Place) -> Any:
    """Return the value as the first of the shapes that takes it."""
    refused: list[Mistake] = []
    for shape in shapes:
        tried = dataclasses.replace(place, mistakes=[])
        made = _plain(shape, value, tried)
        if not tried.mistakes:
            return made
        refused = tried.mistakes
    place.mistakes.extend(refused)
    return None


def _scalar(shape: Scalar, value: Any, place: _Place) -> Any:
    """Return a scalar. Every number comes as a float, also one that was written without a point."""
    kind, is_taken = _KINDS[shape.name], False
    match shape.name:
        case "boolean":
            is_taken = isinstance(value, bool)
        case "string":
            is_taken = isinstance(value, str)
        case "number":
            is_taken = isinstance(value, float)
        case "integer":
            is_taken = isinstance(value, float) and value.is_integer()
            value = int(value) if is_taken else value
    if not is_taken:
        place.came(value, kind)
    return value


def _shown(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'the text "{value}"'
        case float():
            return f"the number {value:g}"
        case Mapping():
            return "an object"
        case Sequence():
            return "a list"
        case _:
            return "a value of another kind"
