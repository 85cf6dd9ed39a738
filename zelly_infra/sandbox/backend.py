"""The evaluation backend that really makes every resource, in an embedded AWS, with boto3."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from zelly_infra.evaluate.backend import Created, Invocation, Registration
from zelly_infra.sandbox import regular
from zelly_infra.sandbox.clients import Clients
from zelly_infra.sandbox.errors import (
    FunctionError,
    SandboxError,
    UnknownTypeError,
    UnmappedInputError,
)
from zelly_infra.sandbox.making import Making
from zelly_infra.sandbox.naming import fill_in_name
from zelly_infra.sandbox.services import FUNCTIONS, RESOURCES
from zelly_infra.sandbox.table import Irregular, Row

_PROVIDER_PREFIX = "pulumi:providers:"


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
        identifier, outputs = _make(registration.type, making, row)
        return Created(
            id=identifier,
            outputs={**_common_outputs(making, row), **outputs},
            secret_outputs=row.secret_outputs,
        )

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
            fill_in_name(inputs, row.name, logical_name=registration.name)
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


def _check_handled(inputs: Collection[str], handled: Collection[str]) -> None:
    for property_name in inputs:
        if property_name not in handled:
            raise UnmappedInputError(property_name, "the row's function", handled)


def _make(type_token: str, making: Making, row: Row | Irregular) -> tuple[str, Mapping[str, Any]]:
    if isinstance(row, Row):
        return regular.make(type_token, making, row)
    _check_handled(making.inputs, row.handles | row.dropped.keys())
    return row.make(making)


def _common_outputs(making: Making, row: Row | Irregular) -> dict[str, Any]:
    outputs: dict[str, Any] = {} if making.service is None else {"region": making.region, "tagsAll": dict(making.tags)}
    if row.name is not None:
        outputs[row.name.property] = making.inputs[row.name.property]
    return outputs
