"""The estimate as a part of the plan's page."""

from zelly_infra.review.cost.estimate import Estimate
from zelly_infra.review.cost.wording import assumptions, money
from zelly_infra.review.page.section import Section


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
        emphasised=frozenset(range(len(rows), len(rows) + len(unpriced))),
    )
