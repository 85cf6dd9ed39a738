"""Estimates as tables for a terminal."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from workbench.review.cost.wording import assumptions, change, money

if TYPE_CHECKING:
    from rich.console import RenderableType

    from workbench.review.cost.difference import Difference
    from workbench.review.cost.documented import Comparison
    from workbench.review.cost.estimate import Estimate, Unpriced
    from workbench.review.cost.quantity import Quantity
    from workbench.review.cost.savings import Saving


_CASES = ("low", "expected", "high")

_WIDE = 160
"""How many columns a line with its quantity and price takes."""


def estimate_view(
    estimate: "Estimate", comparison: "Comparison | None" = None, *, lines: bool, columns: int
) -> list["RenderableType"]:
    """Return a table of each component's sum, or with ``lines`` of its parts, and the comparison with the documents."""
    title = f"{estimate.stack} in {estimate.region}, USD a month"
    table = _lines_table(title, estimate, columns) if lines else _sums_table(title, estimate)
    documented = comparison.lines() if comparison is not None else []
    return [
        table,
        "",
        *(Text(paragraph) for paragraph in documented),
        *([""] if documented else []),
        *_unpriced(estimate.unpriced),
        Text(assumptions(estimate)),
        *([] if lines else [Text("--lines shows every quantity and price.")]),
    ]


def _sums_table(title: str, estimate: "Estimate") -> Table:
    table = _table(title, *_CASES)
    for component, usd, _ in estimate.by_component():
        table.add_row(component, *_three(usd))
    table.add_row()
    table.add_row("total", *_three(estimate.usd), style="bold")
    return table


def _lines_table(title: str, estimate: "Estimate", columns: int) -> Table:
    """Return a table with a row for each line. On a narrow screen, quantity and price stand below the line."""
    is_wide = columns >= _WIDE
    table = _table(title, *(("expected quantity", "at") if is_wide else ()), *_CASES)
    blank = ("", "") if is_wide else ()
    for component, usd, found in estimate.by_component():
        table.add_row(component, *blank, *_three(usd), style="bold")
        for line in found:
            price = f"{line.price.usd:f}{'' if line.price.verified else ' unverified'}"
            quantity = f"{line.quantity.expected:,.2f} {line.price.unit}"
            if is_wide:
                table.add_row(f"  {line.resource}: {line.what}", quantity, price, *_three(line.usd))
            else:
                table.add_row(
                    Padding(f"{line.resource}: {line.what}\n  {quantity} at {price}", (0, 0, 0, 2)), *_three(line.usd)
                )
    table.add_row()
    table.add_row("total", *blank, *_three(estimate.usd), style="bold")
    return table


def difference_view(found: "Difference") -> list["RenderableType"]:
    """Return a table of the lines that differ."""
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
    """Return a table of the savings of each switch."""
    table = _table(f"{estimate.stack} in {estimate.region}, USD a month", "saves", "gives up")
    table.columns[-1].justify = "left"
    table.columns[-1].no_wrap = False
    for saving in savings:
        table.add_row(saving.switch.name, money(saving.usd), saving.switch.gives_up)
    table.add_row()
    table.add_row("all of them", money(estimate.usd.expected - together.usd.expected), "", style="bold")
    added, saved = sum(saving.usd for saving in savings), estimate.usd.expected - together.usd.expected
    sums = f"{money(estimate.usd.expected)} now, {money(together.usd.expected)} with all of them."
    overlap = (
        f"The rows overlap: each is what its switch saves by itself, {money(added)} added up, and all of them together "
        f"save {money(saved)}."
    )
    return [table, "", Text(sums), Text(overlap), *_unpriced(together.unpriced), Text(assumptions(together))]


def _table(title: str, *columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(title)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _three(usd: "Quantity") -> tuple[str, str, str]:
    return (money(usd.low), money(usd.expected), money(usd.high))


def _unpriced(found: Iterable["Unpriced"]) -> list[str]:
    return [f"unpriced: {one.resource} ({one.type}): {one.reason}" for one in found]
