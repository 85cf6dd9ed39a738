"""Entries of ``adopted.STACK.yaml`` that would keep what the first update replaces, for a person to decide on."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ruamel.yaml import YAML

from workbench.adopt.first_up.judge import Fate, FirstUp, Judged, copy_of
from workbench.adopt.model import Matching, Pair
from workbench.review.difference.lines import value_text

_MOST_TOLD = 3


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One entry."""

    resource: str
    properties: tuple[str, ...]
    reason: str


def suggested(first_up: FirstUp) -> list[Kept]:
    """Return an entry for each resource that something of its own replaces, and not only what follows from another."""
    return [
        Kept(resource=judged.resource.name, properties=own, reason=_reason(judged, own))
        for fate in (Fate.REPLACED, Fate.REFUSED)
        for judged in first_up.of(fate)
        if judged.address is not None and (own := _own(judged))
    ]


def ignoring(matching: Matching, entries: Sequence[Kept]) -> Matching:
    """Return a matching whose resources ignore what the entries name, as the program will."""
    ignored = {entry.resource: entry.properties for entry in entries}

    def obeying(pair: Pair) -> Pair:
        resource = pair.resource
        also = ignored.get(resource.name, ())
        ignore_changes = [*resource.ignore_changes, *also]
        return replace(pair, resource=copy_of(resource, ignore_changes=ignore_changes)) if also else pair

    return replace(matching, matched=[obeying(pair) for pair in matching.matched])


def with_entries(text: str | None, entries: Sequence[Kept]) -> str:
    """Return a file's text with entries added, and its comments as they were; None: there is no file yet."""
    yaml: Any = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    document: Any = yaml.load(text) if text else None
    document = [] if document is None else document
    present = {one["resource"]: one for one in document}
    for entry in entries:
        one = present.get(entry.resource)
        if one is None:
            document.append({"resource": entry.resource, "properties": list(entry.properties), "reason": entry.reason})
        else:
            one["properties"] += [path for path in entry.properties if path not in one["properties"]]
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def entries_as_json(entries: Sequence[Kept]) -> list[Mapping[str, Any]]:
    """Return entries as JSON objects."""
    return [{**vars(entry), "properties": list(entry.properties)} for entry in entries]


def _own(judged: Judged) -> tuple[str, ...]:
    """Return the inputs that replace the resource by themselves; a structure is ignored as a whole."""
    return tuple(dict.fromkeys(change.top for change in judged.properties if change.replaces and not change.follows))


def _reason(judged: Judged, own: Sequence[str]) -> str:
    changes = [change for change in judged.properties if change.replaces and not change.follows]
    found = ", ".join(
        f"without {change.path}" if change.old is None else f"with {change.path} {value_text(change.old)}"
        for change in changes[:_MOST_TOLD]
    )
    return f"Terraform made it {found}; only a new resource could have another {' or '.join(own)}."
