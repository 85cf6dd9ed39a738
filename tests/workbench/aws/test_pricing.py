"""AWS Price List: the answer's shape, its pages, and how a refusal is told."""

import json
from collections.abc import Generator
from decimal import Decimal
from typing import Any

import pytest
from botocore.stub import Stubber

from workbench.aws.pricing import ENDPOINT_REGION, Pricing, Product, Rate
from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError

ASKED = {
    "ServiceCode": "AmazonEC2",
    "FormatVersion": "aws_v1",
    "Filters": [
        {"Type": "TERM_MATCH", "Field": "regionCode", "Value": "ap-south-1"},
        {"Type": "TERM_MATCH", "Field": "usagetype", "Value": "APS3-NatGateway-Hours"},
    ],
}
ATTRIBUTES = {"regionCode": "ap-south-1", "usagetype": "APS3-NatGateway-Hours"}


def listed(sku: str, *rates: tuple[str, str], published: str = "2026-11-20T18:04:11Z") -> str:
    """Return a product as GetProducts answers: JSON in a text."""
    dimensions: dict[str, Any] = {
        f"{sku}.JRTCKXETXF.{number}": {
            "unit": "Hrs",
            "beginRange": begins_at,
            "endRange": "Inf",
            "description": f"$ {usd} per hour",
            "appliesTo": [],
            "rateCode": f"{sku}.JRTCKXETXF.{number}",
            "pricePerUnit": {"USD": usd},
        }
        for number, (begins_at, usd) in enumerate(rates)
    }
    offer: dict[str, Any] = {
        "sku": sku,
        "offerTermCode": "JRTCKXETXF",
        "termAttributes": {},
        "priceDimensions": dimensions,
    }
    return json.dumps(
        {
            "product": {"sku": sku, "productFamily": "NAT Gateway", "attributes": {"regionCode": "ap-south-1"}},
            "serviceCode": "AmazonEC2",
            "terms": {"OnDemand": {f"{sku}.JRTCKXETXF": offer}},
            "version": "20261120180411",
            "publicationDate": published,
        }
    )


@pytest.fixture
def stubbed() -> Generator[tuple[Pricing, Stubber]]:
    connection = Connection(ENDPOINT_REGION)
    client: Any = connection.client("pricing")

    def made(service: str, *, repeatable: bool = True) -> Any:
        del service, repeatable
        return client

    connection.client = made
    with Stubber(client) as stubber:
        yield Pricing(connection), stubber
        stubber.assert_no_pending_responses()


def test_products_of_all_pages_come_with_their_rates_in_order(stubbed: tuple[Pricing, Stubber]) -> None:
    pricing, stubber = stubbed
    first = {"PriceList": [listed("AAA", ("10240", "0.05"), ("0", "0.0560000000"))], "NextToken": "more"}
    stubber.add_response("get_products", first, ASKED)
    stubber.add_response("get_products", {"PriceList": [listed("BBB")]}, {**ASKED, "NextToken": "more"})
    assert pricing.products("AmazonEC2", ATTRIBUTES) == [
        Product(
            sku="AAA",
            published="2026-11-20",
            rates=(
                Rate(begins_at=Decimal(0), unit="Hrs", usd=Decimal("0.0560000000")),
                Rate(begins_at=Decimal(10240), unit="Hrs", usd=Decimal("0.05")),
            ),
        ),
        Product(sku="BBB", published="2026-11-20", rates=()),
    ]


def test_no_product_is_none(stubbed: tuple[Pricing, Stubber]) -> None:
    pricing, stubber = stubbed
    stubber.add_response("get_products", {"PriceList": []}, ASKED)
    assert pricing.products("AmazonEC2", ATTRIBUTES) == []


def test_refusal_names_what_was_asked(stubbed: tuple[Pricing, Stubber]) -> None:
    pricing, stubber = stubbed
    stubber.add_client_error("get_products", "AccessDeniedException", "not authorized", 400)
    with pytest.raises(AwsError) as failed:
        pricing.products("AmazonEC2", ATTRIBUTES)
    assert str(failed.value).startswith(
        "pricing:GetProducts, AmazonEC2 APS3-NatGateway-Hours: AccessDeniedException: not authorized"
    )
