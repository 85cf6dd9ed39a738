"""Carries out a regular row: inputs to parameters, the operation, the steps behind it, the response to outputs."""

import functools
import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

import jmespath

from zelly_infra.sandbox import mapping
from zelly_infra.sandbox.errors import UnansweredOutputError
from zelly_infra.sandbox.making import Made, Making
from zelly_infra.sandbox.table import Outputs, Row

_CORE_OUTPUTS = frozenset({"tags", "tagsAll", "region"})
"""Outputs that are known without a response; what an API calls ``Tags`` has another form."""

_SCALAR_TYPES = frozenset({bool, float, int, str})


def make(type_token: str, making: Making, row: Row) -> tuple[str, Outputs]:
    """Make the resource; return its id and its outputs.

    Raises:
        SandboxError: for an unmapped input, an output that the response does not answer, or what the API refused.
    """
    response = making.call(row.operation, **parameters(making, row))
    result: Any = jmespath.search(row.result, response) or {}
    made = Made(**vars(making), id="", result=result)
    identifier = _answer("id", row.id, made, response)
    made = Made(**vars(making), id=identifier, result=result)
    for property_name, step in row.then.items():
        if property_name in making.inputs:
            step(made, making.inputs[property_name])
    finished: Outputs = row.finish(made) if row.finish is not None else {}
    declared = {name: _answer(name, source, made, result) for name, source in row.outputs.items()}
    return identifier, {**_outputs_by_name(type_token, made), **declared, **finished}


def parameters(making: Making, row: Row) -> dict[str, Any]:
    """Return the parameters of the row's operation.

    Raises:
        UnmappedInputError: for an input that goes nowhere.
        InputTypeError: for a value that the operation does not take.
    """
    client = making.clients.get(row.service, making.region)
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[row.operation]).input_shape
    mapper = mapping.ParameterMapper(operation=row.operation, renames=row.renames, dropped=row.dropped.keys())
    by_name = {key: value for key, value in making.inputs.items() if key not in row.into and key not in row.then}
    mapped = dict(row.parameters) | mapper.structure(shape, by_name)
    for property_name, convert in row.into.items():
        if property_name in making.inputs:
            mapped = _merged(mapped, convert(making, making.inputs[property_name]))
    if row.tags is not None:
        mapped |= mapping.tag_parameters(shape, row.tags.member, row.tags.resource_type, making.tags)
    return mapped


def _answer(name: str, source: str | Callable[[Made], Any], made: Made, response: Mapping[str, Any]) -> Any:
    value: Any = source(made) if callable(source) else jmespath.search(source, response)
    if value is None:
        raise UnansweredOutputError(name)
    return value


def _outputs_by_name(type_token: str, made: Made) -> dict[str, Any]:
    asked = {
        lowered: property_
        for lowered, property_ in output_properties(type_token).items()
        if property_.name not in made.inputs and property_.name not in _CORE_OUTPUTS
    }
    return mapping.outputs(made.result, asked)


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(one)
    for key, value in other.items():
        present = merged.get(key)
        merged[key] = (
            _merged(cast("Mapping[str, Any]", present), cast("Mapping[str, Any]", value))
            if isinstance(present, Mapping) and isinstance(value, Mapping)
            else value
        )
    return merged


@functools.cache
def output_properties(type_token: str) -> dict[str, mapping.OutputProperty]:
    """Return a resource type's scalar outputs and lists of scalars, read off the SDK's class, by lower-case name."""
    package, module, class_name = type_token.split(":")
    sdk = importlib.import_module(f"pulumi_{package}.{module.split('/')[0]}")
    resource_class: Any = getattr(sdk, class_name)
    attributes = cast("Mapping[str, Any]", vars(resource_class))
    found = [
        _output_property(getattr(attribute.fget, "_pulumi_name", name), attribute.fget)
        for name, attribute in attributes.items()
        if isinstance(attribute, property)
    ]
    return {property_.name.casefold(): property_ for property_ in found if property_ is not None}


def _output_property(name: str, getter: Any) -> mapping.OutputProperty | None:
    resolved: Any = get_args(get_type_hints(getter)["return"])[0]
    # An optional one is a union with None, which stands last.
    held: Any = get_args(resolved)[0] if get_origin(resolved) is Union else resolved
    is_list = get_origin(held) is Sequence
    value_type: Any = get_args(held)[0] if is_list else held
    if value_type not in _SCALAR_TYPES:
        return None
    return mapping.OutputProperty(name=name, value_type=value_type, is_list=is_list)
