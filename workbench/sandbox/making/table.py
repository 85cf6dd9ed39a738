"""The vocabulary of the resource table, whose rows say how one resource type each is made.

A row is data. A regular type is described by names alone; an irregular one names the few functions that know better.
The same rows serve every way in, which is why nothing in here knows about Pulumi's engine or the evaluation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from workbench.sandbox.making.making import Existing, Made, Making
from workbench.sandbox.making.tagging import TagChange

Parameters: TypeAlias = Mapping[str, Any]
Outputs: TypeAlias = Mapping[str, Any]

PROVIDERS_DESCRIPTION = "Managed by Pulumi"
"""The description that the provider sends where an API wants one and the program gives none."""


@dataclass(frozen=True, kw_only=True)
class AutoName:
    """The provider's rule for the name of a resource without one: ``<logical name>-<7 hex digits>``."""

    property: str = "name"
    prefix_property: str | None = "namePrefix"
    """The input that replaces the logical name as the beginning; None for a type without one."""
    limit: int = 255
    """The longest name that the service takes, in characters."""
    lower: bool = False
    """True for a service that takes lower case only."""


@dataclass(frozen=True, kw_only=True)
class Tags:
    """The member in which an operation takes tags, as a list of keys and values or a map: its own model says which."""

    member: str = "Tags"
    resource_type: str | None = None
    """EC2 alone: the resource type in ``TagSpecifications``."""


@dataclass(frozen=True, kw_only=True)
class Delete:
    """The one operation that deletes a resource. An answer that it is not there counts as done."""

    operation: str
    """boto3's name of the method, e.g. ``delete_vpc``."""
    parameters: Mapping[str, str]
    """API member -> where its value comes from: ``id``, or a property of the state (an input or an output), dotted to
    go deeper. A property that the state lacks is left out; one value stands for a list of one."""
    service: str | None = None
    """boto3's name of the service when it is not the row's."""
    constants: Parameters = field(default_factory=dict[str, Any])
    """Parameters that are always sent, in the API's own form."""


@dataclass(frozen=True, kw_only=True)
class Update:
    """The operation that changes a resource, called once with all changed inputs that name an equal one.

    The inputs are mapped as they are on creation: by name, along ``renames`` and through ``into``. An input that the
    program does not give any more is an error unless it is one of ``always``: only a function can say what its absence
    means to the API.
    """

    operation: str
    """boto3's name of the method, e.g. ``modify_db_cluster``."""
    parameters: Mapping[str, str]
    """The parameters that identify the resource, as in :class:`Delete`."""
    renames: Mapping[str, str] = field(default_factory=dict[str, str])
    """As in :class:`Row`, for what this operation names otherwise than the one that makes it; they win."""
    service: str | None = None
    """boto3's name of the service when it is not the row's."""
    always: tuple[str, ...] = ()
    """Inputs that are sent along even if unchanged, to an API that wants the whole; left out where not given, which
    takes away one that was given before."""
    constants: Parameters = field(default_factory=dict[str, Any])
    """Parameters that are always sent, in the API's own form."""


Source: TypeAlias = str | Callable[[Existing], Any]
"""A JMESPath into what is described, or a function of it, which finds it as ``result``."""


@dataclass(frozen=True, kw_only=True)
class Read:
    """The operation that describes a made resource, and the way back from its answer to the provider's properties.

    A property is looked for under the member of its own name (without regard to case), or along the row's ``renames``
    backwards. What the answer does not hold is left as it was made. An answer that the resource is not there, or one
    without the structure, means that it is gone.
    """

    operation: str
    """boto3's name of the method, e.g. ``describe_vpcs``."""
    parameters: Mapping[str, str]
    """The parameters that identify the resource, as in :class:`Delete`; on import a property is a part of the id."""
    result: Source
    """The described structure: a JMESPath into the answer, or a function of the whole answer."""
    id: Source | None = None
    """The provider's id in what is described, where it is not that by which it was asked for."""
    renames: Mapping[str, str] = field(default_factory=dict[str, str])
    """As in :class:`Row`, for what the answer names otherwise than the operation that makes it; they win."""
    named: Mapping[str, Source] = field(default_factory=dict[str, Source])
    """Property -> where its value is, for what no rename can say. What answers None was not read."""
    unread: tuple[str, ...] = ()
    """Properties that the answer has another meaning for, or moto another value."""
    tags: Source | None = None
    """The tags, as a map or a list of keys and values; None: ``Tags``, ``tags`` or ``TagList``."""
    unchanging: bool = False
    """True for what nobody can change once it is made, but its tags: its properties are only read of what somebody else
    made, and of anything else whether it is there."""
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Inputs that say nothing when they have this value: they are no inputs of what somebody else made."""
    secrets: frozenset[str] = frozenset()
    """The properties of what somebody else made that are secret, further ones than those of the row."""
    outputs: Mapping[str, Source] = field(default_factory=dict[str, Source])
    """Outputs of what somebody else made, further ones than those of the row; they win."""
    finish: Callable[[Existing], Outputs] | None = None
    """Returns outputs of what somebody else made that take calls of their own."""
    service: str | None = None
    """boto3's name of the service when it is not the row's."""
    constants: Parameters = field(default_factory=dict[str, Any])
    """Parameters that are always sent, in the API's own form."""


