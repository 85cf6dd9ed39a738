"""Values that come from a new or replaced resource: written as before, and other values afterwards."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, cast

from workbench.placeholders import holds_placeholder, placeholder_prefix
from workbench.providers.changes import Segment
from workbench.review.plan_document import PlanDocument, PlannedResource, Secret


@dataclass(frozen=True)
class Unknown:
    """Stands for a value that is only known once what it comes from has been made: it equals no value but itself."""

    written: str
    """The value as the program makes it, such as ``${vpc.id}``."""

    def __str__(self) -> str:
        return self.written


@dataclass(frozen=True, kw_only=True)
class Following:
    """One value that is another one afterwards."""

    path: tuple[Segment, ...]
    urns: tuple[str, ...]
    """The resource that it comes from."""


_LITERAL_OUTPUTS = frozenset({"random:index/randomBytes:RandomBytes"})
"""Types with outputs for which an evaluation has literals, as the program computes with them: what it makes of them may
have no placeholder."""


def with_unknown_values(
    resource: PlannedResource, inputs: Mapping[str, Any], renewed: Set[str], plan: PlanDocument
) -> tuple[Mapping[str, Any], tuple[Following, ...]]:
    """Return the inputs with an :class:`Unknown` for each value that comes from one of the ``renewed`` resources.

    The engine says which resources an input was made from, the placeholders in it which part of it. A secret shows
    none: it counts as coming from all that its input was made from. A value that only repeats what the other resource
    was given stays what it is.
    """
    found: list[Following] = []
    after = dict(inputs)
    for name, urns in resource.property_dependencies.items():
        sources = [plan.by_urn[urn] for urn in urns if urn in renewed]
        if sources and name in after:
            after[name] = _replaced((name,), after[name], sources, found)
    return after, tuple(found)


def _replaced(path: tuple[Segment, ...], value: Any, sources: list[PlannedResource], found: list[Following]) -> Any:
    if isinstance(value, Mapping):
        members = cast("Mapping[str, Any]", value).items()
        return {name: _replaced((*path, name), member, sources, found) for name, member in members}
    if isinstance(value, list):
        items = enumerate(cast("list[Any]", value))
        return [_replaced((*path, position), member, sources, found) for position, member in items]
    urns = tuple(source.urn for source in sources if _comes_from(value, source))
    if not urns:
        return value
    found.append(Following(path=path, urns=urns))
    return Unknown(f"{value}")


def _comes_from(value: Any, source: PlannedResource) -> bool:
    if isinstance(value, Secret):
        return True
    if not isinstance(value, str):
        return False
    if source.type in _LITERAL_OUTPUTS and not holds_placeholder(value):
        return value not in _scalars(source.inputs)
    return placeholder_prefix(source.name) in value


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for member in cast("Mapping[str, Any]", value).values():
            yield from _scalars(member)
    elif isinstance(value, list):
        for member in cast("list[Any]", value):
            yield from _scalars(member)
    else:
        yield value
