"""The interface of what answers a program's registrations and invokes in the place of the cloud."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class Registration:
    """One custom resource that the program registered, or with ``read_id`` asked to be read (``Resource.get``)."""

    urn: str
    type: str
    name: str
    inputs: Mapping[str, Any] = field(repr=False)
    """In the provider's own property names, secrets in plain text: never log or record them."""
    provider_inputs: Mapping[str, Any] = field(repr=False)
    """The inputs of the explicit provider the resource belongs to (region, default tags); empty without one."""
    read_id: str | None = None
    secret_inputs: frozenset[str] = frozenset()
    """The inputs in which a secret stands."""


@dataclass(frozen=True, kw_only=True)
class Created:
    """A backend's answer: the physical id and the outputs beyond the echoed inputs."""

    id: str
    outputs: Mapping[str, Any] = field(repr=False, default_factory=dict[str, Any])
    secret_outputs: frozenset[str] = frozenset()
    """Output properties that are secret although no secret went in (a random password)."""
    stand_ins: Mapping[str, str] = field(repr=False, default_factory=dict[str, str])
    """Texts that the program computes with where nobody knows the value yet -> the placeholders that a record shows in
    their place: an invented key is never taken for a real one."""


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """One provider function that the program called, e.g. ``aws:ssm/getParameter:getParameter``."""

    token: str
    args: Mapping[str, Any] = field(repr=False)
    provider_inputs: Mapping[str, Any] = field(repr=False)


class Backend(Protocol):
    """Answers registrations and invokes. Calls never overlap: the monitor makes them one at a time.

    Either method raises for what it does not know; nothing is ever accepted in silence.
    """

    def create(self, registration: Registration) -> Created:
        """Make the resource, or read it, and return its id and outputs."""
        ...

    def invoke(self, invocation: Invocation) -> Mapping[str, Any]:
        """Return the result of a provider function."""
        ...
