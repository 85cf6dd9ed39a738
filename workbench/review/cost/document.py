"""Estimates as JSON: what ``cost --json`` prints. Amounts are US dollars a month, numbers with two decimals."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from workbench.review.cost.difference import ChangedLine, Difference
from workbench.review.cost.estimate import Estimate, Line, Unpriced
from workbench.review.cost.quantity import HOURS_PER_MONTH, Quantity
from workbench.review.cost.savings import Saving

CURRENCY = "USD"


def estimate_document(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate."""
    return {
        **_head(estimate),
        "lines": [_line(line) for line in estimate.lines],
        "unpriced": [_unpriced(one) for one in estimate.unpriced],
    }


def difference_document(found: Difference) -> dict[str, Any]:
    """Return the difference of two estimates; the first keys are those of the estimate after the change."""
    return {
        **_head(found.after),
        "against": found.base,
        "before_monthly_usd": float(found.before.usd.expected),
        "delta_monthly_usd": float(found.delta),
        "lines": [_changed_line(line) for line in found.lines],
        "unpriced": [_unpriced(one) for one in found.newly_unpriced],
    }


def savings_document(estimate: Estimate, savings: Sequence[Saving], together: Estimate) -> dict[str, Any]:
    """Return what each switch saves, and what the stack costs with all of them on."""
    return {
        **_head(estimate),
        "savings": [
            {
                "switch": saving.switch.name,
                "saves_monthly_usd": float(saving.usd),
                "gives_up": saving.switch.gives_up,
                "config": dict(saving.changes),
            }
            for saving in savings
        ],
        "together": {
            "monthly_usd": float(together.usd.expected),
            "saves_monthly_usd": float(estimate.usd.expected - together.usd.expected),
            "unpriced": [_unpriced(one) for one in together.unpriced],
        },
    }


def _head(estimate: Estimate) -> dict[str, Any]:
    dates = estimate.price_dates
    return {
        "stack": estimate.stack,
        "region": estimate.region,
        "prices_of_region": estimate.prices_of,
        "currency": CURRENCY,
        "hours_per_month": int(HOURS_PER_MONTH),
        "monthly_usd": float(estimate.usd.expected),
        "low_monthly_usd": float(estimate.usd.low),
        "high_monthly_usd": float(estimate.usd.high),
        "unverified_monthly_usd": float(estimate.unverified_usd),
        "prices_from": dates[0] if dates else None,
        "prices_to": dates[1] if dates else None,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "component": line.component,
        "resource": line.resource,
        "what": line.what,
        "quantity": _values(line.quantity),
        "monthly_usd": float(line.usd.expected),
        "low_monthly_usd": float(line.usd.low),
        "high_monthly_usd": float(line.usd.high),
        "price": {
            "item": line.item,
            "usd": float(line.price.usd),
            "unit": line.price.unit,
            "date": line.price.date,
            "source": line.price.source,
            "confidence": str(line.price.confidence),
            "verified": line.price.verified,
        },
    }


def _changed_line(line: ChangedLine) -> dict[str, Any]:
    return {
        "component": line.component,
        "resource": line.resource,
        "what": line.what,
        "items": [*line.items],
        "before_monthly_usd": float(line.before.expected),
        "monthly_usd": float(line.after.expected),
        "delta_monthly_usd": float(line.delta),
    }


def _unpriced(one: Unpriced) -> dict[str, str]:
    return {"component": one.component, "resource": one.resource, "type": one.type, "reason": one.reason}


def _values(quantity: Quantity) -> Mapping[str, float]:
    def shown(value: Decimal) -> float:
        return round(float(value), 4)

    return {"low": shown(quantity.low), "expected": shown(quantity.expected), "high": shown(quantity.high)}