Deletion: TypeAlias = Delete | Callable[[Existing], None]
Change: TypeAlias = Update | Callable[[Existing, Any], Outputs | None]
"""A function is called once per changed input, with the new value, or None when the program gives it no more; what it
returns joins the outputs."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A resource type that is made by one operation and, where need be, a few that follow.

    Every input must go somewhere: to the member of its own name (found without regard to case), along ``renames``,
    through ``into`` or ``then``, or into ``dropped`` with the reason. Any other input is an error.
    """

    service: str
    """boto3's name of the service."""
    operation: str
    """boto3's name of the method, e.g. ``create_vpc``."""
    id: str | Callable[[Made], str]
    """The provider's id of the resource: a JMESPath into the response, or a function."""
    result: str = "@"
    """JMESPath of the structure in the response whose members become outputs where the type has one of that name and
    kind: scalars and lists of scalars."""
    renames: Mapping[str, str] = field(default_factory=dict[str, str])
    """Input path -> member path. Left: dotted, list positions left out (``rules.id``). Right: relative to the structure
    that the input stands in, dotted to go deeper (``LifecycleConfiguration.Rules``); ``.`` when the API has the members
    of this structure in the one around it (``{"healthCheck": ".", "healthCheck.path": "HealthCheckPath"}``)."""
    into: Mapping[str, Callable[[Making, Any], Parameters]] = field(
        default_factory=dict[str, Callable[[Making, Any], Parameters]]
    )
    """Input -> function that turns its value into parameters in the API's own form."""
    then: Mapping[str, Callable[[Made, Any], None]] = field(default_factory=dict[str, Callable[[Made, Any], None]])
    """Input -> step that sets it on the made resource, in this order; not run for an input that is left out."""
    finish: Callable[[Made], Outputs] | None = None
    """Last step, always run; what it returns joins the outputs."""
    parameters: Parameters = field(default_factory=dict[str, Any])
    """Parameters that are always sent."""
    dropped: Mapping[str, str] = field(default_factory=dict[str, str])
    """Input path -> why it goes nowhere."""
    name: AutoName | None = None
    tags: Tags | None = None
    tag_change: TagChange | None = None
    """The change of its tags, where it is not that of its service's other types."""
    keeps_tags: bool = True
    """False where moto loses its tags: a change of them goes nowhere, and ``not_emulated`` says so."""
    outputs: Mapping[str, str | Callable[[Made], Any]] = field(default_factory=dict[str, str | Callable[[Made], Any]])
    """Further outputs: a JMESPath into ``result``, or a function. They win over what is found by name."""
    secret_outputs: frozenset[str] = frozenset()
    delete: Deletion | None = None
    """The way to delete it; None when it goes with something else or stays: see ``deleted_with``."""
    deleted_with: str | None = None
    """For a type without a ``delete``: the thing that it goes with, or the reason why it stays (``the VPC``)."""
    update: Mapping[str, Change] = field(default_factory=dict[str, Change])
    """Input -> how its new value reaches the made resource. An input of ``then`` needs none: its step runs again; tags
    are updated for all types alike."""
    import_id: str | None = "{id}"
    """The form of the id by which the provider imports it, each ``{property}`` a part, and ``{property...}`` one that
    may hold what separates the parts; None: it cannot be imported."""
    not_emulated: tuple[str, ...] = ()
    """The differences from AWS that an operator would notice, a sentence each; docs/sandbox.md lists them all."""


@dataclass(frozen=True, kw_only=True)
class Irregular:
    """A resource type that no single operation makes."""

    make: Callable[[Making], tuple[str, Outputs]]
    """Returns the id and the outputs."""
    service: str | None
    """boto3's name of the service that :meth:`Making.call` calls; None for what is answered without one."""
    handles: frozenset[str]
    """Every input that the function reads."""
    dropped: Mapping[str, str] = field(default_factory=dict[str, str])
    name: AutoName | None = None
    taggable: bool = False
    tag_change: TagChange | None = None
    """The change of its tags, where it is not that of its service's other types."""
    keeps_tags: bool = True
    """False where moto loses its tags: a change of them goes nowhere, and ``not_emulated`` says so."""
    secret_outputs: frozenset[str] = frozenset()
    delete: Deletion | None = None
    """The way to delete it; None when it goes with something else or stays: see ``deleted_with``."""
    deleted_with: str | None = None
    """For a type without a ``delete``: the thing that it goes with, or the reason why it stays (``the VPC``)."""
    update: Mapping[str, Change] = field(default_factory=dict[str, Change])
    """Input -> how its new value reaches the made resource; tags are updated for all types alike."""
    import_id: str | None = "{id}"
    """The form of the id by which the provider imports it, each ``{property}`` a part, and ``{property...}`` one that
    may hold what separates the parts; None: it cannot be imported."""
    not_emulated: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Function:
    """A provider function (an invoke)."""

    service: str | None
    answer: Callable[[Making], Outputs]
    """Returns the function's result, in the provider's own property names."""
    handles: frozenset[str] = frozenset()
    """Every argument that the function reads."""


ResourceRow: TypeAlias = Row | Irregular
