"""Bringing the price table up to the AWS Price List."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from workbench.aws.pricing import Pricing, Product
from workbench.errors import OperatorError
from workbench.files import write_whole
from workbench.operations.prices.queries import check_region, query_of
from workbench.review.cost.prices import Confidence, Price, PriceTable

SOURCE = "AWS Price List API"


@dataclass(frozen=True, kw_only=True)
class PriceChange:
    """An item whose price AWS publishes."""

    region: str
    item: str
    before: Price
    after: Price

    @property
    def differs(self) -> bool:
        """Whether AWS asks for something else than the table says; else only date and source are new."""
        return self.before.usd != self.after.usd


@dataclass(frozen=True, kw_only=True)
class LeftAlone:
    """An item that stays as it is, and why."""

    region: str
    item: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RefreshPlan:
    """The change of each item of the table."""

    changes: Sequence[PriceChange]
    left_alone: Sequence[LeftAlone]

    def lines(self) -> list[str]:
        """Return what is going to happen, for the operator to read: other prices first."""
        differing = [change for change in self.changes if change.differs]
        return [
            *(
                f"{change.region} {change.item}: {change.before.usd:f} -> {change.after.usd:f} USD, {change.after.unit}"
                for change in differing
            ),
            f"{_verbal(len(differing), 'price differs', 'prices differ')}, "
            f"{_verbal(len(self.changes) - len(differing), 'is confirmed', 'are confirmed')}, "
            f"{_verbal(len(self.left_alone), 'stays as it is', 'stay as they are')}:",
            *(f"  {one.region} {one.item}: {one.reason}" for one in self.left_alone),
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {
            "differing": [
                {
                    "region": change.region,
                    "item": change.item,
                    "before_usd": float(change.before.usd),
                    "after_usd": float(change.after.usd),
                }
                for change in self.changes
                if change.differs
            ],
            "confirmed": [f"{change.region} {change.item}" for change in self.changes if not change.differs],
            "left_alone": [{"region": one.region, "item": one.item, "reason": one.reason} for one in self.left_alone],
        }


def plan_refresh(table: PriceTable, regions: Sequence[str], pricing: Pricing) -> RefreshPlan:
    """Ask AWS for the price of every item that the table has in these regions.

    Raises:
        OperatorError: for a region that the table does not have, or when AWS does not answer.
    """
    changes: list[PriceChange] = []
    left_alone: list[LeftAlone] = []
    for region in regions:
        check_region(region)
        if region not in table.regions:
            raise OperatorError(f"--region: came {region}; allowed: {', '.join(table.regions)}, which the table has")
        for item, before in table.regions[region].items():
            after = _published(region, item, before, pricing)
            if isinstance(after, Price):
                changes.append(PriceChange(region=region, item=item, before=before, after=after))
            else:
                left_alone.append(LeftAlone(region=region, item=item, reason=after))
    return RefreshPlan(changes=changes, left_alone=left_alone)


def refreshed(table: PriceTable, plan: RefreshPlan) -> PriceTable:
    """Return the table with what AWS publishes."""
    new = {(change.region, change.item): change.after for change in plan.changes}
    return PriceTable(
        note=table.note,
        regions={
            region: {item: new.get((region, item), price) for item, price in items.items()}
            for region, items in table.regions.items()
        },
    )


def write(table: PriceTable, path: Path) -> None:
    """Write the table in one go, so that no half of it is ever there.

    Raises:
        OperatorError: when it cannot be written.
    """
    try:
        write_whole(path, table.as_text())
    except OSError as error:
        raise OperatorError(f"{path}: {error.strerror}; nothing was changed") from None


def _verbal(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _published(region: str, item: str, before: Price, pricing: Pricing) -> Price | str:
    """Return the price that AWS publishes, or why there is none to take."""
    query = query_of(item)
    if query is None:
        return "the price list has no product for it that is known here"
    products = pricing.products(query.service_code, query.filters(region))
    if len(products) != 1:
        skus = f": {', '.join(product.sku for product in products)}" if products else ""
        return f"{len(products)} products match {query.usage_type.format(prefix='*', region=region)}{skus}"
    usd = _first_rate(products[0])
    if usd is None:
        return f"product {products[0].sku} has no single price to begin with"
    return Price(
        usd=(usd * query.units).normalize(),
        unit=before.unit,
        date=products[0].published,
        source=SOURCE,
        confidence=Confidence.API,
    )


def _first_rate(product: Product) -> Decimal | None:
    """Return the price of the first unit in a month; None where there is none, or more than one."""
    first = [rate.usd for rate in product.rates if rate.begins_at == 0]
    return first[0] if len(first) == 1 else None
