"""Rules, and the view that each has: one resource, or a whole stack, however it came here.

Two adapters feed the same rules: :mod:`workbench.review.rules.recorded` from an evaluation in this process, and the
policy pack in ``policy/`` from the Pulumi engine. So nothing here knows either of them.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, cast

from workbench.placeholders import is_placeholder

UNKNOWN = "${unknown}"
"""Stands for a value that only a deployment can tell; an evaluation has ``${vpc.id}`` and the like in its place."""


class Severity(StrEnum):
    """The severity of a broken rule, in Security Hub's terms; every rule is mandatory, whatever its severity."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource as the program declares it, in the provider's own property names."""

    type: str
    name: str
    urn: str
    properties: Mapping[str, Any] = field(repr=False)
    depends_on: frozenset[str] = frozenset()
    """The URNs of the resources whose outputs it uses."""
    protect: bool = False
    delete_before_replace: bool = False
    provider: str = ""
    """The URN of the explicit provider it belongs to; empty where it has none."""

    def value(self, path: str) -> Any:
        """Return the value at a dotted path, None where something on the way is missing."""
        value: Any = self.properties
        for part in path.split("."):
            if is_unknown(value):
                return value
            if not isinstance(value, Mapping):
                return None
            value = cast(Mapping[str, Any], value).get(part)
        return value

    def items(self, path: str) -> list[Mapping[str, Any]]:
        """Return the structures in the list at a path; nothing where it is missing or not known yet."""
        value = self.value(path)
        return cast(list[Mapping[str, Any]], value) if isinstance(value, list) else []

    def document(self, path: str) -> Any:
        """Return what the JSON text at a path says; None where it is missing, not known yet, or not JSON."""
        text = self.value(path)
        try:
            return json.loads(text) if isinstance(text, str) else None
        except ValueError:
            # AWS refuses it, whatever it says; a placeholder is known at a deployment.
            return None


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Every resource of a stack."""

    name: str
    resources: Sequence[Resource]
    values: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """What its stack file says, by which exceptions tell whether they are for it."""

    @cached_property
    def _by_type(self) -> Mapping[str, list[Resource]]:
        by_type: dict[str, list[Resource]] = {}
        for resource in self.resources:
            by_type.setdefault(resource.type, []).append(resource)
        return by_type

    def of_types(self, types: Iterable[str]) -> Iterator[Resource]:
        """Yield the resources of some types; a type that ends in ``*`` stands for all that begin so."""
        for type_ in types:
            if type_.endswith("*"):
                yield from (resource for resource in self.resources if resource.type.startswith(type_[:-1]))
            else:
                yield from self._by_type.get(type_, ())

    def using(self, resource: Resource, type_: str) -> list[Resource]:
        """Return the resources of a type that use an output of this one."""
        return [other for other in self._by_type.get(type_, ()) if resource.urn in other.depends_on]

    def used_by(self, resource: Resource, type_: str) -> list[Resource]:
        """Return the resources of a type whose outputs this one uses."""
        return [other for other in self._by_type.get(type_, ()) if other.urn in resource.depends_on]


ResourceCheck = Callable[[Resource], Iterable[str]]
StackCheck = Callable[[Resource, Stack], Iterable[str]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule. Either check yields a message for each thing that is wrong with a resource."""

    id: str
    title: str
    controls: tuple[str, ...]
    """The controls it answers: Security Hub's (``RDS.27``), and ``CIS …`` of the CIS AWS Foundations Benchmark v3.0.0.
    Empty where the rule is this platform's own."""
    severity: Severity
    remediation: str
    types: tuple[str, ...]
    """The type tokens that it looks at; one that ends in ``*`` stands for all that begin so."""
    check: ResourceCheck | None = None
    """For a rule that needs one resource alone."""
    check_in_stack: StackCheck | None = None
    """For a rule that needs what stands round the resource, too."""

    def messages(self, resource: Resource, stack: Stack) -> Iterator[str]:
        """Yield what is wrong with one resource of the rule's types."""
        if self.check is not None:
            yield from self.check(resource)
        if self.check_in_stack is not None:
            yield from self.check_in_stack(resource, stack)


def is_of_types(type_token: str, types: Iterable[str]) -> bool:
    """Tell whether a type is among those that a rule looks at."""
    return any(type_token.startswith(each[:-1]) if each.endswith("*") else type_token == each for each in types)


is_unknown = is_placeholder
"""Tell whether a value is a placeholder as a whole. What is not known yet is not judged."""


def shown(value: object) -> str:
    """Return a value as a message shows it."""
    return "not set" if value is None else json.dumps(value)


def requires(path: str, *allowed: object) -> ResourceCheck:
    """Return a check that the value at a path is one of the allowed; None among them allows leaving it out."""

    def check(resource: Resource) -> Iterator[str]:
        value = resource.value(path)
        if not is_unknown(value) and value not in allowed:
            yield f"{path}: {shown(value)}; allowed: {' or '.join(shown(each) for each in allowed)}"

    return check


def requires_set(path: str) -> ResourceCheck:
    """Return a check that there is a value at a path."""

    def check(resource: Resource) -> Iterator[str]:
        if resource.value(path) in (None, "", [], {}):
            yield f"{path}: not set"

    return check


def requires_at_least(path: str, minimum: float) -> ResourceCheck:
    """Return a check that the number at a path is not smaller than ``minimum``; one that is not set is too small."""

    def check(resource: Resource) -> Iterator[str]:
        value = resource.value(path)
        if not is_unknown(value) and not (isinstance(value, int | float) and value >= minimum):
            yield f"{path}: {shown(value)}; allowed: {minimum} or more"

    return check


def all_of(*checks: ResourceCheck) -> ResourceCheck:
    """Return a check that makes several."""

    def check(resource: Resource) -> Iterator[str]:
        for each in checks:
            yield from each(resource)

    return check


def requires_companion(type_: str, *, with_value: Mapping[str, object] | None = None) -> StackCheck:
    """Return a check that a resource of another type uses this one, with certain values where they are known."""
    wanted = with_value or {}

    def check(resource: Resource, stack: Stack) -> Iterator[str]:
        companions = stack.using(resource, type_)
        if not any(_has(companion, wanted) for companion in companions):
            values = " and ".join(f"{path} {shown(value)}" for path, value in wanted.items())
            yield f"no {type_} uses it{f' with {values}' if values else ''}"

    return check


def _has(resource: Resource, wanted: Mapping[str, object]) -> bool:
    return all(is_unknown(found := resource.value(path)) or found == value for path, value in wanted.items())
