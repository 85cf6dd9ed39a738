"""The object that carries all that the sandbox knows of one AWS service."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.sandbox.making.table import Function, Read, ResourceRow
from workbench.sandbox.making.tagging import TagChange


@dataclass(frozen=True, kw_only=True)
class Service:
    """One AWS service, or a provider that is answered without AWS."""

    resources: Mapping[str, ResourceRow] = field(default_factory=dict[str, ResourceRow])
    """Type token -> how it is made, changed and deleted."""
    reads: Mapping[str, Read] = field(default_factory=dict[str, Read])
    """Type token -> how it is read; of any other type what was made of it is all that is known."""
    functions: Mapping[str, Function] = field(default_factory=dict[str, Function])
    """Function token -> how it is answered."""
    tagging: Mapping[str, TagChange] = field(default_factory=dict[str, TagChange])
    """boto3's name of the service -> how the tags of its resources are changed; a row may know better."""
    supplement: str | None = None
    """The module whose ``SUPPLEMENT`` says what is added to moto. A name, since only the server imports moto."""
