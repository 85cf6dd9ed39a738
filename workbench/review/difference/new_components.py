"""Components that a change adds as a whole: each is told in one line, with what it holds and what it costs."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import TypeAlias

from workbench.counting import counted
from workbench.review.plan_document import PlanDocument, PlannedResource

CostOf: TypeAlias = Callable[[Iterable[str]], str]
"""Says what the resources of some names cost a month."""

_PROVIDER_PREFIX = "pulumi:providers:"


@dataclass(frozen=True, kw_only=True)
class NewComponent:
    """A component, in no other new one, of which every resource is new."""

    path: tuple[str, ...]
    """The names of the components that it stands in, the outermost first, and its own."""
    type: str
    """Its class, such as ``EcsService``."""
    urns: frozenset[str]
    """Its resources, at any depth."""
    names: frozenset[str]
    """Their names, which the lines of a bill have."""
    counts: Mapping[str, int]
    """The number of resources of each class, the most first."""

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path[-1]

    @property
    def counted(self) -> str:
        """Its contents in words: ``3 resources (2 Rule, 1 Topic)``."""
        classes = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        return f"{counted(sum(self.counts.values()), 'resource')} ({classes})"


def new_components(plan: PlanDocument, added: Set[str]) -> tuple[NewComponent, ...]:
    """Return the outermost components of a plan whose resources are all among the URNs in ``added``."""
    inside: dict[str, list[PlannedResource]] = {}
    for resource in plan.resources:
        if resource.custom and not resource.type.startswith(_PROVIDER_PREFIX):
            for component in _components(plan, resource):
                inside.setdefault(component.urn, []).append(resource)
    new = {urn for urn, resources in inside.items() if all(resource.urn in added for resource in resources)}
    outermost = [urn for urn in new if not any(above.urn in new for above in _components(plan, plan.by_urn[urn]))]
    return tuple(sorted((_new(plan, urn, inside[urn]) for urn in outermost), key=lambda component: component.path))


def _new(plan: PlanDocument, urn: str, resources: Iterable[PlannedResource]) -> NewComponent:
    component = plan.by_urn[urn]
    own = list(resources)
    counts = Counter(resource.type.rpartition(":")[2] for resource in own)
    return NewComponent(
        path=(*(above.name for above in reversed(_components(plan, component))), component.name),
        type=component.type.rpartition(":")[2],
        urns=frozenset(resource.urn for resource in own),
        names=frozenset(resource.name for resource in own),
        counts=dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
    )


def _components(plan: PlanDocument, resource: PlannedResource) -> list[PlannedResource]:
    """Return the components around a resource, the innermost first, without the stack."""
    found: list[PlannedResource] = []
    parent = plan.by_urn.get(resource.parent or "")
    while parent is not None and parent.parent is not None:
        if not parent.custom:
            found.append(parent)
        parent = plan.by_urn.get(parent.parent)
    return found
