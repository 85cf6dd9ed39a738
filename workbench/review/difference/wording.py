"""The difference of two plans in words and lines, for every view of it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from workbench.counting import counted
from workbench.providers.changes import Kind, changes, value_at
from workbench.review.danger.assessment import ORDER, Assessed, Assessment, Severity, names
from workbench.review.difference.comparison import Action, OptionChange, PropertyChange, ResourceChange
from workbench.review.difference.following import Unknown
from workbench.review.difference.ignored import Ignored
from workbench.review.difference.lines import Line, Sign, value_text
from workbench.review.difference.structured import list_lines, text_lines
from workbench.review.plan_document import Secret

_SHORT = 80
"""Longer values are not named beside an ignored path."""

HEADLINES: Mapping[Severity, str] = {
    Severity.DESTROYS: "DESTROYS DATA OR STATE",
    Severity.REFUSED: "WILL BE REFUSED",
    Severity.REPLACES: "DESTROYED AND MADE ANEW",
    Severity.INTERRUPTS: "CAREFUL",
    Severity.UNKNOWN: "NOT KNOWN",
}


def summary(assessment: Assessment) -> str:
    """Return how many resources are what: ``1 replaced, 3 changed, 336 unchanged``."""
    actions = Counter(one.change.action for one in assessment.changes)
    words = [f"{actions[action]} {action}" for action in Action if actions[action]]
    ignored = len(assessment.comparison.ignored)
    unheard = [counted(ignored, "ignored value")] if ignored else []
    return ", ".join([*(words or ["no changes"]), f"{assessment.comparison.unchanged} unchanged", *unheard])


@dataclass(frozen=True, kw_only=True)
class IgnoredLine:
    """A value that the program gives anew and Pulumi ignores."""

    name: str
    type: str
    change: str
    """The input, and its values where they are short."""
    taken_over: str


def ignored_lines(assessment: Assessment) -> list[IgnoredLine]:
    """Return a line for each ignored value, with what takes it over."""
    return [
        IgnoredLine(
            name=one.resource.name,
            type=one.resource.type,
            change=_ignored_change(one),
            taken_over=one.taken_over,
        )
        for one in assessment.comparison.ignored
    ]


def _ignored_change(ignored: Ignored) -> str:
    if ignored.follows:
        return f"{ignored.path}, another one from {names(ignored.follows)}"
    old, new = ignored.old, ignored.new
    if isinstance(old, str | int) and isinstance(new, str | int) and len(f"{old}{new}") <= _SHORT:
        return f"{ignored.path} {old} → {new}"
    return ignored.path


def verdict(assessment: Assessment) -> str:
    """Return the worst in a word or two: of the worst kind of finding, how many resources have it."""
    dangers = assessment.dangers
    if not dangers:
        return "Nothing dangerous is known of it" if assessment.changes else "The same"
    worst = dangers[0].severity
    assert worst is not None  # noqa: S101 (dangers have one)
    return f"{HEADLINES[worst]}: {sum(one.severity is worst for one in dangers)}"


@dataclass(frozen=True, kw_only=True)
class DangerLine:
    """One of the lines on top of every view."""

    severity: Severity
    change: ResourceChange | None
    """None for what stands for several."""
    words: str
    source: str | None


def danger_lines(assessment: Assessment) -> list[DangerLine]:
    """Return the lines on top, the worst first.

    What is replaced only because something else is stands in one line, counted by type.
    """
    found = [
        DangerLine(severity=finding.severity, change=one.change, words=finding.words, source=finding.source)
        for one in assessment.dangers
        if not one.is_consequence
        for finding in one.findings
    ]
    following = Counter(one.change.type for one in assessment.dangers if one.is_consequence)
    if following:
        types = ", ".join(f"{count} {type_token}" for type_token, count in sorted(following.items()))
        words = f"{following.total()} more that follow from what is replaced: {types}"
        found.append(DangerLine(severity=Severity.REPLACES, change=None, words=words, source=None))
    return sorted(found, key=lambda line: ORDER.index(line.severity))


def lines(assessed: Assessed) -> Iterator[Line]:
    """Yield what changes in a resource, line by line; for an added resource, what it is made with."""
    change = assessed.change
    refused = {refusal.property for refusal in assessed.refusals}
    for option in change.options:
        yield from _option_lines(option)
    for top, group in groupby(change.properties, key=lambda one: one.top):
        properties = list(group)
        named = _named_items(change, top, properties) if top not in refused else None
        if named is not None:
            yield from named
        else:
            for one in properties:
                yield from _property_lines(one, refused=top in refused)
    if change.action is Action.ADDED:
        for path in changes({}, change.resource.comparable):
            yield Line(Sign.NEW, f"{path.property_path}: {value_text(value_at(change.resource.comparable, path.path))}")


def _named_items(change: ResourceChange, top: str, properties: Sequence[PropertyChange]) -> list[Line] | None:
    """Return the lines of a list whose items have names: by these and not by position, where nothing else is to say."""
    if change.old is None or change.new is None:
        return None
    if any(
        one.replaces or one.follows or isinstance(one.old, Secret) or isinstance(one.new, Secret) for one in properties
    ):
        return None
    return list_lines(top, change.old.comparable.get(top), change.new.comparable.get(top))


def _option_lines(option: OptionChange) -> Iterator[Line]:
    mark = " (replaces)" if option.replaces else ""
    yield Line(Sign.OLD, f"option {option.name}: {value_text(option.old)}")
    yield Line(Sign.NEW, f"option {option.name}: {value_text(option.new)}{mark}")


def _property_lines(change: PropertyChange, *, refused: bool) -> Iterator[Line]:
    mark = " (will be refused)" if refused else " (replaces)" if change.replaces else ""
    if isinstance(change.old, Secret) and (change.follows or isinstance(change.new, Secret)):
        follows = f", from {names(change.follows)}" if change.follows else ""
        yield Line(Sign.NOTE, f"{change.path}: [secret] changed{follows}{mark}")
    elif (inner := _inner_lines(change)) is not None:
        yield from inner
        if mark:
            yield Line(Sign.NOTE, f"{change.path}{mark}")
    elif change.follows:
        value = value_text(change.new)
        yield Line(Sign.NOTE, f"{change.path}: another value of {value}, from {names(change.follows)}{mark}")
    else:
        if change.kind is not Kind.ADDED:
            yield Line(
                Sign.OLD, f"{change.path}: {value_text(change.old)}{mark if change.kind is Kind.REMOVED else ''}"
            )
        if change.kind is not Kind.REMOVED:
            yield Line(Sign.NEW, f"{change.path}: {value_text(change.new)}{mark}")


def _inner_lines(change: PropertyChange) -> list[Line] | None:
    """Return the lines of a text that has a structure of its own: what differs in a JSON document, or in long text."""
    new = change.new.written if isinstance(change.new, Unknown) else change.new
    if not isinstance(change.old, str) or not isinstance(new, str):
        return None
    found = text_lines(change.path, change.old, new, [urn.rpartition("::")[2] for urn in change.follows])
    # What follows and shows no difference in itself is another value as a whole.
    return found or (None if change.follows else found)
