"""The edit of ``__defaults``: which names in a Pulumi state are Pulumi's own.

The bridge notes in an input ``__defaults`` which of a resource's inputs it made up itself, and makes up the same again.
An import notes none (``pkg/tfbridge/schema.go`` of pulumi-terraform-bridge), so that every name that the program leaves
out would be made anew, which replaces the resource. Pure functions on what ``pulumi stack export`` prints.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import OperatorError

DEFAULTS = "__defaults"


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One name that is to be kept."""

    urn: str
    property: str
    value: str


def name_of(urn: str) -> str:
    """Return the logical name in a URN."""
    return urn.rpartition("::")[2]


def edits_as_json(edits: Sequence[Edit]) -> list[dict[str, str]]:
    """Return edits as the folder keeps them."""
    return [vars(edit) for edit in edits]


def edits_from_json(found: Sequence[Mapping[str, str]]) -> list[Edit]:
    """Return the edits that a folder keeps."""
    return [Edit(urn=one["urn"], property=one["property"], value=one["value"]) for one in found]


def edited(exported: Mapping[str, Any], edits: Sequence[Edit], *, source: str) -> dict[str, Any]:
    """Return an exported stack with the edits made. What is edited already stays as it is.

    Raises:
        OperatorError: when it is no exported stack, or a resource is not in it, or has another name.
    """
    document = copy.deepcopy(dict(exported))
    resources = {resource["urn"]: resource for resource in resources_of(document, source=source)}
    problems: list[str] = []
    for edit in edits:
        resource = resources.get(edit.urn)
        if resource is None:
            problems.append(f"{source}: {name_of(edit.urn)}: not imported yet; the import comes before this edit")
            continue
        inputs = resource.setdefault("inputs", {})
        if inputs.setdefault(edit.property, edit.value) != edit.value:
            where = f"{source}: {name_of(edit.urn)}: {edit.property}"
            problems.append(f"{where}: came {inputs[edit.property]}; {edit.value} is required")
            continue
        noted = inputs.setdefault(DEFAULTS, [])
        if edit.property not in noted:
            noted.append(edit.property)
    if problems:
        raise OperatorError(*problems)
    return document


def missing(exported: Mapping[str, Any], edits: Sequence[Edit], *, source: str) -> list[Edit]:
    """Return the edits that are still to be made."""
    inputs = {one["urn"]: one.get("inputs", {}) for one in resources_of(exported, source=source)}
    return [edit for edit in edits if edit.urn in inputs and edit.property not in inputs[edit.urn].get(DEFAULTS, ())]


def resources_of(exported: Mapping[str, Any], *, source: str) -> list[dict[str, Any]]:
    """Return the resources of an exported stack.

    Raises:
        OperatorError: when it is none.
    """
    deployment = exported.get("deployment")
    if not isinstance(deployment, dict):
        raise OperatorError(f"{source}: no exported stack; `pulumi stack export --stack STACK` prints one")
    return deployment.get("resources") or []  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
