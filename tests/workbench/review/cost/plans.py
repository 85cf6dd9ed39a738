"""Small plans to price, and the estimates of the sample's stacks."""

import functools
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from rich.console import Console, RenderableType

from tests.support import sample
from workbench.review.cost.estimate import Estimate, estimate
from workbench.review.cost.plan import Charge, Finding, Plan, plan_of
from workbench.review.cost.prices import PriceTable, read_prices
from workbench.review.cost.quantity import Quantity
from workbench.review.cost.savings import with_values
from workbench.review.cost.usage import Usage, parse_usage, read_usage

REGION = "ap-south-1"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A resource of a plan, as far as pricing looks at it."""

    type: str
    name: str = "thing"
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])
    parent: str | None = None
    custom: bool = True

    @property
    def urn(self) -> str:
        return f"urn:pulumi:production::shop::{self.type}::{self.name}"


def usage(**changes: Any) -> Usage:
    """Return the sample's assumptions with changes by path; ``__`` separates its parts."""
    plain = json.loads(usage_of(sample.OWNER).model_dump_json())
    return parse_usage(
        with_values(plain, {path.replace("__", "/"): value for path, value in changes.items()}), source="test"
    )


def three(low: float, expected: float, high: float) -> dict[str, float]:
    return {"low": low, "expected": expected, "high": high}


def plan(*resources: Recorded, assumed: Usage | None = None, region: str = REGION) -> Plan:
    return plan_of("production", region, resources, assumed or usage())


def charges(found: list[Finding]) -> list[tuple[str, ...]]:
    """Return item and quantities of each charge; of what cannot be counted the reason."""
    return [
        (one.item, *(_plain(value) for value in (one.quantity.low, one.quantity.expected, one.quantity.high)))
        if isinstance(one, Charge)
        else ("unknown", one.reason, "", "")
        for one in found
    ]


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@functools.cache
def prices() -> PriceTable:
    return read_prices()


@functools.cache
def estimate_of(stack: str) -> Estimate:
    """Return the estimate of one of the sample's stacks with its own assumptions."""
    resources = sample.evaluation_of(stack).resources
    return estimate(plan_of(stack, sample.REGIONS[stack], resources, usage_of(stack)), prices())


@functools.cache
def usage_of(stack: str) -> Usage:
    """Return the assumptions about one of the sample's stacks."""
    return read_usage(sample.FOLDER / "usage" / f"{stack}.yaml")


def table(**usd: Mapping[str, Any]) -> PriceTable:
    """Return a table of one region with some prices; each is 1 USD but for what is given."""
    price = {"usd": 1, "unit": "hour", "date": "2026-01-01", "source": "test", "confidence": "api"}
    return PriceTable.model_validate(
        {
            "note": "",
            "regions": {REGION: {item.replace("__", "."): {**price, **changes} for item, changes in usd.items()}},
        }
    )


def quantity(low: str, expected: str, high: str) -> Quantity:
    return Quantity(low=Decimal(low), expected=Decimal(expected), high=Decimal(high))


def shown(view: Iterable[RenderableType]) -> list[str]:
    """Return the lines that a pipe gets, without the spaces at their ends."""
    return printed(view, columns=10_000)


def printed(view: Iterable[RenderableType], *, columns: int) -> list[str]:
    """Return the lines that a terminal of that width gets, in the same way."""
    text = io.StringIO()
    console = Console(file=text, width=columns, highlight=False, emoji=False, markup=False)
    for part in view:
        console.print(part)
    return [line.rstrip() for line in text.getvalue().splitlines()]
