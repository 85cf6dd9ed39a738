"""Drift in the embedded AWS without Pulumi: what was made there, against what the same readings find now.

The ledger takes the place of the state: it knows the ids, and the values that the plan does not know yet.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from workbench.operations.drift.reading import Nothing, Read, Wanted, ignored_inputs, is_unknown, look_at
from workbench.operations.readings import Unread
from workbench.sandbox.errors import SandboxError
from workbench.sandbox.ledger import Entry
from workbench.sandbox.making.reading import overlaid
from workbench.sandbox.services import READS

if TYPE_CHECKING:
    from workbench.sandbox.backend import EmbeddedBackend
    from workbench.sandbox.stored import Found

_SECRET = "[secret]"  # noqa: S105 (what stands in its place)


def read(wanted: Iterable[Wanted], entries: Iterable[Entry], backend: "EmbeddedBackend") -> Read:
    """Look at every resource of the plan that was made in the embedded AWS."""
    made = {entry.urn: entry for entry in entries}

    def look(resource: Wanted) -> Mapping[str, Any] | Unread | Nothing:
        entry = made.get(resource.urn)
        if resource.type not in READS:
            return Nothing.NOT_COMPARED
        try:
            found = None if entry is None else backend.read_noted(entry)
        except SandboxError as error:
            return Unread(f"{resource.urn.rpartition('::')[2]}: {error}")
        return Nothing.ABSENT if entry is None or found is None else _differences(resource, entry, found)

    return look_at(wanted, look)


def _differences(resource: Wanted, entry: Entry, found: "Found") -> Mapping[str, Any]:
    """Return what AWS has in the place of each input that differs from what the program gives."""
    ignored = ignored_inputs(resource)
    # What the plan does not know yet is what it was made of.
    known = {
        name: entry.inputs[name] if is_unknown(value) else value
        for name, value in resource.inputs.items()
        if name not in ignored and (name in entry.inputs or not is_unknown(value))
    }
    now = overlaid(resource.type, known, found.inputs)
    tags: Mapping[str, str] = found.inputs.get("tags", {})
    added = {"tags": tags} if "tags" not in known and tags != entry.inputs.get("tags", {}) else {}
    other = {name: value for name, value in now.items() if value != known[name]} | added
    return {name: _SECRET if name in entry.secrets else value for name, value in other.items()}
