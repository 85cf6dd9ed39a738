"""Values as the engine sends them, as the frozen arguments of a component."""

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.resource import DependencyResource
from pulumi.runtime.rpc import UNKNOWN

from zelly_components.package.shapes import Choice, ListOf, MapOf, OneOf, Record, Scalar, Shape, Slot, fields_of
from zelly_components.package.values import Unknown, Value

_UNKNOWN = "came a value that is known after deployment only; allowed one that is known before"
_UNKNOWN_LIST = "came a list that is known after deployment only; allowed its elements one by one"
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
    urns: frozenset[str] = frozenset()
    mistakes: list[Mistake] = field(default_factory=list[Mistake])

    def below(self, path: str, value: Value) -> "_Place":
        return _Place(
            path=path,
            is_secret=self.is_secret or value.is_secret,
            hides=self.hides,
            urns=self.urns | value.urns,
            mistakes=self.mistakes,
        )

    def refuse(self, reason: str) -> None:
        self.mistakes.append(Mistake(path=self.path, reason=reason))

    def came(self, value: Any, allowed: str) -> None:
        self.refuse(f"came {'a secret' if self.hides else _shown(value)}; allowed {allowed}")


def converted(arguments: type, values: Mapping[str, Value]) -> tuple[Any, Sequence[Mistake]]:
    """Return the arguments made of the values, or None and every mistake in them.

    An Output stays one where the arguments take it; elsewhere its value has to be known. A list may come from another
    component's output: it becomes a list of Outputs, or one Output of all as long as its length is not known.
    """
    place = _Place()
    made = _record(arguments, values, place)
    return (None, place.mistakes) if place.mistakes else (made, ())


def _record(record: type, values: Mapping[str, Value], place: _Place) -> Any:
    fields = fields_of(record)
    keys = {field.key: field for field in fields}
    before = f"{place.path}." if place.path else ""
    for key in values.keys() - keys.keys():
        _Place(path=f"{before}{key}", mistakes=place.mistakes).refuse(f"is unknown; allowed: {', '.join(keys)}")
    given: dict[str, Any] = {}
    for key, each in keys.items():
        value = values.get(key)
        if value is None or value.content is None:
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


def _value(slot: Slot, value: Value, place: _Place) -> Any:
    if slot.may_wait:
        return _waiting(slot.shape, value, place)
    match slot.shape, value.content:
        case ((ListOf(item=item) | MapOf(item=item)), Unknown()) if item.may_wait:
            # A component that only hands it on takes it so; one that counts it refuses it by its name.
            return _waiting(slot.shape, value, place)
        case ListOf(), Unknown():
            place.refuse(_UNKNOWN_LIST)
            return None
        case _, Unknown():
            place.refuse(_UNKNOWN)
            return None
        case Scalar() | Choice(), _ if place.is_secret:
            place.refuse(_SECRET)
            return None
        case shape, _:
            return _plain(shape, value, place)


def _waiting(shape: Shape, value: Value, place: _Place) -> Any:
    """Return a value that the arguments take as an Output: plain where nothing is unknown, secret or waited for."""
    is_unknown, is_secret = value.is_unknown, place.is_secret or value.has_secret
    urns = place.urns | value.all_urns
    inside = _Place(path=place.path, hides=is_secret, mistakes=place.mistakes)
    made = UNKNOWN if is_unknown else _plain(shape, value.bare(), inside)
    if not (is_unknown or is_secret or urns):
        return made
    resources: set[pulumi.Resource] = {DependencyResource(urn) for urn in urns}
    return pulumi.Output(resources, _future(made), _future(not is_unknown), _future(is_secret))


def _future(value: Any) -> "asyncio.Future[Any]":
    future: asyncio.Future[Any] = asyncio.Future()
    future.set_result(value)
    return future


def _plain(shape: Shape, value: Value, place: _Place) -> Any:
    match shape:
        case Scalar():
            return _scalar(shape, value.content, place)
        case Choice(values=values):
            if value.content not in values:
                place.came(value.content, ", ".join(values))
            return value.content
        case ListOf(item=item):
            return _list(item, value, place)
        case MapOf() | Record():
            return _object(shape, value, place)
        case OneOf(shapes=shapes):
            return _one_of(shapes, value, place)


def _list(item: Slot, value: Value, place: _Place) -> Any:
    if not isinstance(value.content, Sequence) or isinstance(value.content, str):
        place.came(value.content, "a list")
        return None
    return [
        _value(item, each, place.below(f"{place.path}[{position}]", each))
        for position, each in enumerate(value.content)
    ]


def _object(shape: MapOf | Record, value: Value, place: _Place) -> Any:
    if not isinstance(value.content, Mapping):
        place.came(value.content, "an object")
        return None
    if isinstance(shape, Record):
        return _record(shape.type, value.content, place)
    return {
        _key(shape, key, place): _value(shape.item, each, place.below(f"{place.path}.{key}", each))
        for key, each in value.content.items()
    }


def _key(shape: MapOf, key: str, place: _Place) -> str | int:
    """Return a key as the arguments have it: in the engine's maps every key is a text."""
    if not shape.has_numbers_as_keys:
        return key
    if not key.isdecimal():
        place.refuse(f'came the key "{key}"; allowed whole numbers')
        return key
    return int(key)


def _one_of(shapes: Sequence[Shape], value: Value, place: _Place) -> Any:
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
