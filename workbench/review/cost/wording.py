"""Amounts and assumptions in words, the same in a terminal and in a comment."""

from decimal import Decimal

from workbench.review.cost.estimate import Estimate
from workbench.review.cost.quantity import HOURS_PER_MONTH


def money(usd: Decimal | int) -> str:
    """Return an amount to the cent, with separators: ``1,127.28``."""
    return f"{usd:,.2f}"


def change(usd: Decimal | int) -> str:
    """Return a difference with its sign: ``+12.34``, ``-5.00``."""
    return f"{usd:+,.2f}"


def assumptions(estimate: Estimate) -> str:
    """Return what the figures stand on, in one line."""
    dates = estimate.price_dates
    dated = f", prices of {dates[0]} to {dates[1]}" if dates else ""
    unverified = f", {money(estimate.unverified_usd)} USD of it at unverified prices" if estimate.unverified_usd else ""
    lent = f", all of them {estimate.prices_of}'s: there are none of {estimate.region} yet"
    lent = lent if estimate.prices_of != estimate.region else ""
    return f"{HOURS_PER_MONTH} hours a month, on demand, without tax{dated}{unverified}{lent}."
