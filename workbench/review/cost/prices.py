"""List prices: ``prices.json`` beside this module, each with its unit, date, source and how far it can be trusted."""

import json
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.errors import OperatorError

TABLE = Path(__file__).with_name("prices.json")


_TRAFFIC_TO_REGIONS = "transfer.to_"


class Confidence(StrEnum):
    """How a price came into the table."""

    API = "api"
    """Read from the AWS Price List API by ``cost refresh``."""
    EXTRACT = "extract"
    """A value in a published copy of a price list."""
    PAGE = "page"
    """Quoted by a document or a bill, or solved from its figures."""
    MEMORY = "memory"
    """Without a source."""


class Price(BaseModel):
    """What one unit of something costs, without tax, free tiers and discounts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    usd: Annotated[Decimal, Field(ge=0)]
    unit: str
    date: str | None
    """Of the source or of the price list (``2026-08`` or ``2026-08-21``); None where it has none."""
    source: str
    confidence: Confidence
    note: str | None = None
    range: tuple[Decimal, Decimal] | None = None
    """Between which values a price moves that is not fixed."""

    @property
    def verified(self) -> bool:
        """Whether the price has a source."""
        return self.confidence is not Confidence.MEMORY


class PriceTable(BaseModel):
    """All prices, by region and item."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    note: str
    regions: Mapping[str, Mapping[str, Price]]

    def price(self, region: str, item: str) -> Price | None:
        """Return the price of an item, e.g. ``nat.hour``, in a region; None where the table has none."""
        return self.regions.get(region, {}).get(item)

    def lender(self, region: str) -> str | None:
        """Return whose prices stand in for those of a region that the table does not have; None for one that it has."""
        if region in self.regions or not self.regions:
            return None
        return max(self.regions, key=lambda name: (len(self.regions[name]), name))

    def price_or_lent(self, region: str, item: str) -> Price | None:
        """Return the price of an item, else another region's as an unverified one.

        That is for a region that the table does not have, and for traffic to one: an estimate, until they are read.
        """
        lender = self.lender(region)
        price = self.price(lender or region, item)
        if price is None and item.startswith(_TRAFFIC_TO_REGIONS):
            known = sorted(
                name for name in self.regions.get(lender or region, {}) if name.startswith(_TRAFFIC_TO_REGIONS)
            )
            price, lender = (self.price(lender or region, known[0]), known[0]) if known else (None, lender)
        if price is None or lender is None:
            return price
        return price.model_copy(update={"confidence": Confidence.MEMORY, "source": f"the price of {lender}"})

    def as_text(self) -> str:
        """Return the table as its file holds it."""
        return json.dumps(_plain(self.model_dump(exclude_unset=True)), indent=2, ensure_ascii=False) + "\n"


def read_prices(path: Path = TABLE) -> PriceTable:
    """Return the prices in a file.

    Raises:
        OperatorError: with a line for each thing that is wrong with it.
    """
    try:
        return PriceTable.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OperatorError(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        raise OperatorError(
            *(
                f"{path.name}: {'.'.join(str(part) for part in found['loc'])}: {found['msg']}"
                for found in error.errors()
            )
        ) from None


def _plain(value: object) -> object:
    """Return the value with its decimals as JSON's numbers, which both read the same."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {key: _plain(member) for key, member in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, tuple | list):
        return [_plain(member) for member in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return value
