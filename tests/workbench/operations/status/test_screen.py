"""The screen of `zelly status` as a whole: what comes first, what is said in full, and when it is well."""

from dataclasses import replace

import pytest

from tests.workbench.operations.environments import (
    DENIED,
    DESCRIPTION,
    NODE,
    NOW,
    WHERE,
    alarm,
    balancer,
    certificate,
    cluster,
    group,
    instance,
    with_store,
)
from tests.workbench.operations.status.test_rows import seen, status, target
from workbench.operations.readings import Unread
from workbench.operations.status.facts import Absent, StatusFacts
from workbench.operations.status.rows import screen
from workbench.operations.status.screen import Row, State
from workbench.operations.stores.aurora.facts import AuroraFacts
from workbench.operations.stores.redis.facts import RedisFacts

WELL = StatusFacts(
    services={"api": status(), "tools": status(service="tools")},
    balancers={name: balancer(name) for name in DESCRIPTION.balancers},
    targets={name: {443: [target("healthy")]} for name in DESCRIPTION.balancers},
    stores={
        "Aurora": AuroraFacts(cluster=cluster(), actions=(), acu=1.0),
        "Redis": RedisFacts(group=group(), node=NODE, updates=(), memory_percent=3.0),
    },
    hosts={"shop-clickhouse": instance(), "shop-bastion": instance()},
    certificates={"api.shop.example": certificate()},
    alarms=[alarm("a")],
)


def test_one_thing_that_is_not_read_takes_no_other_down() -> None:
    facts = replace(WELL, services={"api": Absent("service: shop-api is not in ECS"), "tools": DENIED}, hosts=DENIED)
    rows = screen(DESCRIPTION, WHERE.services, facts, at=NOW).rows
    assert [seen(row)[:2] for row in rows] == [
        ("api", State.BROKEN),
        ("tools", State.UNREAD),
        ("alb-api", State.WELL),
        ("nlb-web", State.WELL),
        ("Aurora", State.WELL),
        ("Redis", State.WELL),
        ("announced", State.UNREAD),
        ("clickhouse", State.UNREAD),
        ("bastion", State.UNREAD),
        ("api.shop.example", State.WELL),
        ("all", State.WELL),
    ]


@pytest.mark.parametrize(
    ("facts", "is_well"),
    [
        pytest.param(WELL, True, id="all well"),
        pytest.param(with_store(WELL, "Redis", group=group("modifying"), memory_percent=None), True, id="changing"),
        pytest.param(with_store(WELL, "Redis", group=None), False, id="broken"),
        pytest.param(with_store(WELL, "Redis", group=DENIED), False, id="unread"),
    ],
)
def test_screen_is_well_while_nothing_is_broken_or_unread(facts: StatusFacts, is_well: bool) -> None:
    assert screen(DESCRIPTION, WHERE.services, facts, at=NOW).is_well is is_well


def test_what_is_not_well_comes_first_and_in_full() -> None:
    long = Unread("elasticache:DescribeReplicationGroups, region: " + " ".join(["why"] * 30))
    ringing = Row(section="Alarms", name="b", state=State.BROKEN, what="rings since noon")
    shown = screen(DESCRIPTION, WHERE.services, replace(with_store(WELL, "Redis", group=long), hosts=DENIED), at=NOW)
    shown = replace(shown, rows=(*shown.rows, ringing))
    lines = shown.lines(columns=80)
    assert lines[:10] == [
        ("production in eu-west-1 at 2026-05-04T12:00:00Z: 7 ok, 1 broken, 4 unread", None),
        ("  broken    Alarms, b: rings since noon", State.BROKEN),
        ("  unread    Stores, Redis: elasticache:DescribeReplicationGroups, region: why", State.UNREAD),
        ("              why why why why why why why why why why why why why why why why", None),
        ("              why why why why why why why why why why why why why", None),
        ("  unread    Changed by AWS, announced: ecs:DescribeServices, cluster shop:", State.UNREAD),
        ("              AccessDeniedException: no (ask)", None),
        ("  unread    Hosts, clickhouse, bastion: ecs:DescribeServices, cluster shop:", State.UNREAD),
        ("              AccessDeniedException: no (ask)", None),
        ("Services", None),
    ]
    assert ("  ok        api    1 of 1 tasks run; revision 8; prod-2", State.WELL) in lines
    assert {state for _, state in lines[10:]} == {State.WELL, None}


def test_more_trouble_than_a_screen_shows_is_first_named_in_short() -> None:
    rows = [
        Row(section="Alarms", name=f"alarm-{number}", state=State.BROKEN, what=f"rings: {number} {'reason ' * 20}")
        for number in range(8)
    ]
    shown = replace(screen(DESCRIPTION, WHERE.services, WELL, at=NOW), rows=tuple(rows))
    lines = [line for line, _ in shown.lines(columns=80)]
    assert lines[1:4] == [
        "Broken: alarm-0, alarm-1, alarm-2, alarm-3, alarm-4, alarm-5, alarm-6, alarm-7",
        "  broken    Alarms, alarm-0: rings: 0 reason reason reason reason reason reason",
        "              reason reason reason reason reason reason reason reason reason",
    ]
    assert max(map(len, lines)) <= 80


def test_calls_that_all_fail_alike_are_one_line() -> None:
    expired = Unread("ecs:DescribeServices, cluster shop: ExpiredTokenException: expired (log in again)", "credentials")
    other = Unread("rds:DescribeDBClusters, shop: ExpiredToken: expired (log in again)", "credentials")
    facts = StatusFacts(
        services={"api": expired, "tools": expired},
        balancers=other,
        targets={},
        stores={
            "Aurora": AuroraFacts(cluster=other, actions=other, acu=other),
            "Redis": RedisFacts(group=other, node=other, updates=other),
        },
        hosts=other,
        certificates=other,
        alarms=other,
    )
    lines = [line for line, _ in screen(DESCRIPTION, WHERE.services, facts, at=NOW).lines(columns=1000)]
    assert lines == [
        "production in eu-west-1 at 2026-05-04T12:00:00Z: 11 unread",
        f"Nothing could be read; every call failed alike, as this one: {expired.why}",
    ]
    assert len(screen(DESCRIPTION, WHERE.services, replace(facts, alarms=DENIED), at=NOW).lines(columns=1000)) > 5


def test_document_is_whole() -> None:
    long = Unread("elasticache:DescribeReplicationGroups, region: " + "x" * 100)
    shown = screen(DESCRIPTION, WHERE.services, with_store(WELL, "Redis", group=long), at=NOW)
    document = shown.document()
    assert list(document) == [
        "stack",
        "region",
        "at",
        "is_well",
        "services",
        "load_balancers",
        "stores",
        "hosts",
        "certificates",
        "alarms",
    ]
    assert document["stores"][1] == {"name": "Redis", "state": "unread", "what": long.why}
    assert document["certificates"] == [
        {
            "name": "api.shop.example",
            "state": "ok",
            "what": "issued, 200 days left",
            "status": "ISSUED",
            "days_left": 200,
        }
    ]
