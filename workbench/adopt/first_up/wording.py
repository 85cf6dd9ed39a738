"""The first update in words: one paragraph for each resource, the worst first."""

from collections.abc import Iterator

from workbench.adopt.first_up.judge import Fate, FirstUp, Judged
from workbench.counting import counted
from workbench.review.danger.assessment import names
from workbench.review.difference.lines import value_text

_HEADLINES = {
    Fate.REPLACED: "replaced: destroyed, and made anew",
    Fate.REFUSED: "refused: the update would end there, half done",
    Fate.CHANGED: "changed in place",
    Fate.CREATED: "created",
    Fate.HARMLESS: "harmless",
}


def first_up_lines(first_up: FirstUp) -> list[str]:
    """Return what is to be printed; no secret is in it."""
    counts = ", ".join(f"{len(first_up.of(fate))} {fate.value}" for fate in Fate)
    return [
        f"The first `pulumi up`: {counts}, {first_up.unchanged} the same.",
        *(line for fate in Fate for line in _of_fate(first_up, fate)),
        *_names(first_up),
    ]


def _of_fate(first_up: FirstUp, fate: Fate) -> Iterator[str]:
    found = first_up.of(fate)
    if found:
        yield ""
        yield f"{counted(len(found), 'resource')} {_HEADLINES[fate]}:"
    if fate is Fate.HARMLESS:
        yield from _grouped(found)
        return
    for judged in found:
        yield from _resource(judged)


def _resource(judged: Judged) -> Iterator[str]:
    was = f" (was {judged.address})" if judged.address is not None else ""
    yield f"  {judged.resource.name}  {judged.resource.type.rpartition(':')[2]}{was}"
    if judged.why:
        yield f"    {judged.why}"
    for change in judged.properties:
        mark = "  [replaces]" if change.replaces else ""
        if change.follows:
            yield f"    {change.path}: follows {names(change.follows)}{mark}"
        else:
            yield f"    {change.path}: {value_text(change.old)} → {value_text(change.new)}{mark}"


def _grouped(found: tuple[Judged, ...]) -> Iterator[str]:
    """Yield one line for all resources of a type that are harmless for the same reason."""
    groups: dict[tuple[str, str], list[str]] = {}
    for judged in found:
        groups.setdefault((judged.resource.type.rpartition(":")[2], judged.why), []).append(judged.resource.name)
    for (kind, why), found_names in groups.items():
        yield f"  {len(found_names)} {kind}: {why}"
        yield f"    {', '.join(found_names)}"


def _names(first_up: FirstUp) -> Iterator[str]:
    count = len(first_up.kept_names)
    if count:
        yield ""
        yield (
            f"{counted(count, 'resource')} keep the names that they have, once the edit of `__defaults` is made; "
            "without it Pulumi makes each of these names anew, and replaces what has it:"
        )
        for kept in first_up.kept_names:
            yield f"  {kept.pair.resource.name}  {kept.property}: {kept.value}"
