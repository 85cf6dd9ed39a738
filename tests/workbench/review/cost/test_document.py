"""Estimates as others read them: ``--json``, and the tables of a page."""

from decimal import Decimal

from tests.workbench.review.cost.plans import Recorded, plan, table, three, usage
from workbench.costs import Switch
from workbench.review.cost.components import cost_in_words
from workbench.review.cost.difference import difference
from workbench.review.cost.document import difference_document, estimate_document, savings_document
from workbench.review.cost.documented import Comparison
from workbench.review.cost.estimate import estimate
from workbench.review.cost.savings import Saving
from workbench.review.cost.section import difference_section, section
from workbench.review.cost.wording import assumptions

NAT = Recorded(type="aws:ec2/natGateway:NatGateway", name="shop-production-nat")
QUEUE = Recorded(type="aws:sqs/queue:Queue", name="shop-production-jobs")
TOPIC = Recorded(type="aws:sqs/queue:Queue", name="shop-production-more")
WITHOUT = "the type has no price, and no reason to have none"
PRICES = table(
    nat__hour={"usd": 2, "source": "a list", "date": "2026-02-01"},
    nat__gb={"usd": 0.5, "unit": "GB", "confidence": "memory"},
)
TRAFFIC = usage(traffic__nat_gb_per_month=three(10.33333, 20, 40))
ONE = estimate(plan(NAT, QUEUE, assumed=TRAFFIC), PRICES)
TWO = estimate(plan(NAT, NAT, QUEUE, TOPIC, assumed=TRAFFIC), PRICES)

HEAD = {
    "stack": "production",
    "region": "ap-south-1",
    "prices_of_region": "ap-south-1",
    "currency": "USD",
    "hours_per_month": 730,
    "monthly_usd": 1470,
    "low_monthly_usd": 1465.17,
    "high_monthly_usd": 1480,
    "unverified_monthly_usd": 10,
    "prices_from": "2026-01-01",
    "prices_to": "2026-02-01",
}
UNPRICED = {"component": "stack", "resource": "jobs", "type": "aws:sqs/queue:Queue", "reason": WITHOUT}


def test_estimate_has_each_line_with_its_price() -> None:
    assert estimate_document(ONE) == {
        **HEAD,
        "lines": [
            {
                "component": "stack",
                "resource": "nat",
                "what": "NAT gateway",
                "quantity": {"low": 730, "expected": 730, "high": 730},
                "monthly_usd": 1460,
                "low_monthly_usd": 1460,
                "high_monthly_usd": 1460,
                "price": {
                    "item": "nat.hour",
                    "usd": 2,
                    "unit": "hour",
                    "date": "2026-02-01",
                    "source": "a list",
                    "confidence": "api",
                    "verified": True,
                },
            },
            {
                "component": "traffic",
                "resource": "together",
                "what": "traffic through NAT",
                "quantity": {"low": 10.3333, "expected": 20, "high": 40},
                "monthly_usd": 10,
                "low_monthly_usd": 5.17,
                "high_monthly_usd": 20,
                "price": {
                    "item": "nat.gb",
                    "usd": 0.5,
                    "unit": "GB",
                    "date": "2026-01-01",
                    "source": "test",
                    "confidence": "memory",
                    "verified": False,
                },
            },
        ],
        "unpriced": [UNPRICED],
    }


def test_estimate_of_nothing_has_no_dates() -> None:
    nothing = estimate(plan(), PRICES)
    document = estimate_document(nothing)
    assert (document["monthly_usd"], document["prices_from"], document["prices_to"]) == (0, None, None)
    assert assumptions(nothing) == "730 hours a month, on demand, without tax."


def test_difference_has_the_estimate_after_it_and_what_is_newly_without_a_price() -> None:
    document = difference_document(difference(ONE, TWO, base="main"))
    assert {key: document[key] for key in document.keys() - {"lines"}} == {
        **HEAD,
        "against": "main",
        "monthly_usd": 2930,
        "low_monthly_usd": 2925.17,
        "high_monthly_usd": 2940,
        "before_monthly_usd": 1470,
        "delta_monthly_usd": 1460,
        "unpriced": [{**UNPRICED, "resource": "more"}],
    }


