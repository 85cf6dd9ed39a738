"""The rest of an import that stopped half-way.

The same file goes on only where a resource's id is what it was imported by; of any other, such as a service of ECS, the
engine says that it exists already (``pkg/resource/deploy/import.go`` of pulumi/pulumi). Pure functions on JSON.
"""

from collections.abc import Mapping
from typing import Any

from workbench.adopt.folder.defaults import resources_of

_STACK = "pulumi:pulumi:Stack"


def rest(imported: Mapping[str, Any], exported: Mapping[str, Any], *, source: str) -> dict[str, Any]:
    """Return the import file without what an exported stack has already.

    What is left names its parents and providers that are there by their URNs.

    Raises:
        OperatorError: when it is no exported stack.
    """
    present = {one["urn"] for one in resources_of(exported, source=source)}
    head = next((urn for urn in present if urn.split("::")[2] == _STACK), None)
    if head is None:
        return dict(imported)
    entries = {entry["name"]: entry for entry in imported["resources"]}
    urns = {name: _urn(entry, entries, "::".join(head.split("::")[:2])) for name, entry in entries.items()}
    left = [entry for entry in imported["resources"] if urns[entry["name"]] not in present]
    named = {entry[role] for entry in left for role in ("parent", "provider") if role in entry}
    there = {name: urns[name] for name in sorted(named) if urns[name] in present}
    return {"nameTable": {**imported.get("nameTable", {}), **there}, "resources": left}


def _urn(entry: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]], head: str) -> str:
    return f"{head}::{_qualified(entry, entries)}::{entry.get('logicalName', entry['name'])}"


def _qualified(entry: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the types of a resource and of all that it stands in, as a URN has them."""
    parent = entries.get(entry.get("parent", ""))
    return entry["type"] if parent is None else f"{_qualified(parent, entries)}${entry['type']}"
