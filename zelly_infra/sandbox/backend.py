"""The evaluation backend that really makes every resource, in an embedded AWS, with boto3."""

import functools
import importlib
import json
import secrets
from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

import jmespath

from zelly_infra.evaluate.backend import Created, Invocation, Registration
from zelly_infra.sandbox import mapping
from zelly_infra.sandbox.clients import Clients
from zelly_infra.sandbox.errors import (
    NameTooLongError,
    SandboxError,
    FunctionError,
    UnknownTypeError,
    UnmappedInputError,
)
from zelly_infra.sandbox.making import Made, Making
from zelly_infra.sandbox.services import FUNCTIONS, RESOURCES
from zelly_infra.sandbox.table import AutoName, Irregular, Row

_PROVIDER_PREFIX = "pulumi:providers:"
_PREFIXED_SUFFIX_LENGTH = 26
"""The provider's own length for the unique part behind a ``namePrefix``."""


class EmbeddedBackend:
    """Makes registered resources in the AWS that answers at ``clients``' endpoint.

    ``region`` is used for resources whose provider names none.
    """

    def __init__(self, clients: Clients, *, account_id: str, region: str | None = None) -> None:
        self._clients = clients
        self._account_id = account_id
        self._region = region

    def create(self, registration: Registration) -> Created:
        """Make the resource and return its id and outputs.

        Raises:
            SandboxError: for an unknown type, an unmapped input, or whatever the API refused.
        """
        if registration.type.startswith(_PROVIDER_PREFIX):
            return Created(id=registration.name)
        row = RESOURCES.get(registration.type)
        if row is None:
            raise UnknownTypeError(registration.type)
        if registration.read_id is not None:
            raise SandboxError(f"{registration.read_id} cannot be read: the embedded AWS only makes resources")
        making = self._making(registration, row)
        return _make_regular(registration.type, making, row) if isinstance(row, Row) else _make_irregular(making, row)

    def invoke(self, invocation: Invocation) -> Mapping[str, Any]:
        """Return the result of a provider function.

        Raises:
            FunctionError: for an unknown function, an unknown argument, or whatever the API refused.
        """
        function = FUNCTIONS.get(invocation.token)
        if function is None:
            raise FunctionError(invocation.token, "the embedded AWS has no row for this function")
        arguments = dict(invocation.args)
        try:
            region = self._region_of(arguments, invocation.provider_inputs)
            _check_handled(arguments, function.handles)
            return function.answer(
                Making(
                    name="",
                    inputs=arguments,
                    tags={},
                    default_tags={},
                    region=region,
                    account_id=self._account_id,
                    service=function.service,
                    clients=self._clients,
                )
            )
        except SandboxError as error:
            raise FunctionError(invocation.token, error) from error

    def _making(self, registration: Registration, row: Row | Irregular) -> Making:
        inputs = dict(registration.inputs)
        # What no AWS service makes (a DNS record, a random value) belongs to no region.
        region = "" if row.service is None else self._region_of(inputs, registration.provider_inputs)
        if row.name is not None:
            _fill_in_name(registration.name, inputs, row.name)
        taggable = row.tags is not None if isinstance(row, Row) else row.taggable
        defaults = default_tags(registration.provider_inputs) if taggable else {}
        own: dict[str, str] = inputs.pop("tags", {}) if taggable else {}
        return Making(
            name=registration.name,
            inputs=inputs,
            tags=defaults | own,
            default_tags=defaults,
            region=region,
            account_id=self._account_id,
            service=row.service,
            clients=self._clients,
        )

    def _region_of(self, inputs: dict[str, Any], provider_inputs: Mapping[str, Any]) -> str:
        region = inputs.pop("region", None) or provider_inputs.get("region") or self._region
        if region is None:
            raise SandboxError("neither the resource nor its provider names a region")
        return region


