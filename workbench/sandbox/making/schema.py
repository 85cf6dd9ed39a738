"""The properties of the resource types, read off the SDK's classes: names, types, which are inputs, which are given."""

import functools
import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints


@dataclass(frozen=True, kw_only=True)
class Schema:
    """The properties of one resource type, in the provider's spelling."""

    properties: Mapping[str, Any]
    """Name -> type, of every property of a made resource."""
    inputs: frozenset[str]
    required: frozenset[str]
    """The inputs that a program has to give."""
    computed: frozenset[str]
    """The inputs that the provider fills in where the program gives none: their output is never without a value."""


@functools.cache
def schema(type_token: str) -> Schema:
    """Return the schema of a resource type."""
    package, module, class_name = type_token.split(":")
    name = module.split("/")[0]
    sdk = importlib.import_module(f"pulumi_{package}" if name == "index" else f"pulumi_{package}.{name}")
    properties = {name: _held(getter) for name, getter in _getters(getattr(sdk, class_name)).items()}
    arguments: Any = getattr(sdk, f"{class_name}Args")
    getters = _getters(arguments)
    optional = {
        name for name, parameter in inspect.signature(arguments).parameters.items() if parameter.default is None
    }
    return Schema(
        properties={name: held for name, (held, _) in properties.items()},
        inputs=frozenset(getters),
        required=frozenset(name for name, getter in getters.items() if getter.__name__ not in optional),
        computed=frozenset(name for name, (_, is_optional) in properties.items() if not is_optional),
    )


@functools.cache
def members(structure: type) -> Mapping[str, Any]:
    """Return the properties of a structure inside of a resource: name -> type."""
    return {name: _without_none(get_type_hints(getter)["return"])[0] for name, getter in _getters(structure).items()}


def is_structure(held: Any) -> bool:
    """Tell whether a type is a structure of the SDK's."""
    return isinstance(held, type) and bool(_getters(held))


def _getters(owner: Any) -> Mapping[str, Any]:
    attributes = cast("Mapping[str, Any]", vars(owner))
    return {
        getattr(attribute.fget, "_pulumi_name", name): attribute.fget
        for name, attribute in attributes.items()
        if isinstance(attribute, property)
    }


def _held(getter: Any) -> tuple[Any, bool]:
    """Return the type of a property, and whether it may be without a value."""
    # An output of it.
    return _without_none(get_args(get_type_hints(getter)["return"])[0])


def _without_none(held: Any) -> tuple[Any, bool]:
    if get_origin(held) is not Union:
        return held, False
    kinds = [kind for kind in get_args(held) if kind is not NoneType]
    return kinds[0], len(kinds) < len(get_args(held))
