"""Resources as a state remembers them, and as they are found again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.evaluate.backend import Created, Registration
from workbench.sandbox.making.table import ResourceRow, Row


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A resource as a state remembers it; all values plain."""

    type: str
    name: str
    """The logical name."""
    id: str
    inputs: Mapping[str, Any] = field(repr=False)
    """The inputs that it was last made or changed with."""
    outputs: Mapping[str, Any] = field(repr=False)
    """Every property, the inputs among them."""
    provider_inputs: Mapping[str, Any] = field(repr=False)
    """The inputs of the provider that it belongs to now."""

    @classmethod
    def just_made(cls, registration: Registration, created: Created) -> "Stored":
        """Return a resource as a state remembers it once it is made."""
        return cls(
            type=registration.type,
            name=registration.name,
            id=created.id,
            inputs=registration.inputs,
            outputs={**registration.inputs, **created.outputs},
            provider_inputs=registration.provider_inputs,
        )


@dataclass(frozen=True, kw_only=True)
class Found:
    """A resource that was read; all values plain."""

    id: str
    inputs: Mapping[str, Any] = field(repr=False)
    outputs: Mapping[str, Any] = field(repr=False)
    """Every property, the inputs among them."""
    secrets: frozenset[str] = frozenset()
    """The properties that are secret."""


def default_tags(provider_inputs: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags that an aws provider puts on everything it makes; nested provider inputs arrive as JSON text."""
    configured: Any = provider_inputs.get("defaultTags", {})
    return dict((json.loads(configured) if isinstance(configured, str) else configured).get("tags", {}))


def is_taggable(row: ResourceRow) -> bool:
    """Tell whether resources of the type have tags."""
    return row.tags is not None if isinstance(row, Row) else row.taggable