def default_tags(provider_inputs: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags that an aws provider puts on everything it makes; nested provider inputs arrive as JSON text."""
    configured: Any = provider_inputs.get("defaultTags", {})
    return dict((json.loads(configured) if isinstance(configured, str) else configured).get("tags", {}))


def _fill_in_name(logical_name: str, inputs: dict[str, Any], rule: AutoName) -> None:
    prefix = inputs.pop(rule.prefix_property, None) if rule.prefix_property else None
    if inputs.get(rule.property):
        return
    if prefix is not None:
        name = f"{prefix}{secrets.token_hex(_PREFIXED_SUFFIX_LENGTH // 2)}"[: rule.limit]
    else:
        name = f"{logical_name}-{secrets.token_hex(4)[:7]}"
        if len(name) > rule.limit:
            raise NameTooLongError(logical_name, rule.limit)
    inputs[rule.property] = name.lower() if rule.lower else name


def _check_handled(inputs: Collection[str], handled: Collection[str]) -> None:
    for property_name in inputs:
        if property_name not in handled:
            raise UnmappedInputError(property_name, "the row's function", handled)


def _make_irregular(making: Making, row: Irregular) -> Created:
    _check_handled(making.inputs, row.handles | row.dropped.keys())
    identifier, outputs = row.make(making)
    return Created(
        id=identifier, outputs=_common_outputs(making, row.name) | outputs, secret_outputs=row.secret_outputs
    )


def _make_regular(type_token: str, making: Making, row: Row) -> Created:
    response = making.call(row.operation, **parameters(making, row))
    result: Any = jmespath.search(row.result, response)
    unnamed = Made(**vars(making), id="", result=result or {})
    identifier = row.id(unnamed) if callable(row.id) else cast(str, jmespath.search(row.id, response))
    made = Made(**vars(making), id=identifier, result=result or {})
    for property_name, step in row.then.items():
        if property_name in making.inputs:
            step(made, making.inputs[property_name])
    finished = row.finish(made) if row.finish is not None else {}
    wanted = {key: name for key, name in output_properties(type_token).items() if name not in making.inputs}
    return Created(
        id=identifier,
        outputs=_common_outputs(making, row.name)
        | mapping.outputs(made.result, wanted)
        | {
            name: source(made) if callable(source) else jmespath.search(source, made.result)
            for name, source in row.outputs.items()
        }
        | finished,
        secret_outputs=row.secret_outputs,
    )


def parameters(making: Making, row: Row) -> dict[str, Any]:
    """Return the parameters of the row's operation for a resource.

    Raises:
        UnmappedInputError: for an input that goes nowhere.
    """
    shape = (
        making.clients.get(row.service, making.region)
        .meta.service_model.operation_model(
            making.clients.get(row.service, making.region).meta.method_to_api_mapping[row.operation]
        )
        .input_shape
    )
    mapper = mapping.ParameterMapper(operation=row.operation, renames=row.renames, dropped=row.dropped.keys())
    by_name = {key: value for key, value in making.inputs.items() if key not in row.into and key not in row.then}
    mapped = dict(row.parameters) | mapper.structure(shape, by_name)
    for property_name, convert in row.into.items():
        if property_name in making.inputs:
            mapped = _merged(mapped, convert(making, making.inputs[property_name]))
    if row.tags is not None:
        mapped |= mapping.tag_parameters(shape, row.tags.member, row.tags.resource_type, making.tags)
    return mapped


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(one)
    for key, value in other.items():
        both_structures = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], cast(Mapping[str, Any], value)) if both_structures else value
    return merged


def _common_outputs(making: Making, name: AutoName | None) -> dict[str, Any]:
    outputs: dict[str, Any] = {} if making.service is None else {"region": making.region, "tagsAll": dict(making.tags)}
    if name is not None:
        outputs[name.property] = making.inputs[name.property]
    return outputs


@functools.cache
def output_properties(type_token: str) -> dict[str, str]:
    """Return the output properties of a resource type, in lower case, to the provider's spelling, off the SDK's class."""
    package, module, class_name = type_token.split(":")
    sdk = importlib.import_module(f"pulumi_{package}.{module.split('/')[0]}")
    names = [
        cast(str, getattr(cast(Callable[..., Any], attribute.fget), "_pulumi_name", name))
        for name, attribute in vars(getattr(sdk, class_name)).items()
        if isinstance(attribute, property)
    ]
    return {name.casefold(): name for name in names}
