"""The evaluation backend that really makes every resource, in an embedded AWS, with boto3."""

import contextlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from workbench.evaluate.backend import Created, Invocation, Registration
from workbench.evaluate.look_ups import computed
from workbench.sandbox import finding
from workbench.sandbox.clients import Clients
from workbench.sandbox.errors import (
    FunctionError,
    HalfMadeError,
    SandboxError,
    UnknownTypeError,
    UnmappedInputError,
)
from workbench.sandbox.ledger import Entry, Ledger
from workbench.sandbox.making import changing, reading, regular
from workbench.sandbox.making.making import Existing, Making
from workbench.sandbox.making.naming import fill_in_name
from workbench.sandbox.making.table import Irregular, Row
from workbench.sandbox.making.tagging import update_tags
from workbench.sandbox.services import FUNCTIONS, READS, RESOURCES, tag_change
from workbench.sandbox.stored import Found, Stored, default_tags, is_taggable
from zelly_components.limits.sizes import tag_excess

_PROVIDER_PREFIX = "pulumi:providers:"


class EmbeddedBackend:
    """Makes registered resources in the AWS that answers at ``clients``' endpoint.

    ``region`` is used for resources whose provider names none. With ``leave_out`` a resource is made without an input
    whose own operation is refused, and without an output that is not answered: it is called with the property's name
    and the error. What is made is noted in the ``ledger``, and read from it; another emulator has none.
    """

    def __init__(
        self,
        clients: Clients,
        *,
        account_id: str,
        region: str | None = None,
        leave_out: Callable[[str, SandboxError], None] | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        self._clients = clients
        self._account_id = account_id
        self._region = region
        self._leave_out = leave_out
        self._ledger = ledger

    def create(self, registration: Registration) -> Created:
        """Make the resource and return its id and outputs.

        Raises:
            SandboxError: for an unknown type, an unmapped input, or whatever the API refused.
        """
        if registration.type.startswith(_PROVIDER_PREFIX):
            return Created(id=registration.name)
        row = _row(registration.type)
        if registration.read_id is not None:
            return self._got(registration, registration.read_id)
        making = self._making(registration, row)
        try:
            identifier, outputs = _make(registration.type, making, row)
        except HalfMadeError as half_made:
            self._take_back(registration, making, half_made.identifier)
            raise half_made.cause from half_made
        created = Created(
            id=identifier,
            outputs={**_common_outputs(making, row), **outputs},
            secret_outputs=row.secret_outputs,
        )
        self._note(
            Stored.just_made(registration, created),
            region=making.region,
            urn=registration.urn,
            secrets=registration.secret_inputs
            | row.secret_outputs
            | finding.hidden(registration.inputs, created.outputs, registration.secret_inputs),
        )
        return created

    def _got(self, registration: Registration, identifier: str) -> Created:
        found = self.read(registration.type, identifier, registration.provider_inputs)
        if found is None:
            raise SandboxError(f"{identifier} is not there")
        return Created(id=found.id, outputs=found.outputs, secret_outputs=found.secrets)

    def _note(self, stored: Stored, *, region: str, urn: str, secrets: Collection[str]) -> None:
        # What cannot be imported is never asked for, and its id may be another's too.
        if self._ledger is None or _row(stored.type).import_id is None:
            return
        self._ledger.note(
            Entry(
                type=stored.type,
                region=region,
                id=stored.id,
                key=_key(stored),
                urn=urn,
                inputs=stored.inputs,
                outputs=stored.outputs,
                secrets=sorted(secrets),
            )
        )

    def _noted(self, type_token: str, region: str, key: str) -> Entry | None:
        return None if self._ledger is None else self._ledger.find(type_token, region, key)

    def read(
        self, type_token: str, identifier: str, provider_inputs: Mapping[str, Any], *, stored: Stored | None = None
    ) -> Found | None:
        """Return a resource as it is now, ``stored`` if a state remembers it, or by the id of an import.

        Returns None when it is not there any more. What nothing here reads is as it was made.

        Raises:
            SandboxError: for an unknown type, an id of another form, what cannot be imported, or what the API refused.
        """
        row = _row(type_token)
        known = {"id": identifier} if stored is not None else reading.parsed(row.import_id or "", identifier)
        if known is None:
            raise reading.refusal(type_token, row.import_id, identifier)
        sought = stored or Stored(
            type=type_token,
            name="",
            id=known.get("id", identifier),
            inputs={},
            outputs=known,
            provider_inputs=provider_inputs,
        )
        existing = self._existing(sought, row, sought.inputs)
        read = READS.get(type_token)
        if read is None and row.import_id is None:
            return Found(id=identifier, inputs=sought.inputs, outputs=sought.outputs)
        if read is None:
            key = identifier if stored is None else _key(stored)
            return finding.as_noted(sought, self._noted(type_token, existing.region, key), is_import=stored is None)
        compared = None if stored is None else stored.inputs.keys()
        described = reading.describe(type_token, existing, row, read, compared=compared)
        if described is None:
            return None
        if stored is not None:
            return finding.as_described(type_token, described, stored, secrets=())
        entry = self._noted(type_token, existing.region, described.id)
        if entry is not None:
            made = replace(sought, id=entry.id, inputs=entry.inputs, outputs=entry.outputs)
            return finding.as_described(type_token, described, made, secrets=entry.secrets)
        return finding.somebody_elses(type_token, described, row, read, provider_inputs)

    def _take_back(self, registration: Registration, making: Making, identifier: str) -> None:
        """Delete what no state would know of, so that it is not in the way of the next attempt."""
        stored = Stored(
            type=registration.type,
            name=registration.name,
            id=identifier,
            inputs=making.inputs,
            outputs={**making.inputs, "region": making.region},
            provider_inputs=registration.provider_inputs,
        )
        # Why it could not be made tells more than why it could not be deleted.
        with contextlib.suppress(SandboxError):
            self.delete(stored)

    def read_noted(self, entry: Entry) -> Found | None:
        """Return what the ledger has noted as it is now, as :meth:`read` does of what a state remembers."""
        own: Mapping[str, str] = entry.inputs.get("tags", {})
        everything: Mapping[str, str] = entry.outputs.get("tagsAll", {})
        common = {key: value for key, value in everything.items() if key not in own}
        provider_inputs = {"region": entry.region, "defaultTags": {"tags": common}}
        stored = Stored(
            type=entry.type,
            name=entry.urn.rpartition("::")[2],
            id=entry.id,
            inputs=entry.inputs,
            outputs=entry.outputs,
            provider_inputs=provider_inputs,
        )
        return self.read(entry.type, entry.id, provider_inputs, stored=stored)

    def invoke(self, invocation: Invocation) -> Mapping[str, Any]:
        """Return the result of a provider function.

        Raises:
            FunctionError: for an unknown function, an unknown argument, or whatever the API refused.
        """
        function = FUNCTIONS.get(invocation.token)
        if function is None:
            result = computed(invocation)
            if result is None:
                raise FunctionError(invocation.token, "the embedded AWS has no row for this function")
            return result
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

    def update(self, stored: Stored, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Change the made resource to the new inputs and return the outputs that are new by it.

        Raises:
            SandboxError: for an unknown type, an input that cannot be changed, or whatever the API refused.
        """
        row = _row(stored.type)
        existing = self._existing(stored, row, inputs)
        outputs = changing.update(stored.type, existing, row)
        if row.keeps_tags:
            update_tags(stored.type, existing, tag_change(row))
        changed = {**_tags_output(existing), **outputs}
        self._renote(existing, stored, inputs, changed)
        return changed

    def _renote(
        self, existing: Existing, stored: Stored, inputs: Mapping[str, Any], changed: Mapping[str, Any]
    ) -> None:
        entry = self._noted(stored.type, existing.region, _key(stored))
        kept = {name: value for name, value in stored.outputs.items() if name not in stored.inputs.keys() - inputs}
        self._note(
            replace(stored, inputs=inputs, outputs={**kept, **inputs, **changed}),
            region=existing.region,
            urn="" if entry is None else entry.urn,
            secrets=() if entry is None else entry.secrets,
        )

    def check_update(self, stored: Stored, inputs: Mapping[str, Any]) -> None:
        """Raise what :meth:`update` would say of inputs that cannot be changed; no value is looked at."""
        row = _row(stored.type)
        changing.check(stored.type, self._existing(stored, row, inputs), row)

    def delete(self, stored: Stored) -> None:
        """Delete the made resource; one that is not there any more counts as deleted.

        Raises:
            SandboxError: for an unknown type, or whatever the API refused.
        """
        row = _row(stored.type)
        existing = self._existing(stored, row, stored.inputs)
        changing.delete(stored.type, existing, row)
        if self._ledger is not None:
            self._ledger.forget(stored.type, existing.region, _key(stored))

    def _existing(self, stored: Stored, row: Row | Irregular, inputs: Mapping[str, Any]) -> Existing:
        now, before = dict(inputs), dict(stored.inputs)
        before.pop("region", None)
        region = self._region_of(now, stored.provider_inputs) if row.service is not None else ""
        # What an earlier run made stays where it is, wherever the provider looks now.
        region = stored.outputs.get("region", region)
        tags = all_tags(row, inputs, stored.provider_inputs)
        for properties in (now, before):
            if is_taggable(row):
                properties.pop("tags", None)
            if row.name is not None:
                properties.pop(row.name.prefix_property or "", None)
                own_name = properties.get(row.name.property) or stored.outputs.get(row.name.property)
                if own_name is not None:
                    properties[row.name.property] = own_name
        return Existing(
            name=stored.name,
            inputs=now,
            old_inputs=before,
            outputs=stored.outputs,
            id=stored.id,
            result={},
            tags=tags,
            default_tags=default_tags(stored.provider_inputs) if is_taggable(row) else {},
            region=region,
            account_id=self._account_id,
            service=row.service,
            clients=self._clients,
        )

    def _making(self, registration: Registration, row: Row | Irregular) -> Making:
        inputs = dict(registration.inputs)
        # What no AWS service makes (a DNS record, a random value) belongs to no region.
        region = "" if row.service is None else self._region_of(inputs, registration.provider_inputs)
        if row.name is not None:
            fill_in_name(inputs, row.name, logical_name=registration.name)
        tags = all_tags(row, inputs, registration.provider_inputs)
        if is_taggable(row):
            inputs.pop("tags", None)
        return Making(
            name=registration.name,
            inputs=inputs,
            tags=tags,
            default_tags=default_tags(registration.provider_inputs) if is_taggable(row) else {},
            region=region,
            account_id=self._account_id,
            service=row.service,
            clients=self._clients,
            leave_out=self._leave_out,
        )

    def _region_of(self, inputs: dict[str, Any], provider_inputs: Mapping[str, Any]) -> str:
        region = inputs.pop("region", None) or provider_inputs.get("region") or self._region
        if region is None:
            raise SandboxError("neither the resource nor its provider names a region")
        return region


def all_tags(row: Row | Irregular, inputs: Mapping[str, Any], provider_inputs: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags that a resource with these inputs has: its provider's default ones and its own, which win.

    Raises:
        SandboxError: for what AWS takes as no tag, or more than it takes.
    """
    own: Mapping[str, str] = inputs.get("tags", {})
    tags = {**default_tags(provider_inputs), **own} if is_taggable(row) else {}
    if (excess := tag_excess(tags)) is not None:
        raise SandboxError(f"tags: {excess}")
    return tags


def _row(type_token: str) -> Row | Irregular:
    row = RESOURCES.get(type_token)
    if row is None:
        raise UnknownTypeError(type_token)
    return row


def _tags_output(making: Making) -> dict[str, Any]:
    return {} if making.service is None else {"region": making.region, "tagsAll": dict(making.tags)}


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
    outputs = _tags_output(making)
    if row.name is not None:
        outputs[row.name.property] = making.inputs[row.name.property]
    return outputs


def _key(stored: Stored) -> str:
    """Return the key of a resource in the ledger: what nothing here reads is found by the id of its import alone."""
    row = _row(stored.type)
    if stored.type in READS or row.import_id is None:
        return stored.id
    return reading.written(row.import_id, {**stored.outputs, "id": stored.id})
