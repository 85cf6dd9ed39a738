"""The import file of ``zelly adopt``, made without the engine, beside the one that the engine writes."""

import json
from typing import Any

from tests.zelly_infra.engine.conftest import Deployed
from tests.zelly_infra.evaluations import evaluation_of
from workbench.adopt.folder.import_file import import_file
from workbench.adopt.model import Instance, Pair, Translated
from workbench.review.plan_document import PlannedResource, document

_PLACEHOLDER = "<PLACEHOLDER>"
_PROVIDER = "pulumi:providers:aws"
_LABELS = ("name", "logicalName", "inputs", "outputs")


def _pair(resource: PlannedResource) -> Pair:
    found = Translated(
        instance=Instance(address=resource.name, type="", attributes={}), type=resource.type, properties={}
    )
    return Pair(resource=resource, found=found, id=_PLACEHOLDER, proof="")


def _identified(entries: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return entries by type and logical name; of two that share a name the engine renames whichever comes last."""
    own = {entry["name"]: (entry["type"], entry.get("logicalName", entry["name"])) for entry in entries}
    return {
        own[entry["name"]]: {
            key: own[value] if key in ("parent", "provider") else value
            for key, value in entry.items()
            if key not in _LABELS
        }
        for entry in entries
    }


def _with_children(entries: dict[tuple[str, str], dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Leave out the components in which nothing is made."""
    parents = {entry.get("parent") for entry in entries.values()}
    return {name: entry for name, entry in entries.items() if not entry.get("component") or name in parents}


def test_import_file_is_the_engines(deployed: Deployed) -> None:
    plan = document(evaluation_of(deployed.stack.name), deployed.stack.region)
    pairs = [_pair(one) for one in plan.resources if one.custom and not one.type.startswith("pulumi:")]
    own = import_file(plan, pairs)["resources"]
    engines = json.loads(deployed.import_file.read_text())["resources"]
    assert _identified(own) == _with_children(_identified(engines))
    (mine,), (theirs,) = ([entry for entry in file if entry["type"] == _PROVIDER] for file in (own, engines))
    assert mine["inputs"].keys() | {"__internal"} == theirs["inputs"].keys()
    assert (mine["inputs"]["region"], mine["inputs"]["version"]) == (
        theirs["inputs"]["region"],
        theirs["inputs"]["version"],
    )
