"""The tree of components that a program made, and what each of them holds."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.evaluate import Evaluation, RecordedResource

_OF_PULUMI = "pulumi:"
"""The prefix of Pulumi's own types: stacks, providers, references to other stacks."""


@dataclass(frozen=True, kw_only=True)
class ComponentNode:
    """One component: what it holds itself, and the components inside it."""

    type: str
    """The component's class name."""
    name: str
    own: Counter[str]
    """Its resources by type token, without those of the components inside it."""
    names: frozenset[str]
    """The names of its resources, without those of the components inside it."""
    components: tuple["ComponentNode", ...]
    """In order of type and name."""

    @property
    def resource_names(self) -> frozenset[str]:
        """The names of the resources in it, at any depth."""
        return self.names.union(*(component.resource_names for component in self.components))

    @property
    def total(self) -> int:
        """The number of resources in it, at any depth."""
        return self.own.total() + sum(component.total for component in self.components)


def stack_in(stack: str, region: str) -> str:
    """Return a stack with its region, for a title; a program may name none."""
    return f"{stack} in {region}" if region else stack


def is_made(resource: RecordedResource) -> bool:
    """Tell whether a resource is something that a provider makes: no component, nor anything of Pulumi's own."""
    return resource.custom and not resource.type.startswith(_OF_PULUMI)


def count_by_type(evaluation: Evaluation) -> Counter[str]:
    """Return how many resources of each type are made."""
    return Counter(resource.type for resource in evaluation.resources if is_made(resource))


def component_tree(evaluation: Evaluation) -> ComponentNode:
    """Return the tree below the stack. A resource below another resource counts for the component of both."""
    children: dict[str | None, list[RecordedResource]] = {}
    for resource in evaluation.resources:
        children.setdefault(resource.parent, []).append(resource)

    def made_in(urn: str) -> Iterator[RecordedResource]:
        for child in children.get(urn, []):
            if child.custom:
                yield from (child, *made_in(child.urn))

    def node(component: RecordedResource) -> ComponentNode:
        inside = (node(child) for child in children.get(component.urn, []) if not child.custom)
        return ComponentNode(
            type=component.type.rsplit(":", 1)[1],
            name=component.name,
            own=Counter(child.type for child in made_in(component.urn) if is_made(child)),
            names=frozenset(child.name for child in made_in(component.urn) if is_made(child)),
            components=tuple(sorted(inside, key=lambda child: (child.type, child.name))),
        )

    (stack,) = children[None]
    return node(stack)
