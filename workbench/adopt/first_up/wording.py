"""The first update in words: one paragraph for each resource, the worst first."""

from collections import Counter
from collections.abc import Iterator

from workbench.adopt.first_up.judge import Fate, FirstUp, Judged
from workbench.counting import counted
from workbench.providers.changes import Kind, parsed
from workbench.review.danger.assessment import names
from workbench.review.difference.lines import value_text

_HEADLINES = {
    Fate.REPLACED: "replaced: destroyed, and made anew",
    Fate.REFUSED: "refused: the update would end there, half done",
    Fate.CHANGED: "changed in place",
    Fate.CREATED: "created",
    Fate.HARMLESS: "harmless",
}


_WORDS = {Kind.ADDED: "comes", Kind.REMOVED: "goes", Kind.CHANGED: "changes"}


def first_up_lines(first_up: FirstUp, *, full: bool) -> list[str]:
    """Return what is to be printed; no secret is in it.

    Without ``full`` what is changed in place is counted by type, and of what is replaced only the reasons are listed.
    """
    counts = ", ".join(f"{len(first_up.of(fate))} {fate.value}" for fate in Fate)
    return [
        f"The first `pulumi up`: {counts}, {first_up.unchanged} the same.",
        *(line for fate in Fate for line in _of_fate(first_up, fate, full=full)),
        *_names(first_up, full=full),
    ]


def _of_fate(first_up: FirstUp, fate: Fate, *, full: bool) -> Iterator[str]:
    found = first_up.of(fate)
    if not found:
        return
    yield ""
    yield f"{counted(len(found), 'resource')} {_HEADLINES[fate]}:"
    if fate is Fate.HARMLESS:
        yield from _grouped(found)
    elif fate is Fate.CREATED:
        yield from _created(found)
    elif fate is Fate.CHANGED and not full:
        types = Counter(judged.resource.type.rpartition(":")[2] for judged in found)
        yield f"  {', '.join(f'{count} {kind}' for kind, count in types.most_common())}"
    else:
        for judged in found:
            if not _only_follows(judged):
                yield from _resource(judged, full=full)
        yield from _following([judged for judged in found if _only_follows(judged)])


def _only_follows(judged: Judged) -> bool:
    """Tell whether a resource is replaced only because something else is."""
    replacing = [change for change in judged.properties if change.replaces]
    return bool(replacing) and all(change.follows for change in replacing)


def _following(found: list[Judged]) -> Iterator[str]:
    if found:
        yield f"  {counted(len(found), 'resource')} only because of these:"
    for judged in found:
        causes = names(urn for change in judged.properties if change.replaces for urn in change.follows)
        lost = judged.why.partition("Lost: ")[2]
        yield f"    {judged.resource.name} follows {causes}" + (f". Lost: {lost}" if lost else "")


def _created(found: tuple[Judged, ...]) -> Iterator[str]:
    """Yield those that may be there already; the others are listed with what they cost."""
    doubtful = [judged for judged in found if judged.why]
    yield f"  {len(found) - len(doubtful)} that the program alone has, listed above"
    for judged in doubtful:
        yield f"  {judged.resource.name}: {judged.why}"


def _resource(judged: Judged, *, full: bool) -> Iterator[str]:
    was = f" (was {judged.address})" if judged.address is not None else ""
    yield f"  {judged.resource.name}  {judged.resource.type.rpartition(':')[2]}{was}"
    if judged.why:
        yield f"    {judged.why}"
    told = [change for change in judged.properties if full or change.replaces or judged.fate is Fate.REFUSED]
    tags = [change for change in told if change.top == "tags"]
    for change in told:
        mark = "  [replaces]" if change.replaces else ""
        if change.follows:
            yield f"    {change.path}: follows {names(change.follows)}{mark}"
        elif change.top != "tags":
            yield f"    {change.path}: {value_text(change.old)} → {value_text(change.new)}{mark}"
    if tags:
        yield f"    tags: {', '.join(f'{parsed(change.path)[-1]} {_WORDS[change.kind]}' for change in tags)}"


def _grouped(found: tuple[Judged, ...]) -> Iterator[str]:
    """Yield one line for all resources of a type that are harmless for the same reason."""
    groups: dict[tuple[str, str], list[str]] = {}
    for judged in found:
        groups.setdefault((judged.resource.type.rpartition(":")[2], judged.why), []).append(judged.resource.name)
    for (kind, why), found_names in groups.items():
        yield f"  {len(found_names)} {kind}: {why}"
        yield f"    {', '.join(found_names)}"


def _names(first_up: FirstUp, *, full: bool) -> Iterator[str]:
    count = len(first_up.kept_names)
    if count:
        yield ""
        yield (
            f"{counted(count, 'resource')} keep the names that they have, once the edit of `__defaults` is made; "
            "without it Pulumi makes each of these names anew, and replaces what has it:"
        )
        for kept in first_up.kept_names if full else ():
            yield f"  {kept.pair.resource.name}  {kept.property}: {kept.value}"
