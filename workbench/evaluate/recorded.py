"""Records of an evaluation: a resource, and one that could not be made."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class RecordedResource:
    """One resource as the program registered it.

    ``inputs`` stand in the provider's own property names, every secret as ``"[secret]"``.
    """

    urn: str
    type: str
    name: str
    parent: str | None
    inputs: dict[str, Any]
    plain_inputs: dict[str, Any] = field(repr=False)
    """The inputs with their secrets in plain text, for a backend and for tests of what is secret; never printed."""
    depends_on: tuple[str, ...]
    protect: bool
    ignore_changes: tuple[str, ...]
    retain_on_delete: bool
    delete_before_replace: bool
    replacement_trigger: Any
    """The value whose change replaces the resource (the option of that name); None without it."""
    plain_replacement_trigger: Any = field(repr=False)
    """The same with its secrets in plain text; never printed."""
    custom: bool
    property_dependencies: dict[str, tuple[str, ...]]
    """By input, the URNs of the resources whose outputs its value was made from; inputs without any are left out."""
    aliases: tuple[str, ...]
    """The URNs that it may have had before: by an ``Alias`` of its own or of a component that it is in."""
    provider: str | None
    """The URN of the explicit provider that it belongs to."""
    replace_on_changes: tuple[str, ...]
    """Property paths whose change replaces it whatever its provider says (the option of that name)."""


@dataclass(frozen=True, kw_only=True)
class ResourceFailure:
    """A resource that could not be made, and why; ``skipped`` when only one that it depends on failed."""

    urn: str
    type: str
    name: str
    error: str
    skipped: bool = False
