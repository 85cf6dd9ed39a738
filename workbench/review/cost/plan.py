"""The plan as pricing reads it, evaluated just now or saved, and the prices of its resources."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeAlias

from workbench import placeholders
from workbench.review.cost.quantity import Quantity
from workbench.review.cost.usage import Usage

_OF_PULUMI = "pulumi:"


class Resource(Protocol):
    """A recorded resource; see :class:`workbench.evaluate.RecordedResource`."""

    @property
    def urn(self) -> str: ...  # noqa: D102 (the recorded resource says it)
    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def parent(self) -> str | None: ...  # noqa: D102
    @property
    def custom(self) -> bool: ...  # noqa: D102
    @property
    def inputs(self) -> dict[str, Any]: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A quantity of one item of the price table."""

    what: str
    """In words, for the reader of a line."""
    item: str
    """In the price table, e.g. ``nat.hour``."""
    quantity: Quantity
    """In the price's unit."""
    region: str | None = None
    """Whose price counts; None: the resource's own region, which is the stack's where it names none."""


@dataclass(frozen=True)
class Unknown:
    """Something that costs and cannot be counted: never taken for zero."""

    reason: str


Finding: TypeAlias = Charge | Unknown


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The resources of a stack, and what is assumed of their use."""

    stack: str
    region: str
    resources: Sequence[Resource]
    """Those that a provider makes, in order of URN."""
    parents: Mapping[str, Resource]
    """Everything that was recorded, by URN."""
    usage: Usage

    def of_type(self, type_token: str) -> Sequence[Resource]:
        """Return the resources of one type."""
        return self._by_type.get(type_token, ())

    def referred(self, reference: object, type_token: str) -> Resource | None:
        """Return the resource of that type whose output a placeholder such as ``${api-task.arn}`` stands for."""
        referred = placeholders.reference(reference)
        found = [resource for resource in self.of_type(type_token) if referred and resource.name == referred.name]
        return found[0] if len(found) == 1 else None

    def component(self, resource: Resource) -> str:
        """Return the outermost component around a resource, without the stack's prefix; ``stack`` outside of all."""
        inside = resource
        while inside.parent is not None and (above := self.parents.get(inside.parent)) is not None:
            if above.type == "pulumi:pulumi:Stack":
                break
            inside = above
        return "stack" if inside.custom else self.short(inside.name)

    def short(self, name: str) -> str:
        """Return a name without the stack's prefix."""
        return name.removeprefix(self.prefix)

    @cached_property
    def prefix(self) -> str:
        """The beginning of the names of the stack's resources, ``<project>-<stack>-``."""
        project = next((urn.split("::")[1] for urn in self.parents), "")
        return f"{project}-{self.stack}-"

    @cached_property
    def _by_type(self) -> Mapping[str, Sequence[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            found.setdefault(resource.type, []).append(resource)
        return found


def plan_of(stack: str, region: str, recorded: Iterable[Resource], usage: Usage) -> Plan:
    """Return what was recorded, ready for pricing."""
    everything = list(recorded)
    return Plan(
        stack=stack,
        region=region,
        resources=[one for one in everything if one.custom and not one.type.startswith(_OF_PULUMI)],
        parents={one.urn: one for one in everything},
        usage=usage,
    )


PricedType: TypeAlias = Callable[[Resource, Plan], Iterator[Finding]]
"""The charges for one resource of a type."""