def test_savings_have_what_each_sets_and_what_all_of_them_save() -> None:
    switch = Switch(name="one", config={}, gives_up="zones")
    saving = Saving(switch=switch, changes={"network/gateways": 1}, usd=Decimal("1460"))
    three_gateways = estimate(plan(NAT, NAT, NAT, assumed=TRAFFIC), PRICES)
    assert savings_document(three_gateways, [saving], ONE) == {
        **HEAD,
        "monthly_usd": 4390,
        "low_monthly_usd": 4385.17,
        "high_monthly_usd": 4400,
        "savings": [
            {"switch": "one", "saves_monthly_usd": 1460, "gives_up": "zones", "config": {"network/gateways": 1}}
        ],
        "together": {"monthly_usd": 1470, "saves_monthly_usd": 2920, "unpriced": [UNPRICED]},
    }


def test_section_has_the_components_their_lines_and_emphasises_what_has_no_price() -> None:
    made = section(ONE)
    assert made.rows == [
        ("stack", "", "1,460.00", "1,460.00", "1,460.00"),
        ("", "nat: NAT gateway", "1,460.00", "1,460.00", "1,460.00"),
        ("traffic", "", "5.17", "10.00", "20.00"),
        ("", "together: traffic through NAT (unverified price)", "5.17", "10.00", "20.00"),
        ("stack", f"jobs: {WITHOUT}", "?", "?", "?"),
    ]
    assert [made.columns[index] for index in sorted(made.numbers)] == ["low", "expected", "high"]
    assert [made.columns[index] for index in sorted(made.minor)] == ["low", "high"]
    assert made.emphasised == {4}
    assert made.summary == (
        "1,470.00 USD a month are expected, 1,465.17 at low and 1,480.00 at high use: 730 hours a month, on demand, "
        "without tax, prices of 2026-01-01 to 2026-02-01, 10.00 USD of it at unverified prices."
    )


def test_section_of_a_difference_has_lines_sums_and_what_has_no_price() -> None:
    made = difference_section(difference(ONE, TWO, base="main"))
    assert made.rows == [
        ("nat: NAT gateway", "1,460.00", "2,920.00", "+1,460.00"),
        ("total", "1,470.00", "2,930.00", "+1,460.00"),
        ("total, at the least", "1,465.17", "2,925.17", "+1,460.00"),
        ("total, at the most", "1,480.00", "2,940.00", "+1,460.00"),
        (f"more: {WITHOUT}", "", "?", "?"),
    ]
    assert [made.columns[index] for index in sorted(made.numbers)] == ["before", "after", "change"]
    assert [made.columns[index] for index in sorted(made.minor)] == ["before"]
    assert made.emphasised == {4}
    assert made.summary.startswith("+1,460.00 USD a month, 1,470.00 → 2,930.00: 730 hours a month, ")


def test_cost_of_a_part_is_that_of_its_own_lines() -> None:
    words = (
        cost_in_words(TWO, [NAT.name, "shop-production-other"]),
        cost_in_words(TWO, [NAT.name, QUEUE.name, TOPIC.name]),
        cost_in_words(TWO, []),
        cost_in_words(None, [NAT.name]),
    )
    assert words == (
        "2,920.00 USD a month",
        "2,920.00 USD a month and 2 without a price",
        "0.00 USD a month",
        "cost not estimated",
    )


def test_comparison_with_documents_names_the_largest_parts_first_and_none_that_is_nothing() -> None:
    named = {"Fargate": Decimal(20), "Redis": Decimal(0), "Aurora": Decimal(30)}
    assert Comparison(documented=Decimal(20), named=named, not_named={"Logs": Decimal(0)}).lines() == [
        "The documents say about 20; expected is +30.00:",
        "  +30.00 in what they name, 50.00: Aurora 30.00, Fargate 20.00",
        "  +0.00 in what they do not name: nothing",
    ]
    beside = Comparison(documented=Decimal(20), named=named, not_named={"Logs": Decimal("1.5")})
    assert beside.lines()[0::2] == [
        "The documents say about 20; expected is +31.50:",
        "  +1.50 in what they do not name: Logs 1.50",
    ]
    assert beside.document() == {
        "monthly_usd": 20,
        "difference_usd": 31.5,
        "named_usd": {"Fargate": 20, "Redis": 0, "Aurora": 30},
        "not_named_usd": {"Logs": 1.5},
    }
