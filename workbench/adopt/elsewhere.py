"""What the program would make and Terraform only looks up: it is there already, and another state owns it."""

from collections.abc import Iterable, Mapping

from workbench.adopt.matching.values import member, scalar
from workbench.adopt.model import Instance
from workbench.adopt.translation import translated
from workbench.adopt.types import row_of
from workbench.review.plan_document import PlannedResource


def looked_up(made: Iterable[PlannedResource], data: Iterable[Instance]) -> Mapping[str, str]:
    """Return by logical name the data source that is the same thing, told by what there can be only once."""
    there = {mark: each.address for each in data for mark in _marks_of_instance(each)}
    return {each.name: there[mark] for each in made for mark in _marks(each.type, each.inputs) if mark in there}


def _marks_of_instance(instance: Instance) -> Iterable[tuple[str, str, str]]:
    found = translated(instance)
    return _marks(found.type, found.properties)


def _marks(token: str, properties: Mapping[str, object]) -> Iterable[tuple[str, str, str]]:
    row = row_of(token)
    for key in row.keys if row is not None else ():
        value = scalar(member(properties, key[0])) if len(key) == 1 else None
        if value is not None:
            yield token, key[0], value.removeprefix("https://")
