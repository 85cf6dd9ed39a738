"""Carries out a regular row: inputs to parameters, the operation, the steps behind it, the response to outputs."""

import functools
import importlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

import jmespath

from workbench.sandbox.errors import AwsRefusalError, HalfMadeError, SandboxError, UnansweredOutputError
from workbench.sandbox.making import mapping
from workbench.sandbox.making.making import Made, Making
from workbench.sandbox.making.table import Outputs, Parameters, Row

_CORE_OUTPUTS = frozenset({"tags", "tagsAll", "region"})
"""Outputs that are known without a response; what an API calls ``Tags`` has another form."""

_SCALAR_TYPES = frozenset({bool, float, int, str})


def make(type_token: str, making: Making, row: Row) -> tuple[str, Outputs]:
    """Make the resource; return its id and its outputs.

    Raises:
        HalfMadeError: when a step behind the operation fails.
        SandboxError: for an unmapped input, or what the API refused.
    """
    response = making.call(row.operation, **parameters(making, row))
    result: Any = jmespath.search(row.result, response) or {}
    made = Made(**vars(making), id="", result=result)
    identifier = _answer("id", row.id, made, response)
    made = Made(**vars(making), id=identifier, result=result)
    try:
        return identifier, _finished(type_token, made, row)
    except SandboxError as error:
        raise HalfMadeError(identifier, error) from error


def _finished(type_token: str, made: Made, row: Row) -> Outputs:
    """Take the steps behind the operation and return the outputs."""
    for property_name, step in row.then.items():
        if property_name in made.inputs:
            try:
                step(made, made.inputs[property_name])
            except AwsRefusalError as error:
                if made.leave_out is None:
                    raise
                made.leave_out(property_name, error)
    finished: Outputs = row.finish(made) if row.finish is not None else {}
    return {**_outputs_by_name(type_token, made), **_declared_outputs(made, row), **finished}


def _declared_outputs(made: Made, row: Row) -> Outputs:
    found: dict[str, Any] = {}
    for name, source in row.outputs.items():
        try:
            found[name] = _answer(name, source, made, made.result)
        except UnansweredOutputError as error:
            if made.leave_out is None:
                raise
            made.leave_out(name, error)
    return found


def parameters(making: Making, row: Row) -> dict[str, Any]:
    """Return the parameters of the row's operation.

    Raises:
        UnmappedInputError: for an input that goes nowhere.
        InputTypeError: for a value that the operation does not take.
    """
    found = _merged(
        row.parameters,
        mapped(
            making,
            # An input may need both: what the operation takes of it, and a step that the operation cannot take.
            {key: value for key, value in making.inputs.items() if key not in row.then or key in row.into},
            service=row.service,
            operation=row.operation,
            renames=row.renames,
            into=row.into,
            dropped=row.dropped.keys(),
        ),
    )
    if row.tags is not None:
        shape = making.input_shape(row.service, row.operation)
        found |= mapping.tag_parameters(shape, row.tags.member, row.tags.resource_type, making.tags)
    return found


def mapped(
    making: Making,
    inputs: Mapping[str, Any],
    *,
    service: str,
    operation: str,
    renames: Mapping[str, str],
    into: Mapping[str, Callable[[Making, Any], Parameters]],
    dropped: Collection[str],
) -> dict[str, Any]:
    """Return ``inputs`` as parameters of an operation, by name, along ``renames`` and through ``into``.

    Raises:
        UnmappedInputError: for an input that goes nowhere.
        InputTypeError: for a value that the operation does not take.
    """
    mapper = mapping.ParameterMapper(operation=operation, renames=renames, dropped=dropped)
    by_name = {key: value for key, value in inputs.items() if key not in into}
    found = mapper.structure(making.input_shape(service, operation), by_name)
    for name, convert in into.items():
        if name in inputs:
            found = _merged(found, convert(making, inputs[name]))
    return found


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
