"""The difference of two plans as a comment for a pull request: the danger on top, everything else folded."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from itertools import accumulate, groupby, zip_longest

from workbench.counting import counted
from workbench.review.danger.assessment import DESTRUCTIVE, Assessed, Assessment, reasons, unfolded
from workbench.review.difference.comparison import Action
from workbench.review.difference.lines import shortened
from workbench.review.difference.new_components import CostOf, NewComponent
from workbench.review.difference.wording import (
    HEADLINES,
    DangerLine,
    danger_lines,
    ignored_lines,
    lines,
    summary,
    verdict,
)
from workbench.words import command

LIMIT = 65_536
"""Characters that GitHub takes in a comment."""

_DANGERS_LIMIT = 16_000
_SECTION_LIMIT = 15_000
_TAIL = 500
_BETWEEN = len("\n\n")
_NO_COMPONENT = "outside of the components"


def marker(stack: str) -> str:
    """Return the line that a comment begins with, by which the next run finds the comment to edit."""
    return f"<!-- {command('plan', stack)} -->"


def comment(
    assessment: Assessment, sections: Sequence[str] = (), cost_of: CostOf | None = None, *, full: bool = False
) -> str:
    """Return the comment, at most :data:`LIMIT` characters; what is left out for length is said.

    A component that is new as a whole is one line, with its cost, unless ``full``.

    ``sections`` are Markdown of their own, with headings of the third level: what the change costs, which rules it
    breaks. They stand between the danger and the folded changes.
    """
    new = () if full else assessment.comparison.new_components
    sections = [*sections, *_added(new, cost_of)]
    top = "\n\n".join([*_head(assessment), *(_bounded(section) for section in sections)])
    folded = _folded(assessment, unfolded(assessment, new), LIMIT - len(top) - _TAIL)
    return "\n\n".join([top, *folded]) + "\n"


def _head(assessment: Assessment) -> Iterator[str]:
    comparison = assessment.comparison
    yield marker(comparison.stack)
    yield f"## {_icon(assessment)} {html.escape(comparison.stack)}: {summary(assessment)}"
    worst = f"**{verdict(assessment)}**" if assessment.dangers else verdict(assessment)
    where = f"{worst}. Against {html.escape(comparison.base)}, in {html.escape(comparison.region)}"
    yield f"{where}; evaluated offline."
    if assessment.dangers:
        yield "\n".join(_danger_lines(assessment))
    if comparison.ignored:
        yield "\n".join(_ignored_lines(assessment))
    if comparison.outputs:
        yield f"Outputs made in another way: {', '.join(_code(name) for name in comparison.outputs)}"


def _icon(assessment: Assessment) -> str:
    dangers = assessment.dangers
    if dangers and dangers[0].severity in DESTRUCTIVE:
        return "🛑"
    return "⚠️" if dangers else "✅"


def _danger_lines(assessment: Assessment) -> Iterator[str]:
    yield from _kept([_danger_line(line) for line in danger_lines(assessment)])


def _ignored_lines(assessment: Assessment) -> Iterator[str]:
    yield from _kept(
        [
            f"- ⚪ **IGNORED** {_code(line.name)} ({_code(line.type)}): {html.escape(line.change, quote=False)}: "
            f"{html.escape(line.taken_over, quote=False)}"
            for line in ignored_lines(assessment)
        ]
    )


def _kept(found: Sequence[str]) -> Iterator[str]:
    kept = len([total for total in accumulate(len(line) + 1 for line in found) if total <= _DANGERS_LIMIT])
    yield from found[:kept]
    if kept < len(found):
        yield f"- … and {len(found) - kept} more such lines, left out for length"


def _danger_line(line: DangerLine) -> str:
    icon = "🔴" if line.severity in DESTRUCTIVE else "🟠"
    whose = "" if line.change is None else f" {_code(line.change.name)} ({_code(line.change.type)}):"
    source = "" if line.source is None else f" <sub>{html.escape(line.source, quote=False)}</sub>"
    return f"- {icon} **{HEADLINES[line.severity]}**{whose} {html.escape(line.words, quote=False)}{source}"


def _added(new: Sequence[NewComponent], cost_of: CostOf | None) -> Iterator[str]:
    if new:
        rows = [
            f"- **{component.type}** {_code(component.name)}: {component.counted}"
            f"{f', {cost_of(component.names)}' if cost_of is not None else ''}"
            for component in new
        ]
        yield "\n".join([f"### Added: {counted(len(new), 'component')}", "", *rows])


def _bounded(section: str) -> str:
    if len(section) <= _SECTION_LIMIT:
        return section
    heading = section.splitlines()[0]
    return f"{heading}\n\nLeft out for length: {len(section)} characters."


class _Detail(IntEnum):
    """The part of a component that is shown."""

    COUNTED = 0
    LISTED = 1
    FULL = 2


def _folded(assessment: Assessment, changes: Sequence[Assessed], budget: int) -> list[str]:
    """Return a block per component: all of them counted, then as many listed, and then full, as there is room for."""
    groups = _by_component(assessment, changes)
    shortest = [_block(name, group, _Detail.COUNTED) for name, group in groups]
    lengths = [len(block) + _BETWEEN for block in shortest]
    kept = len([total for total in accumulate(lengths) if total <= budget])
    blocks = shortest[:kept]
    reached = [_Detail.COUNTED] * kept
    for detail in (_Detail.LISTED, _Detail.FULL):
        for position, (name, group) in enumerate(groups[:kept]):
            block = _block(name, group, detail)
            room = budget - sum(len(other) + _BETWEEN for other in blocks)
            if reached[position] == detail - 1 and len(block) - len(blocks[position]) <= room:
                blocks[position], reached[position] = block, detail
    numbers = [len(group) for _, group in groups]
    return [*blocks, *_left_out(assessment, dict(zip_longest(range(len(groups)), reached)), numbers)]


def _left_out(assessment: Assessment, reached: Mapping[int, _Detail | None], numbers: Sequence[int]) -> Iterator[str]:
    def resources(detail: _Detail | None) -> int:
        return sum(numbers[position] for position, found in reached.items() if found is detail)

    words = [
        f"{what} {counted(count, 'resource')}"
        for what, count in (
            ("the properties of", resources(_Detail.LISTED)),
            ("the names of", resources(_Detail.COUNTED)),
            ("the components of", resources(None)),
        )
        if count
    ]
    if words:
        all_of_it = command("plan", assessment.comparison.stack, "--against …")
        yield f"Left out for length: {', '.join(words)}; `{all_of_it}` shows everything."


def _by_component(assessment: Assessment, changes: Sequence[Assessed]) -> list[tuple[str, list[Assessed]]]:
    """Return the changes by outermost component; the components with something dangerous in them first."""

    def component(one: Assessed) -> str:
        return one.change.components[0] if one.change.components else _NO_COMPONENT

    dangerous = {component(one) for one in assessment.dangers}
    ordered = sorted(changes, key=lambda one: (component(one) not in dangerous, component(one)))
    return [(name, list(group)) for name, group in groupby(ordered, key=component)]


def _block(name: str, changes: Sequence[Assessed], detail: _Detail) -> str:
    actions = ", ".join(
        f"{count} {action}" for action in Action if (count := sum(one.change.action is action for one in changes))
    )
    heading = f"<b>{html.escape(name)}</b>: {actions}"
    if detail is _Detail.COUNTED:
        return f"- {heading}"
    entries = "\n".join(_entry(one, detailed=detail is _Detail.FULL) for one in changes)
    return f"<details><summary>{heading}</summary>\n\n{entries}\n\n</details>"


def _entry(one: Assessed, *, detailed: bool) -> str:
    change = one.change
    heading = f"- **{change.action}** {_code(change.name)} ({_code(change.type)})"
    if change.former_urn is not None:
        heading += f", formerly {_code(change.former_urn.rpartition('::')[2])}"
    if one.harmless is not None:
        heading += f", harmless: {one.harmless}"
    elif change.action is Action.REPLACED:
        heading += f", because {html.escape(reasons(change))}"
    found = shortened([*lines(one)]) if detailed else []
    return f"{heading}\n{_fenced(found)}" if found else heading


def _fenced(found: Sequence[str]) -> str:
    text = "\n".join(found)
    # A fence inside of a value must not end the block.
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`{3,}", text))])
    return "\n".join(f"  {line}" for line in [f"{fence}diff", *found, fence])


def _code(text: str) -> str:
    """Return text as inline code, whatever stands in it."""
    fence = "`" * max([1, *(len(run) + 1 for run in re.findall("`+", text))])
    return f"{fence}{text}{fence}"
