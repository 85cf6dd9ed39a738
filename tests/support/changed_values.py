"""Values of a stack file, changed for a test."""

from collections.abc import Mapping
from typing import Any

REMOVED: Any = object()
"""Stands for the absence of a value."""


def with_changes(environment: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Set each path to its value, ``services/web/minimum_tasks`` for one; :data:`REMOVED` takes it out."""
    for path, value in changes.items():
        *parents, last = path.split("/")
        target: Any = environment
        for part in parents:
            target = target[int(part) if isinstance(target, list) else part]
        if value is REMOVED:
            del target[last]
        else:
            target[last] = value
    return environment
