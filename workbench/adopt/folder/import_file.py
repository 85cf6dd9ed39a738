"""The file of ``pulumi import --file``: everything that is proved, with components and providers.

It has the form that ``pulumi preview --import-file`` writes (pulumi/pulumi ``pkg/cmd/pulumi/operations/preview.go``,
``buildImportFile``), of which only the ids are missing there. A resource with ``outputs`` is taken from them, without
asking its provider (``pkg/resource/deploy/step.go``, ``ImportStep.Apply``).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from workbench.adopt.first_up.input_only import NEVER_READ
from workbench.adopt.first_up.known import Known
from workbench.adopt.model import Pair
from workbench.evaluate import secret_values
from workbench.review.plan_document import PlanDocument, PlannedResource

SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (no secret: how one is marked)
"""What is no plain value, and of that a secret (``sdk/go/common/resource/sig``)."""

_PROVIDER_PREFIX = "pulumi:providers:"
_STACK = "pulumi:pulumi:Stack"

Entry = dict[str, Any]

FROM_STATE: Mapping[str, frozenset[str]] = {
    "random:index/randomPassword:RandomPassword": frozenset({"result", "bcryptHash"}),
    "random:index/randomBytes:RandomBytes": frozenset({"base64", "hex"}),
    "aws:acm/certificateValidation:CertificateValidation": frozenset(),
    "aws:ec2/eipAssociation:EipAssociation": frozenset(),
    "aws:secretsmanager/secretVersion:SecretVersion": frozenset({"secretString", "secretBinary"}),
}
"""Types that are imported with the state's values, and which of those are secret: what no provider can read (the random
ones, by id ``none``; a validation has no importer), what it does not read and would replace (``allowReassociation`` of
an association), or what has to stay marked as secret."""


def import_file(
    plan: PlanDocument, pairs: Sequence[Pair], *, plain: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """Return the import file as a JSON object. It holds secrets in plain text.

    ``plain`` has the program's inputs by URN with their secrets, for what is imported with the state's values.
    """
    by_urn = {pair.resource.urn: pair for pair in pairs}
    wanted = _with_parents(plan, by_urn)
    names = _file_names(plan, wanted)
    known = Known(pairs, {resource.name for resource in plan.resources})
    entries = [
        _entry(resource, by_urn.get(resource.urn), names, known, (plain or {}).get(resource.urn, resource.inputs))
        for resource in wanted
    ]
    return {"nameTable": {}, "resources": entries}


def secret(value: Any) -> dict[str, str]:
    """Return a value marked as secret, in the form that the CLI takes: it encrypts it for the stack."""
    return {SIGNATURE: _SECRET, "plaintext": json.dumps(value)}


def _with_parents(plan: PlanDocument, pairs: Mapping[str, Pair]) -> list[PlannedResource]:
    """Return the resources with the components that they stand in and the providers that they name, parents first."""
    needed: set[str] = set()
    for urn in pairs:
        waiting: str | None = urn
        while waiting is not None and waiting not in needed and waiting in plan.by_urn:
            needed.add(waiting)
            provider = plan.by_urn[waiting].provider
            needed |= {provider} if provider is not None and provider in plan.by_urn else set()
            waiting = plan.by_urn[waiting].parent
    found = [plan.by_urn[urn] for urn in needed if plan.by_urn[urn].type != _STACK]
    return sorted(found, key=lambda one: (not one.type.startswith(_PROVIDER_PREFIX), len(_parents(plan, one)), one.urn))


def _parents(plan: PlanDocument, resource: PlannedResource) -> list[str]:
    found: list[str] = []
    while resource.parent is not None and resource.parent in plan.by_urn:
        found.append(resource.parent)
        resource = plan.by_urn[resource.parent]
    return found


def _file_names(plan: PlanDocument, wanted: Iterable[PlannedResource]) -> Mapping[str, str]:
    """Return each resource's name within the file, by URN: with its type behind it where another one has it already."""
    taken = {resource.name for resource in plan.resources if resource.type == _STACK}
    names: dict[str, str] = {}
    for resource in wanted:
        name = resource.name
        if name in taken:
            kind = resource.type.rpartition(":")[2]
            name = base = f"{name}{kind[:1].upper()}{kind[1:]}"
            number = 2
            while name in taken:
                name, number = f"{base}{number}", number + 1
        taken.add(name)
        names[resource.urn] = name
    return names


def _entry(
    resource: PlannedResource,
    pair: Pair | None,
    names: Mapping[str, str],
    known: Known,
    plain: Mapping[str, Any],
) -> Entry:
    name = names[resource.urn]
    entry: Entry = {"type": resource.type, "name": name}
    if name != resource.name:
        entry["logicalName"] = resource.name
    for field, urn in (("parent", resource.parent), ("provider", resource.provider)):
        if urn is not None and urn in names:
            entry[field] = names[urn]
    if pair is not None:
        return {**entry, "id": pair.id, **_version(resource), **dict(_given(pair, known, plain))}
    if resource.custom:
        return {**entry, "inputs": {**plain, **_version(resource)}}
    return {**entry, "component": True}


def _version(resource: PlannedResource) -> dict[str, str]:
    """Return the version of the SDK, which the program asks its provider for."""
    package = resource.type.removeprefix(_PROVIDER_PREFIX).partition(":")[0]
    try:
        return {"version": version(f"pulumi-{package}")}
    except PackageNotFoundError:
        return {}


def _given(pair: Pair, known: Known, plain: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the inputs and outputs that the file gives a resource, secrets marked."""
    hidden = FROM_STATE.get(pair.resource.type)
    if hidden is not None:
        inputs = dict(_inputs(pair, known, plain))
        yield "inputs", _marked(inputs, hidden)
        yield "outputs", _marked({**_held(pair), **inputs, "id": pair.id}, hidden)
        return
    never_read = NEVER_READ.get(pair.resource.type, frozenset())
    held = {name: pair.found.properties.get(name) for name in sorted(never_read)}
    if given := {name: secret(value) for name, value in held.items() if value}:
        yield "inputs", given


def _inputs(pair: Pair, known: Known, plain: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the inputs: what the program gives, as the state has it where AWS has it."""
    is_made_up = pair.resource.type.startswith("random:")
    for name, value in plain.items():
        held = pair.found.properties.get(name)
        # A generator's settings are the program's: with others the value would be made anew.
        if held is not None and not is_made_up:
            yield name, held
        elif is_made_up:
            yield name, value
        elif not _is_open(filled := known.filled(value)):
            yield name, filled


def _is_open(value: Any) -> bool:
    return "${" in json.dumps(value) or secret_values.MASK in json.dumps(value)


def _held(pair: Pair) -> Mapping[str, Any]:
    return {name: value for name, value in pair.found.properties.items() if value is not None}


def _marked(values: Mapping[str, Any], hidden: Iterable[str]) -> dict[str, Any]:
    return {name: secret(value) if name in set(hidden) else value for name, value in values.items()}
