"""Strands between the two sides of a pair: an input of the program's beside what the state has in its place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from workbench.adopt.matching.pairs import Pairs
from workbench.adopt.matching.program import Target
from workbench.adopt.matching.values import scalar
from workbench.evaluate.secret_values import MASK
from workbench.placeholders import holds_placeholder
from workbench.review.plan_document import PlannedResource


@dataclass(frozen=True)
class Strand:
    """One input that refers to other resources, and the state's values in its place."""

    path: str
    """Without positions."""
    targets: Sequence[Target]
    values: Sequence[str]
    is_secret: bool = False


def strands(pairs: Pairs, of: PlannedResource, properties: Mapping[str, Any]) -> Iterator[Strand]:
    """Yield the inputs of a resource that refer to others and have something in their place in the state.

    Values that are written out in the program are left out on both sides.
    """
    for name, value in sorted(of.inputs.items()):
        if name not in properties:
            continue
        if value == MASK:
            yield from _secret(pairs, of, name, properties[name])
        else:
            yield from _between(pairs, of, name, value, properties[name])


def _secret(pairs: Pairs, of: PlannedResource, name: str, found: Any) -> Iterator[Strand]:
    sources = of.property_dependencies.get(name, ())
    text = scalar(found)
    if len(sources) == 1 and text is not None and sources[0] in pairs.program.by_urn:
        yield Strand(name, [Target(sources[0], "")], [text], is_secret=True)


def _between(pairs: Pairs, of: PlannedResource, path: str, wanted: Any, found: Any) -> Iterator[Strand]:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        present = cast("Mapping[str, Any]", found)
        for key, value in sorted(cast("Mapping[str, Any]", wanted).items()):
            if key in present:
                yield from _between(pairs, of, f"{path}.{key}", value, present[key])
    elif isinstance(wanted, list) and isinstance(found, list):
        yield from _between_lists(pairs, of, path, cast("list[Any]", wanted), cast("list[Any]", found))
    elif (target := pairs.program.target(cast("object", wanted), of)) is not None and (
        value := scalar(found)
    ) is not None:
        yield Strand(path, [target], [value])


def _between_lists(
    pairs: Pairs, of: PlannedResource, path: str, wanted: list[Any], found: list[Any]
) -> Iterator[Strand]:
    if any(isinstance(each, Mapping) for each in wanted):
        for one, other in _alike(pairs, of, wanted, found):
            yield from _between(pairs, of, path, one, other)
        return
    targets = [target for each in wanted if (target := pairs.program.target(each, of)) is not None]
    written_out = {scalar(each) for each in wanted if not holds_placeholder(each)}
    values = [value for each in found if (value := scalar(each)) is not None and value not in written_out]
    if targets and values:
        yield Strand(path, targets, values)


def _alike(pairs: Pairs, of: PlannedResource, wanted: Sequence[Any], found: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Pair the structures of two lists: the only ones, or those that agree in something and differ in nothing."""
    if len(wanted) == len(found) == 1:
        yield wanted[0], found[0]
        return
    fitting = [[other for other in found if _agrees(pairs, of, one, other)] for one in wanted]
    for one, others in zip(wanted, fitting, strict=True):
        if len(others) == 1 and sum(others[0] in each for each in fitting) == 1:
            yield one, others[0]


def _agrees(pairs: Pairs, of: PlannedResource, wanted: Any, found: Any) -> bool:
    if not isinstance(wanted, Mapping) or not isinstance(found, Mapping):
        return False
    present = cast("Mapping[str, Any]", found)
    known = {name: pairs.value(of, value) for name, value in cast("Mapping[str, Any]", wanted).items()}
    both = [(value, scalar(present.get(name))) for name, value in known.items() if value is not None]
    compared = [(one, other) for one, other in both if other is not None]
    return bool(compared) and all(one == other for one, other in compared)
