"""Estimates as tables for a terminal."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from zelly_infra.review.cost.wording import assumptions, change, money

if TYPE_CHECKING:
    from rich.console import RenderableType

    from zelly_infra.review.cost.difference import Difference
    from zelly_infra.review.cost.estimate import Estimate, Unpriced
    from zelly_infra.review.cost.quantity import Quantity
    from zelly_infra.review.cost.savings import Saving


def estimate_view(estimate: "Estimate") -> list["RenderableType"]:
    """Return the lines of an estimate below their components."""
    table = _table(f"{estimate.stack} in {estimate.region}, USD a month", "low", "expected", "high")
    for component, usd, lines in estimate.by_component():
        table.add_row(Text(component, style="bold"), *(Text(text, style="bold") for text in _three(usd)))
        for line in lines:
            note = "" if line.price.verified else " (unverified price)"
            table.add_row(f"  {line.resource}: {line.what}{note}", *_three(line.usd))
    table.add_section()
    table.add_row(Text("total", style="bold"), *(Text(text, style="bold") for text in _three(estimate.usd)))
    return [table, *_unpriced(estimate.unpriced), assumptions(estimate)]


def difference_view(found: "Difference") -> list["RenderableType"]:
    """Return the lines that differ."""
    table = _table(f"{found.after.stack} against {found.base}, USD a month", "before", "after", "change")
    for line in found.lines:
        label = f"{line.resource}: {line.what}" if line.component in line.resource else f"{line.component}: {line.what}"
        table.add_row(label, money(line.before.expected), money(line.after.expected), change(line.delta))
    table.add_section()
    before, after = found.before.usd.expected, found.after.usd.expected
    table.add_row("total", money(before), money(after), change(found.delta), style="bold")
    return [table, *_unpriced(found.newly_unpriced), assumptions(found.after)]


def savings_view(
    estimate: "Estimate", savings: Sequence["Saving"], together: "Estimate"
) -> list["RenderableType"]:
    """Return what each switch saves."""
    table = _table(f"{estimate.stack} in {estimate.region}, USD a month", "saves", "gives up")
    table.columns[-1].justify = "left"
    for saving in savings:
        table.add_row(saving.switch.name, money(saving.usd), saving.switch.gives_up)
    table.add_section()
    table.add_row("all of them", money(estimate.usd.expected - together.usd.expected), "", style="bold")
    sums = f"{money(estimate.usd.expected)} now, {money(together.usd.expected)} with all of them."
    return [table, sums, *_unpriced(together.unpriced), assumptions(together)]


def _table(title: str, *columns: str) -> Table:
    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column(title, overflow="fold")
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _three(usd: "Quantity") -> tuple[str, str, str]:
    return (money(usd.low), money(usd.expected), money(usd.high))


def _unpriced(found: Iterable["Unpriced"]) -> list[str]:
    return [f"unpriced: {one.resource} ({one.type}): {one.reason}" for one in found]
