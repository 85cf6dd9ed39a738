"""Estimates as tables for a terminal."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.table import Table

from zelly_infra.review.cost.wording import assumptions, change, money

if TYPE_CHECKING:
    from rich.console import RenderableType

    from zelly_infra.review.cost.difference import Difference
    from zelly_infra.review.cost.estimate import Estimate, Unpriced
    from zelly_infra.review.cost.quantity import Quantity
    from zelly_infra.review.cost.savings import Saving


def estimate_view(estimate: "Estimate") -> list["RenderableType"]:
    """Return the lines of an estimate below their components."""
    title = f"{estimate.stack} in {estimate.region}, USD a month"
    table = _table(title, "expected quantity", "at", "low", "expected", "high")
    for component, usd, lines in estimate.by_component():
        table.add_row(component, "", "", *_three(usd), style="bold")
        for line in lines:
            price = f"{line.price.usd:f}{'' if line.price.verified else ' unverified'}"
            quantity = f"{line.quantity.expected:,.2f} {line.price.unit}"
            table.add_row(f"  {line.resource}: {line.what}", quantity, price, *_three(line.usd))
    table.add_row()
    table.add_row("total", "", "", *_three(estimate.usd), style="bold")
    return [table, "", *_unpriced(estimate.unpriced), assumptions(estimate)]


def difference_view(found: "Difference") -> list["RenderableType"]:
    """Return the lines that differ."""
    table = _table(f"{found.after.stack} against {found.base}, USD a month", "before", "after", "change")
    for line in found.lines:
        table.add_row(
            f"{line.component}, {line.resource}: {line.what}",
            money(line.before.expected),
            money(line.after.expected),
            change(line.delta),
        )
    table.add_row()
    for label, before, after in found.sums:
        table.add_row(label, money(before), money(after), change(after - before), style="bold")
    return [table, "", *_unpriced(found.newly_unpriced), assumptions(found.after)]


def savings_view(estimate: "Estimate", savings: Sequence["Saving"], together: "Estimate") -> list["RenderableType"]:
    """Return what each switch saves."""
    table = _table(f"{estimate.stack} in {estimate.region}, USD a month", "saves", "gives up")
    table.columns[-1].justify = "left"
    for saving in savings:
        table.add_row(saving.switch.name, money(saving.usd), saving.switch.gives_up)
    table.add_row()
    table.add_row("all of them", money(estimate.usd.expected - together.usd.expected), "", style="bold")
    sums = f"{money(estimate.usd.expected)} now, {money(together.usd.expected)} with all of them."
    return [table, "", sums, *_unpriced(together.unpriced), assumptions(together)]


def _table(title: str, *columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(title, overflow="fold")
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _three(usd: "Quantity") -> tuple[str, str, str]:
    return (money(usd.low), money(usd.expected), money(usd.high))


def _unpriced(found: Iterable["Unpriced"]) -> list[str]:
    return [f"unpriced: {one.resource} ({one.type}): {one.reason}" for one in found]
