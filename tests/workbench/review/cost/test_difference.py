"""What a change costs, in lines and as a section of a comment."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.workbench.review.cost.plans import Recorded, plan, prices, table
from workbench.review.cost.difference import Difference, difference
from workbench.review.cost.document import difference_document
from workbench.review.cost.estimate import Estimate, estimate
from workbench.review.cost.markdown import cost_section

REDIS = "aws:elasticache/replicationGroup:ReplicationGroup"
SCHEDULE = {"createRule": {"interval": 24}, "retainRule": {"count": 1}}
VOLUME = "aws:ebs/volume:Volume"


def _redis(kind: str) -> Recorded:
    return Recorded(type=REDIS, name="shop-production-redis", inputs={"engine": "redis", "nodeType": kind})


def _volume(size: int) -> Recorded:
    return Recorded(type=VOLUME, name="shop-production-data", inputs={"size": size, "type": "gp3"})


def _difference(before: list[Recorded], after: list[Recorded]) -> Difference:
    return difference(estimate(plan(*before), prices()), estimate(plan(*after), prices()), base="main (1234567)")


LARGER = _difference([_redis("cache.t4g.small"), _volume(50)], [_redis("cache.t4g.medium"), _volume(25)])


def test_another_size_is_a_change_of_one_line() -> None:
    assert [(line.items, line.before.expected, line.after.expected) for line in LARGER.lines] == [
        (
            ["elasticache.redis.cache.t4g.small.hour", "elasticache.redis.cache.t4g.medium.hour"],
            _usd("0.041"),
            _usd("0.081"),
        ),
        (["ebs.gp3.gb_month"], _usd("0.0912", 50), _usd("0.0912", 25)),
    ]
    assert LARGER.delta == sum(line.delta for line in LARGER.lines)


def _usd(usd: str, quantity: int = 730) -> Decimal:
    return (Decimal(usd) * quantity).quantize(Decimal("0.01"))


def test_the_same_is_no_line() -> None:
    same = _difference([_volume(50)], [_volume(50)])
    assert (same.lines, same.delta) == ([], 0)
    assert cost_section(same) == "### Cost: 4.56 USD a month, as before"


def test_change_of_the_most_alone_is_told_in_the_sums() -> None:
    policy: dict[str, Any] = {"policyDetails": {"targetTags": {}, "schedules": [SCHEDULE]}}
    kept = Recorded(type="aws:dlm/lifecyclePolicy:LifecyclePolicy", inputs=policy)
    before, after = (Recorded(type=VOLUME, inputs={"size": size, "type": "gp3"}) for size in (50, 8))
    free = table(ebs__gp3__gb_month={"usd": 0}, ebs__snapshot__gb_month={})
    found = difference(estimate(plan(kept, before), free), estimate(plan(kept, after), free), base="b")
    # Expected are 5 GB in use, at the most 10.
    assert (found.lines, [new - old for _, old, new in found.sums]) == ([], [0, 0, -2])
    assert "| **total, at the most** | 10.00 | 8.00 | **-2.00** |" in cost_section(found).splitlines()


def test_section_has_the_sum_in_its_heading_and_the_largest_change_first() -> None:
    assert cost_section(LARGER).splitlines() == [
        "### Cost: +26.92 USD a month, 34.49 → 61.41",
        "",
        "| | before | after | change |",
        "|---|--:|--:|--:|",
        "| redis: cache.t4g.small, redis → cache.t4g.medium, redis | 29.93 | 59.13 | +29.20 |",
        "| data: gp3 disk | 4.56 | 2.28 | -2.28 |",
        "| **total** | 34.49 | 61.41 | **+26.92** |",
        "| **total, at the least** | 34.49 | 61.41 | **+26.92** |",
        "| **total, at the most** | 34.49 | 61.41 | **+26.92** |",
        "",
        "<sub>730 hours a month, on demand, without tax, prices of 2024-08-09 to 2026-09-25.</sub>",
    ]


@pytest.mark.parametrize(
    ("addresses", "folded"),
    [(11, []), (12, ["| 1 line more | | | +0.91 |"]), (20, ["| 9 lines more | | | +30.11 |"])],
)
def test_section_folds_what_nobody_reads(addresses: int, folded: list[str]) -> None:
    many = _difference([], [_volume(10)] + [Recorded(type="aws:ec2/eip:Eip", name=f"ip-{n}") for n in range(addresses)])
    _, *rows = [line for line in cost_section(many).splitlines() if line.startswith("| ")]
    # Twelve, and three sums.
    assert rows[12:-3] == folded


def test_newly_unpriced_is_told_and_what_was_unpriced_before_is_not() -> None:
    queue, topic = (Recorded(type="aws:sqs/queue:Queue", name=name) for name in ("old", "a|b<i>"))
    found = _difference([queue], [queue, topic])
    assert [one.resource for one in found.newly_unpriced] == ["a|b<i>"]
    assert cost_section(found).splitlines()[0] == (
        "### Cost: +0.00 USD a month, 0.00 → 0.00, not counting what has no price"
    )
    assert "- **unpriced** a|b&lt;i&gt; (`aws:sqs/queue:Queue`): the type has no price" in cost_section(found)


def test_document_has_the_sums_before_and_after() -> None:
    document = difference_document(LARGER)
    assert {key: document[key] for key in ("against", "monthly_usd", "before_monthly_usd", "delta_monthly_usd")} == {
        "against": "main (1234567)",
        "monthly_usd": 61.41,
        "before_monthly_usd": 34.49,
        "delta_monthly_usd": 26.92,
    }
    assert document["lines"][1] == {
        "component": "stack",
        "resource": "data",
        "what": "gp3 disk",
        "items": ["ebs.gp3.gb_month"],
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
    assert [(line.items, line.delta) for line in found.lines] == [(["ebs.gp3.gb_month"], 10)]


@pytest.mark.parametrize(
    ("item", "other", "same"),
    [
        ("fargate.x86.vcpu_hour", "fargate.spot.arm64.vcpu_hour", True),
        ("fargate.x86.vcpu_hour", "fargate.x86.gb_hour", False),
        ("ec2.t3.micro.hour", "ec2.t4g.micro.hour", True),
        ("aurora.mysql.serverless_v2.acu_hour", "aurora.mysql.serverless_v2.acu_hour.io_optimized", True),
        ("aurora.storage.gb_month", "aurora.backup.gb_month", False),
        ("elasticache.redis.cache.t4g.small.hour", "elasticache.backup.gb_month", False),
        ("alb.hour", "nlb.hour", False),
        ("ec2.t3.micro.hour", "ebs.gp3.gb_month", False),
    ],
)
def test_sizes_of_one_thing_are_compared_and_different_things_are_not(item: str, other: str, same: bool) -> None:
    def with_lines(name: str) -> Estimate:
        (line,) = estimate(plan(Recorded(type=VOLUME, inputs={"size": 1})), prices()).lines
        return Estimate(stack="s", prefix="", region="r", prices_of="r", lines=[replace(line, item=name)], unpriced=[])

    found = difference(with_lines(item), _doubled(with_lines(other)), base="b")
    assert len(found.lines) == (1 if same else 2)


def _doubled(one: Estimate) -> Estimate:
    return replace(one, lines=[replace(line, usd=line.usd.times(2)) for line in one.lines])
