"""Creation times of resources: typical seconds by type, from ``creation_times.json`` beside this module.

The table says of each number where it comes from and how far it is to be trusted; its ``_meta`` says how it was made.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from workbench.evaluate import RecordedResource

Confidence: TypeAlias = Literal["log", "log-thin", "derived", "memory", "default", "none needed"]

_TABLE = Path(__file__).with_name("creation_times.json")

CONFIDENCES: Mapping[Confidence, str] = {
    "log": "three logs or more",
    "log-thin": "one or two logs",
    "derived": "derived from a like type",
    "memory": "unverified",
    "default": "type not listed: one quick request assumed",
    "none needed": "not made by AWS",
}
"""The marks in words."""


@dataclass(frozen=True, kw_only=True)
class CreationTime:
    """The time from the beginning of a resource's creation until its dependents can begin."""

    seconds: float
    confidence: Confidence


def creation_time(resource: RecordedResource) -> CreationTime:
    """Return a resource's typical time. Components and providers take none; an unlisted type takes the default.

    ``waitForSteadyState`` and other inputs that make a type slower or quicker have entries of their own in the table.
    """
    if not resource.custom or resource.type.startswith("pulumi:"):
        return CreationTime(seconds=0, confidence="none needed")
    for entry in _entries().get(resource.type, ()):
        if entry.get("when", {}).items() <= resource.inputs.items():
            return CreationTime(seconds=entry["seconds"], confidence=entry["confidence"])
    return CreationTime(seconds=_table()["default_seconds"], confidence="default")


@functools.cache
def _entries() -> Mapping[str, list[Mapping[str, Any]]]:
    by_type: dict[str, list[Mapping[str, Any]]] = {}
    for entry in _table()["types"]:
        by_type.setdefault(entry["type"], []).append(entry)
    return by_type


@functools.cache
def _table() -> Mapping[str, Any]:
    return json.loads(_TABLE.read_text(encoding="utf-8"))
