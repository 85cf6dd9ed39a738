"""The cost of a change as a section of a pull request's comment."""

import html
from collections.abc import Iterator, Sequence

from workbench.counting import counted
from workbench.review.cost.difference import ChangedLine, Difference
from workbench.review.cost.wording import assumptions, change, money

_MOST_LINES = 12
"""As many as are read without unfolding anything."""


def cost_section(found: Difference) -> str:
    """Return Markdown with a heading of the third level: the sum, what changes it most, what has no price."""
    return "\n".join(_lines(found))


def _lines(found: Difference) -> Iterator[str]:
    before, after = found.before.usd.expected, found.after.usd.expected
    if found.before.usd == found.after.usd and not found.lines and not found.newly_unpriced:
        yield f"### Cost: {money(after)} USD a month, as before"
        return
    reservation = ", not counting what has no price" if found.newly_unpriced else ""
    yield f"### Cost: {change(found.delta)} USD a month, {money(before)} → {money(after)}{reservation}"
    yield ""
    yield "| | before | after | change |"
    yield "|---|--:|--:|--:|"
    yield from _rows(found.lines)
    for label, old, new in found.sums:
        yield f"| **{label}** | {money(old)} | {money(new)} | **{change(new - old)}** |"
    yield ""
    for one in found.newly_unpriced:
        yield f"- **unpriced** {html.escape(one.resource)} (`{one.type}`): {html.escape(one.reason)}"
    yield f"<sub>{html.escape(assumptions(found.after))}</sub>"


def _rows(lines: Sequence[ChangedLine]) -> Iterator[str]:
    for line in lines[:_MOST_LINES]:
        what = html.escape(f"{line.resource}: {line.what}").replace("|", "\\|")
        yield f"| {what} | {money(line.before.expected)} | {money(line.after.expected)} | {change(line.delta)} |"
    rest = lines[_MOST_LINES:]
    if rest:
        delta = sum(line.delta for line in rest)
        yield f"| {counted(len(rest), 'line')} more | | | {change(delta)} |"
