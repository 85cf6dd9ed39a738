"""What becomes of each price: another one, confirmed, or left as it is with a reason."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from tests.workbench.operations.failing import refused
from workbench.aws.pricing import Pricing, Product, Rate
from workbench.errors import OperatorError
from workbench.operations.prices.queries import query_of
from workbench.operations.prices.refresh import RefreshPlan, plan_refresh, refreshed, write
from workbench.review.cost.prices import PriceTable, read_prices

REGION = "ap-south-1"


class Published:
    """A price list, by usage type; one that it does not have has no product. It keeps what it was asked."""

    def __init__(self, products: Mapping[str, list[Product]]) -> None:
        self._products = products
        self.asked: list[tuple[str, dict[str, str]]] = []

    def products(self, service_code: str, attributes: Mapping[str, str]) -> list[Product]:
        self.asked.append((service_code, dict(attributes)))
        return self._products.get(attributes["usagetype"], [])


def product(sku: str, *rates: tuple[int, str]) -> Product:
    return Product(
        sku=sku,
        published="2026-11-20",
        rates=tuple(Rate(begins_at=Decimal(start), unit="Hrs", usd=Decimal(usd)) for start, usd in rates),
    )


def _table(items: Mapping[str, float]) -> PriceTable:
    old = {"unit": "hour", "date": None, "source": "from memory, no source", "confidence": "memory", "note": "old"}
    return PriceTable.model_validate(
        {"note": "all", "regions": {REGION: {item: {**old, "usd": usd} for item, usd in items.items()}}}
    )


def plan_of(items: Mapping[str, float], published: Mapping[str, list[Product]]) -> RefreshPlan:
    return plan_refresh(_table(items), [REGION], cast("Pricing", Published(published)))


ITEMS = {"nat.hour": 0.05, "nat.gb": 0.056, "alb.hour": 0.02, "kms.key_month": 1, "fargate.spot.x86.gb_hour": 0.002}
PUBLISHED = {
    "APS3-NatGateway-Hours": [product("NATHOURS", (0, "0.0560000000"))],
    "APS3-NatGateway-Bytes": [product("NATBYTES", (0, "0.056"), (10240, "0.05"))],
    "APS3-LoadBalancerUsage": [product("ONE", (0, "0.0239")), product("TWO", (0, "0.03"))],
}


def test_differences_come_first_and_what_stays_says_why() -> None:
    assert plan_of(ITEMS, PUBLISHED).lines() == [
        "ap-south-1 nat.hour: 0.05 -> 0.056 USD, hour",
        "1 price differs, 1 is confirmed, 3 stay as they are:",
        "  ap-south-1 alb.hour: 2 products match *-LoadBalancerUsage: ONE, TWO",
        "  ap-south-1 kms.key_month: 0 products match ap-south-1-KMS-Keys",
        "  ap-south-1 fargate.spot.x86.gb_hour: the price list has no product for it that is known here",
    ]


def test_more_than_one_is_said_in_the_plural() -> None:
    published = {
        name: [product("P", (0, usd))]
        for name, usd in (("APS3-NatGateway-Hours", "1"), ("APS3-NatGateway-Bytes", "2"), ("ap-south-1-KMS-Keys", "3"))
    }
    table = {"nat.hour": 0, "nat.gb": 0, "kms.key_month": 0, "alb.hour": 0}
    assert plan_of(table, published).lines()[3:] == [
        "3 prices differ, 0 are confirmed, 1 stays as it is:",
        "  ap-south-1 alb.hour: 0 products match *-LoadBalancerUsage",
    ]
    assert plan_of({"nat.hour": 1, "nat.gb": 2}, published).lines() == [
        "0 prices differ, 2 are confirmed, 0 stay as they are:"
    ]


def test_document_has_the_same() -> None:
    document = plan_of(ITEMS, PUBLISHED).document()
    assert document["differing"] == [{"region": REGION, "item": "nat.hour", "before_usd": 0.05, "after_usd": 0.056}]
    assert document["confirmed"] == ["ap-south-1 nat.gb"]
    assert [one["item"] for one in document["left_alone"]] == ["alb.hour", "kms.key_month", "fargate.spot.x86.gb_hour"]


def test_published_prices_get_date_and_source_and_the_others_keep_theirs() -> None:
    table = _table(ITEMS)
    new = refreshed(table, plan_of(ITEMS, PUBLISHED)).regions[REGION]
    assert list(new) == list(ITEMS)
    assert new["nat.hour"].model_dump(mode="json", exclude_unset=True) == {
        "usd": "0.056",
        "unit": "hour",
        "date": "2026-11-20",
        "source": "AWS Price List API",
        "confidence": "api",
    }
    assert new["nat.gb"].verified
    assert new["alb.hour"] == table.regions[REGION]["alb.hour"]


@pytest.mark.parametrize("rates", [(), ((10, "1"),), ((0, "1"), (0, "2"))])
def test_product_without_one_first_price_is_left_alone(rates: tuple[tuple[int, str], ...]) -> None:
    found = plan_of({"nat.hour": 1}, {"APS3-NatGateway-Hours": [product("ODD", *rates)]})
    assert [one.reason for one in found.left_alone] == ["product ODD has no single price to begin with"]


def test_price_of_many_units_is_counted_up() -> None:
    found = plan_of({"aurora.io.million": 1}, {"APS3-Aurora:StorageIOUsage": [product("IO", (0, "0.0000002200"))]})
    assert [change.after.usd for change in found.changes] == [Decimal("0.22")]


def test_few_items_are_counted_in_other_units_than_the_price_list() -> None:
    items = {item for items in read_prices().regions.values() for item in items}
    queries = {item: query for item in items if (query := query_of(item)) is not None}
    assert {item: int(query.units) for item, query in queries.items() if query.units != 1} == {
        "aurora.io.million": 1_000_000,
        "secrets.10k_calls": 10_000,
    }


def test_balancers_of_two_kinds_are_told_apart_by_operation() -> None:
    published = Published({})
    plan_refresh(_table({"alb.hour": 1, "nlb.hour": 1}), [REGION], cast("Pricing", published))
    usage_type = {"regionCode": REGION, "usagetype": "APS3-LoadBalancerUsage"}
    assert published.asked == [
        ("AWSELB", {**usage_type, "operation": "LoadBalancing:Application"}),
        ("AWSELB", {**usage_type, "operation": "LoadBalancing:Network"}),
    ]


@pytest.mark.parametrize(
    ("item", "usage_type"),
    [
        ("ec2.t4g.micro.hour", "APS3-BoxUsage:t4g.micro"),
        ("elasticache.valkey.cache.t4g.small.hour", "APS3-NodeUsage:cache.t4g.small"),
        ("transfer.to_ap-southeast-1.gb", "APS3-APS1-AWS-Out-Bytes"),
        ("kms.key_month", "ap-south-1-KMS-Keys"),
    ],
)
def test_items_with_a_size_in_their_name_are_found_by_it(item: str, usage_type: str) -> None:
    query = query_of(item)
    assert query is not None
    assert query.filters(REGION)["usagetype"] == usage_type


def test_items_that_nobody_asks_for_are_few_and_known() -> None:
    table = read_prices()
    assert sorted({item for items in table.regions.values() for item in items if query_of(item) is None}) == [
        "aurora.storage.gb_month.io_optimized",
        "cloudwatch.dashboard_month",
        "container_insights.enhanced.metric_month",
        "fargate.spot.arm64.gb_hour",
        "fargate.spot.arm64.vcpu_hour",
        "fargate.spot.x86.gb_hour",
        "fargate.spot.x86.vcpu_hour",
        "route53.health_check.aws_endpoint_month",
        "route53.health_check.other_endpoint_month",
        "route53.health_check.other_feature_month",
        "ssm.parameter.standard",
    ]


@pytest.mark.parametrize(
    ("region", "line"),
    [
        ("eu-west-1", "--region: came eu-west-1; allowed: ap-south-1, ap-southeast-1"),
        ("ap-southeast-1", "--region: came ap-southeast-1; allowed: ap-south-1, which the table has"),
    ],
)
def test_region_that_the_table_cannot_have_is_refused(region: str, line: str) -> None:
    assert refused(plan_refresh, _table({"nat.hour": 1}), [region], cast("Pricing", Published({}))) == [line]


def test_table_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    table = _table(ITEMS)
    write(table, path)
    assert (read_prices(path), [*tmp_path.iterdir()]) == (table, [path])


def test_table_that_cannot_be_written_stays(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "prices.json"
    with pytest.raises(OperatorError, match=r"prices\.json: No such file or directory; nothing was changed"):
        write(_table(ITEMS), path)
