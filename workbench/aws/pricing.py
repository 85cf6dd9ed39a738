"""AWS Price List: what AWS asks for, as it publishes it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling

if TYPE_CHECKING:
    from mypy_boto3_pricing import PricingClient

ENDPOINT_REGION = "ap-south-1"
"""One of the regions where the API answers, for prices of every region ("AWS Price List Query API endpoints")."""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """The price of a unit, from some quantity in a month on."""

    begins_at: Decimal
    unit: str
    usd: Decimal


@dataclass(frozen=True, kw_only=True)
class Product:
    """One product of the price list, with its on-demand prices."""

    sku: str
    published: str
    """The day of the price list, e.g. ``2026-10-04``."""
    rates: tuple[Rate, ...]
    """In order of the quantity from which they hold."""


class Pricing:
    """The calls of the AWS Price List API that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: PricingClient = connection.in_region(ENDPOINT_REGION).client("pricing")

    def products(self, service_code: str, attributes: Mapping[str, str]) -> list[Product]:
        """Return the products of a service (``AmazonECS``) whose attributes have exactly these values."""
        paginator = self._client.get_paginator("get_products")
        with calling("pricing:GetProducts", f"{service_code} {attributes.get('usagetype', '')}".strip()):
            pages = paginator.paginate(
                ServiceCode=service_code,
                FormatVersion="aws_v1",
                Filters=[{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in attributes.items()],
            )
            return [_product(json.loads(text)) for page in pages for text in page["PriceList"]]


def _product(described: Mapping[str, Any]) -> Product:
    offers: Mapping[str, Any] = described["terms"].get("OnDemand", {})
    rates = [
        Rate(
            begins_at=Decimal(dimension["beginRange"]),
            unit=dimension["unit"],
            usd=Decimal(dimension["pricePerUnit"]["USD"]),
        )
        for offer in offers.values()
        for dimension in offer["priceDimensions"].values()
        if "USD" in dimension["pricePerUnit"]
    ]
    return Product(
        sku=described["product"]["sku"],
        published=described["publicationDate"][:10],
        rates=tuple(sorted(rates, key=lambda rate: rate.begins_at)),
    )
