"""The difference of two plans in words and lines, for every view of it."""

import difflib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from zelly_infra.review.assessment import ORDER, Assessment, Severity, names
from zelly_infra.review.changes import Kind, Segment, changes, written
from zelly_infra.review.comparison import Action, OptionChange, PropertyChange, ResourceChange
from zelly_infra.review.following import Unknown
from zelly_infra.review.plan_document import Secret

_LONGEST_VALUE = 160
_MOST_TEXT_LINES = 30

HEADLINES: Mapping[Severity, str] = {
    Severity.DESTROYS: "DESTROYS DATA OR STATE",
    Severity.REFUSED: "WILL BE REFUSED",
    Severity.REPLACES: "DESTROYED AND MADE ANEW",
    Severity.INTERRUPTS: "CAREFUL",
    Severity.UNKNOWN: "NOT KNOWN",
}


class Sign(StrEnum):
    """What a line stands for; GitHub colours these in a ``diff`` block."""

    OLD = "-"
    NEW = "+"
    NOTE = "!"


@dataclass(frozen=True)
class Line:
    """One line of what changes."""

    sign: Sign
    text: str


def summary(assessment: Assessment) -> str:
    """Return how many resources are what: ``1 replaced, 3 changed, 336 unchanged``."""
    counted = Counter(one.change.action for one in assessment.changes)
    words = [f"{counted[action]} {action}" for action in Action if counted[action]]
    return ", ".join([*(words or ["no changes"]), f"{assessment.comparison.unchanged} unchanged"])


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
        counted = ", ".join(f"{count} {type_token}" for type_token, count in sorted(following.items()))
        words = f"{following.total()} more that follow from what is replaced: {counted}"
        found.append(DangerLine(severity=Severity.REPLACES, change=None, words=words, source=None))
    return sorted(found, key=lambda line: ORDER.index(line.severity))


def lines(change: ResourceChange) -> Iterator[Line]:
    """Yield what changes in a resource, line by line; for an added resource, what it is made with."""
    for option in change.options:
        yield from _option_lines(option)
    for one in change.properties:
        yield from _property_lines(one)
    if change.action is Action.ADDED:
        for path in changes({}, change.resource.comparable):
            yield Line(Sign.NEW, f"{path.property_path}: {value_text(_at(change.resource.comparable, path.path))}")


def value_text(value: Any) -> str:
    """Return a value as JSON, a secret as ``[secret]``, all of it on one line of bounded length."""
    if isinstance(value, Secret | Unknown):
        return f"{value}"
    text = json.dumps(value, ensure_ascii=False, default=str)
    left_out = len(text) - _LONGEST_VALUE
    return text if left_out <= 0 else f"{text[:_LONGEST_VALUE]}… ({left_out} characters more)"


def _option_lines(option: OptionChange) -> Iterator[Line]:
    mark = " (replaces)" if option.replaces else ""
    yield Line(Sign.OLD, f"option {option.name}: {value_text(option.old)}")
    yield Line(Sign.NEW, f"option {option.name}: {value_text(option.new)}{mark}")


def _property_lines(change: PropertyChange) -> Iterator[Line]:
    mark = " (replaces)" if change.replaces else ""
    if change.follows:
        yield Line(Sign.NOTE, f"{change.path}: another value of {change.new}, from {names(change.follows)}{mark}")
    elif isinstance(change.old, Secret) and isinstance(change.new, Secret):
        yield Line(Sign.NOTE, f"{change.path}: [secret] changed{mark}")
    elif (inner := _inner_lines(change)) is not None:
        yield from inner
        if mark:
            yield Line(Sign.NOTE, f"{change.path}{mark}")
    else:
        if change.kind is not Kind.ADDED:
            yield Line(
                Sign.OLD, f"{change.path}: {value_text(change.old)}{mark if change.kind is Kind.REMOVED else ''}"
            )
        if change.kind is not Kind.REMOVED:
            yield Line(Sign.NEW, f"{change.path}: {value_text(change.new)}{mark}")


def _inner_lines(change: PropertyChange) -> list[Line] | None:
    """Return the lines of a text that has a structure of its own: what differs in a JSON document, or in long text."""
    old, new = change.old, change.new
    if not isinstance(old, str) or not isinstance(new, str):
        return None
    before, after = _document(old), _document(new)
    if before is not None and after is not None:
        return list(_document_lines(change.path, before, after))
    return list(_text_lines(change.path, old, new)) if "\n" in old and "\n" in new else None


def _document(text: str) -> Mapping[str, Any] | None:
    if not text.startswith(("{", "[")):
        return None
    try:
        return {"": json.loads(text)}
    except ValueError:
        return None


def _document_lines(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Line]:
    for change in changes(old, new):
        inner = written(change.path[1:])
        if change.kind is not Kind.ADDED:
            yield Line(Sign.OLD, f"{path} → {inner}: {value_text(_at(old, change.path))}")
        if change.kind is not Kind.REMOVED:
            yield Line(Sign.NEW, f"{path} → {inner}: {value_text(_at(new, change.path))}")


def _text_lines(path: str, old: str, new: str) -> Iterator[Line]:
    differing = [
        line
        for line in difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    for line in differing[:_MOST_TEXT_LINES]:
        yield Line(Sign(line[0]), f"{path} → {value_text(line[1:])}")
    if len(differing) > _MOST_TEXT_LINES:
        yield Line(Sign.NOTE, f"{path} → {len(differing) - _MOST_TEXT_LINES} lines more")


def _at(inputs: Any, path: Iterable[Segment]) -> Any:
    value = inputs
    for segment in path:
        value = value[segment]
    return value
