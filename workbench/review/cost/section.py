"""The estimate as a part of the plan's page."""

from workbench.review.cost.difference import Difference
from workbench.review.cost.estimate import Estimate
from workbench.review.cost.wording import assumptions, change, money
from workbench.review.page.section import Section


def section(estimate: Estimate) -> Section:
    """Return the lines by component, each component's sum before them, and what has no price at the end."""
    rows: list[tuple[str, ...]] = []
    for component, usd, lines in estimate.by_component():
        rows.append((component, "", money(usd.low), money(usd.expected), money(usd.high)))
        for line in lines:
            what = f"{line.resource}: {line.what}{'' if line.price.verified else ' (unverified price)'}"
            rows.append(("", what, money(line.usd.low), money(line.usd.expected), money(line.usd.high)))
    unpriced = [(one.component, f"{one.resource}: {one.reason}", "?", "?", "?") for one in estimate.unpriced]
    total = estimate.usd
    return Section(
        title="Cost",
        summary=(
            f"{money(total.expected)} USD a month are expected, {money(total.low)} at low and {money(total.high)} at "
            f"high use: {assumptions(estimate)}"
        ),
        columns=("component", "what", "low", "expected", "high"),
        rows=[*rows, *unpriced],
        numbers=frozenset({2, 3, 4}),
        minor=frozenset({2, 4}),
        emphasised=frozenset(range(len(rows), len(rows) + len(unpriced))),
    )


def difference_section(found: Difference) -> Section:
    """Return the lines that change, the sums, and what newly has no price."""
    lines = [
        (f"{line.resource}: {line.what}", money(line.before.expected), money(line.after.expected), change(line.delta))
        for line in found.lines
    ]
    sums = [(label, money(old), money(new), change(new - old)) for label, old, new in found.sums]
    unpriced = [(f"{one.resource}: {one.reason}", "", "?", "?") for one in found.newly_unpriced]
    return Section(
        title="Change of the cost",
        summary=(
            f"{change(found.delta)} USD a month, {money(found.before.usd.expected)} → "
            f"{money(found.after.usd.expected)}: {assumptions(found.after)}"
        ),
        columns=("what", "before", "after", "change"),
        rows=[*lines, *sums, *unpriced],
        numbers=frozenset({1, 2, 3}),
        minor=frozenset({1}),
        emphasised=frozenset(range(len(lines) + len(sums), len(lines) + len(sums) + len(unpriced))),
    )
