"""Cost of a part of a stack: the lines of its own resources."""

from collections.abc import Iterable
from decimal import Decimal

from workbench.review.cost.estimate import Estimate
from workbench.review.cost.wording import money


def cost_in_words(estimate: Estimate | None, names: Iterable[str]) -> str:
    """Return what the resources of these names are expected to cost; not what they share with others, such as traffic.

    ``12.34 USD a month``; with what has no price where there is such, and ``cost not estimated`` without an estimate.
    """
    if estimate is None:
        return "cost not estimated"
    short = {name.removeprefix(estimate.prefix) for name in names}
    usd = sum((line.usd.expected for line in estimate.lines if line.resource in short), Decimal(0))
    unpriced = sum(one.resource in short for one in estimate.unpriced)
    return f"{money(usd)} USD a month{f' and {unpriced} without a price' if unpriced else ''}"
