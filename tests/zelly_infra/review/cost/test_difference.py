"""What a change costs, in lines and as a section of a comment."""

from decimal import Decimal

from tests.zelly_infra.review.cost.plans import Recorded, plan, prices, table
from zelly_infra.review.cost.difference import Difference, difference
from zelly_infra.review.cost.document import difference_document
from zelly_infra.review.cost.estimate import estimate
from zelly_infra.review.cost.markdown import cost_section

REDIS = "aws:elasticache/replicationGroup:ReplicationGroup"
VOLUME = "aws:ebs/volume:Volume"


def _redis(kind: str) -> Recorded:
    return Recorded(type=REDIS, name="zelly-production-redis", inputs={"engine": "redis", "nodeType": kind})


def _volume(size: int) -> Recorded:
    return Recorded(type=VOLUME, name="zelly-production-data", inputs={"size": size, "type": "gp3"})


def _difference(before: list[Recorded], after: list[Recorded]) -> Difference:
    return difference(estimate(plan(*before), prices()), estimate(plan(*after), prices()), base="main (1234567)")


LARGER = _difference([_redis("cache.t4g.small"), _volume(50)], [_redis("cache.t4g.medium"), _volume(25)])


def test_another_size_is_one_line_gone_and_one_new() -> None:
    assert [(line.item, line.before.expected, line.after.expected) for line in LARGER.lines] == [
        ("elasticache.redis.cache.t4g.medium.hour", 0, _usd("0.081")),
        ("elasticache.redis.cache.t4g.small.hour", _usd("0.041"), 0),
        ("ebs.gp3.gb_month", _usd("0.0912", 50), _usd("0.0912", 25)),
    ]
    assert LARGER.delta == sum(line.delta for line in LARGER.lines)


def _usd(usd: str, quantity: int = 730) -> Decimal:
    return (Decimal(usd) * quantity).quantize(Decimal("0.01"))


def test_the_same_is_no_line() -> None:
    same = _difference([_volume(50)], [_volume(50)])
    assert (same.lines, same.delta) == ([], 0)
    assert cost_section(same) == "### Cost: 4.56 USD a month, as before"


def test_section_has_the_sum_in_its_heading_and_the_largest_change_first() -> None:
    assert cost_section(LARGER).splitlines() == [
        "### Cost: +26.92 USD a month, 34.49 → 61.41",
        "",
        "| | before | after | change |",
        "|---|--:|--:|--:|",
        "| redis: cache.t4g.medium, redis | 0.00 | 59.13 | +59.13 |",
        "| redis: cache.t4g.small, redis | 29.93 | 0.00 | -29.93 |",
        "| data: gp3 disk | 4.56 | 2.28 | -2.28 |",
        "",
        "<sub>730 hours a month, on demand, without tax, prices of 2024-08-09 to 2026-09-25.</sub>",
    ]


def test_section_folds_what_nobody_reads() -> None:
    many = _difference([], [_volume(10)] + [Recorded(type="aws:ec2/eip:Eip", name=f"ip-{n}") for n in range(20)])
    rows = [line for line in cost_section(many).splitlines() if line.startswith("| ")]
    assert (len(rows), rows[-1]) == (14, "| 9 lines more | | | +30.11 |")


def test_newly_unpriced_is_told_and_what_was_unpriced_before_is_not() -> None:
    queue, topic = (Recorded(type="aws:sqs/queue:Queue", name=name) for name in ("old", "a|b<i>"))
    found = _difference([queue], [queue, topic])
    assert [one.resource for one in found.newly_unpriced] == ["a|b<i>"]
    assert "- **unpriced** a|b&lt;i&gt; (`aws:sqs/queue:Queue`): the type has no price" in cost_section(found)


def test_document_has_the_sums_before_and_after() -> None:
    document = difference_document(LARGER)
    assert {key: document[key] for key in ("against", "monthly_usd", "before_monthly_usd", "delta_monthly_usd")} == {
        "against": "main (1234567)",
        "monthly_usd": 61.41,
        "before_monthly_usd": 34.49,
        "delta_monthly_usd": 26.92,
    }
    assert document["lines"][2] == {
        "component": "stack",
        "resource": "data",
        "what": "gp3 disk",
        "item": "ebs.gp3.gb_month",
        "before_monthly_usd": 4.56,
        "monthly_usd": 2.28,
        "delta_monthly_usd": -2.28,
    }


def test_two_lines_of_one_item_are_compared_by_their_sum() -> None:
    disk = {"volumeSize": 10, "volumeType": "gp3"}
    host = Recorded(
        type="aws:ec2/instance:Instance",
        inputs={"instanceType": "t3.micro", "rootBlockDevice": disk, "ebsBlockDevices": [disk]},
    )
    alone = Recorded(type="aws:ec2/instance:Instance", inputs={**host.inputs, "ebsBlockDevices": []})
    found = difference(
        estimate(plan(alone), table(ec2__t3__micro__hour={}, ebs__gp3__gb_month={})),
        estimate(plan(host), table(ec2__t3__micro__hour={}, ebs__gp3__gb_month={})),
        base="before",
    )
    assert [(line.item, line.delta) for line in found.lines] == [("ebs.gp3.gb_month", 10)]
