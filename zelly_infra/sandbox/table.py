"""The vocabulary of the resource table: what a row says about how one resource type is made.

A row is data. A regular type is described by names alone; an irregular one names the few functions that know better.
The same rows serve every way in, which is why nothing in here knows about Pulumi's engine or the evaluation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from zelly_infra.sandbox.making import Made, Making

Parameters: TypeAlias = Mapping[str, Any]
Outputs: TypeAlias = Mapping[str, Any]

PROVIDERS_DESCRIPTION = "Managed by Pulumi"
"""What the provider sends where an API wants a description and the program gives none."""


@dataclass(frozen=True, kw_only=True)
class AutoName:
    """How the provider names a resource whose name is left out: ``<logical name>-<7 hex digits>``."""

    property: str = "name"
    prefix_property: str | None = "namePrefix"
    """The input that replaces the logical name as the beginning; None for a type without one."""
    limit: int = 255
    """The longest name that the service takes, in characters."""
    lower: bool = False
    """Whether the service takes lower case only."""


@dataclass(frozen=True, kw_only=True)
class Tags:
    """Where an operation takes tags. A list of keys and values, or a map, is read off the operation's own model."""

    member: str = "Tags"
    resource_type: str | None = None
    """EC2 alone: the resource type in ``TagSpecifications``."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """How a resource type is made by one operation and, where need be, a few that follow.

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
    outputs: Mapping[str, str | Callable[[Made], Any]] = field(default_factory=dict[str, str | Callable[[Made], Any]])
    """Further outputs: a JMESPath into ``result``, or a function. They win over what is found by name."""
    secret_outputs: frozenset[str] = frozenset()
    not_emulated: tuple[str, ...] = ()
    """What an operator would miss, one sentence each; docs/sandbox.md lists them all."""


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
    secret_outputs: frozenset[str] = frozenset()
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
