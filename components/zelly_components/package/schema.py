"""The schema of the package: what its components take and give, for the code of every language."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from zelly_components import __version__
from zelly_components.base import PACKAGE
from zelly_components.package.descriptions import description, examples, field_descriptions
from zelly_components.package.shapes import (
    Choice,
    Field,
    ListOf,
    MapOf,
    OneOf,
    Record,
    Scalar,
    Shape,
    Slot,
    arguments_of,
    components,
    fields_of,
    outputs_of,
)

_NAMESPACE = PACKAGE.partition("-")[0]
"""The first part of the names of the packages that are generated, such as npm's scope."""
_LANGUAGES = ("csharp", "go", "java", "nodejs", "python")

Document = Mapping[str, Any]


def package_schema() -> Document:
    """Return the schema as Pulumi's package schema has it."""
    return {
        "name": PACKAGE,
        "version": __version__,
        "displayName": PACKAGE.replace("-", " ").capitalize(),
        "namespace": _NAMESPACE,
        "description": "Building blocks of AWS platforms",
        "language": {language: {"respectSchemaVersion": True} for language in _LANGUAGES},
        "types": dict(sorted(_types())),
        "resources": {_token(name): _resource(component) for name, component in components().items()},
    }


def _resource(component: type) -> Document:
    arguments = arguments_of(component)
    inputs, outputs = fields_of(arguments), outputs_of(component)
    return {
        "isComponent": True,
        "description": f"{description(component)}\n\n{examples(component)}".strip(),
        "inputProperties": _properties(inputs, arguments, are_inputs=True),
        "requiredInputs": sorted(field.key for field in inputs if not field.slot.is_optional),
        "properties": _properties(outputs, component, are_inputs=False),
        "required": sorted(field.key for field in outputs if not field.slot.is_optional),
    }


def _properties(fields: Iterable[Field], owner: type, *, are_inputs: bool) -> Document:
    descriptions = field_descriptions(owner)
    return {
        field.key: {
            **_type(field.slot, field, owner, is_input=are_inputs),
            **({"description": descriptions[field.name]} if field.name in descriptions else {}),
        }
        for field in fields
    }


def _type(slot: Slot, field: Field, owner: type, *, is_input: bool) -> Document:
    """Return the type of a place; ``field`` and ``owner`` say where it is, for the name of a choice."""
    shape = slot.shape
    match shape:
        case Scalar(name=name):
            said: Document = {"type": name}
        case Choice():
            said = {"$ref": _reference(_choice_name(field, owner))}
        case Record():
            said = {"$ref": _reference(shape.name)}
        case OneOf(shapes=shapes):
            slots = [Slot(shape=each) for each in shapes]
            said = {"oneOf": [_type(each, field, owner, is_input=False) for each in slots]}
        case ListOf(item=item):
            said = {"type": "array", "items": _type(item, field, owner, is_input=is_input)}
        case MapOf(item=item):
            said = {"type": "object", "additionalProperties": _type(item, field, owner, is_input=is_input)}
    takes_outputs = slot.may_wait or slot.may_be_known_output or _holds_outputs(shape)
    is_plain = is_input and not takes_outputs and not _holds_records(shape)
    return {**said, "plain": True} if is_plain else said


def _holds_outputs(shape: Shape) -> bool:
    """Tell whether a collection is one of Outputs: another component's comes as one Output of all of them."""
    return isinstance(shape, ListOf | MapOf) and (shape.item.may_wait or _holds_outputs(shape.item.shape))


def _holds_records(shape: Shape) -> bool:
    """Tell whether a collection is one of objects. Code that is generated for Go lacks the types of plain ones."""
    match shape:
        case ListOf(item=item) | MapOf(item=item):
            return isinstance(item.shape, Record | OneOf) or _holds_records(item.shape)
        case OneOf():
            return True
        case _:
            return False


def _types() -> Iterator[tuple[str, Document]]:
    for record in _records():
        fields = fields_of(record.type)
        yield (
            _token(record.name),
            {
                "type": "object",
                "description": description(record.type),
                "properties": _properties(fields, record.type, are_inputs=True),
                "required": sorted(field.key for field in fields if not field.slot.is_optional),
            },
        )
    for name, choice in _choices():
        yield _token(name), {"type": "string", "enum": [{"value": value} for value in choice.values]}


@functools.cache
def _records() -> tuple[Record, ...]:
    """Return every record within the arguments and outputs of a component.

    Raises:
        TypeError: for two of one name.
    """
    found: dict[str, Record] = {}
    waiting = [field.slot.shape for _, fields in _owners() for field in fields]
    while waiting:
        shape = waiting.pop()
        match shape:
            case ListOf(item=item) | MapOf(item=item):
                waiting.append(item.shape)
            case OneOf(shapes=shapes):
                waiting += shapes
            case Record() if found.get(shape.name) is None:
                found[shape.name] = shape
                waiting += [field.slot.shape for field in fields_of(shape.type)]
            case Record() if found[shape.name] != shape:
                raise TypeError(f"{shape.type.__name__}: {found[shape.name].type.__name__} has its name in the schema")
            case _:
                pass
    return tuple(found.values())


def _owners() -> Iterator[tuple[type, tuple[Field, ...]]]:
    for component in components().values():
        arguments = arguments_of(component)
        yield arguments, fields_of(arguments)
        yield component, outputs_of(component)


def _choices() -> Iterator[tuple[str, Choice]]:
    for owner, fields in (*_owners(), *((record.type, fields_of(record.type)) for record in _records())):
        for field in fields:
            yield from ((_choice_name(field, owner), choice) for choice in _choices_in(field.slot.shape))


def _choices_in(shape: Shape) -> Iterator[Choice]:
    match shape:
        case Choice():
            yield shape
        case ListOf(item=item) | MapOf(item=item):
            yield from _choices_in(item.shape)
        case _:
            pass


def _choice_name(field: Field, owner: type) -> str:
    """Return the name of a choice: that of its place, since what has the same values today may differ tomorrow."""
    return f"{owner.__name__.removesuffix('Args')}{field.key[:1].upper()}{field.key[1:]}"


def _token(name: str) -> str:
    return f"{PACKAGE}:index:{name}"


def _reference(name: str) -> str:
    return f"#/types/{_token(name)}"
