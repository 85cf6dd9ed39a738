"""What each part of the status screen says, and how it is judged."""

from dataclasses import replace
from typing import Any

import pytest

from tests.workbench.operations.environments import (
    AURORA,
    DENIED,
    NOW,
    REDIS,
    alarm,
    balancer,
    certificate,
    cluster,
    deployable,
    group,
    instance,
)
from tests.workbench.operations.seen import D, deployment
from workbench.aws.ec2.instances import Instance
from workbench.aws.elastic_load_balancing import Target
from workbench.operations.status.rows import alarm_rows, balancer_rows, certificate_rows, host_rows
from workbench.operations.status.screen import Row, State
from workbench.operations.status.service import RunningImage, ServiceStatus
from workbench.operations.status.services import service_row
from workbench.operations.stores.aurora.facts import AuroraFacts
from workbench.operations.stores.aurora.kind import Aurora
from workbench.operations.stores.redis.facts import RedisFacts
from workbench.operations.stores.redis.kind import Redis

NOT_THERE = "not there; `pulumi up` makes it"
API = deployable("api", api="shop/api", proxy="shop/proxy")


def aurora_row(found: Any, acu: Any) -> Row:
    return Aurora().row(AURORA, AuroraFacts(cluster=found, actions=(), acu=acu))


def redis_row(found: Any, memory: Any = None) -> Row:
    return Redis().row(REDIS, RedisFacts(group=found, node=None, updates=(), memory_percent=memory))


def seen(row: Row) -> tuple[str, State, str]:
    return row.name, row.state, row.what


def image(
    container: str, *tags: str, reference: str = "registry/shop/api@sha256:" + "ab" * 32, is_missing: bool = False
) -> RunningImage:
    digest = "sha256:" + "ab" * 32
    return RunningImage(container=container, image=reference, label="", tags=tags, digest=digest, is_missing=is_missing)


def status(rollout: D | None = None, **changes: Any) -> ServiceStatus:
    primary = deployment(rollout or D(state="COMPLETED", running=1), primary=True)
    well = ServiceStatus(
        service="api",
        name="shop-api",
        running=1,
        desired=1,
        pending=0,
        task_definition="shop-api:8",
        template="shop-api:8",
        behind_template=(),
        is_recorded=True,
        images=(image("api", "prod-2", "staging-2"),),
        deployments=(primary,),
        targets=(),
        events=(),
        deploys=(),
    )
    return replace(well, **changes)


@pytest.mark.parametrize(
    ("found", "state", "what"),
    [
        (status(), State.WELL, "1 of 1 tasks run; revision 8; prod-2"),
        (
            status(behind_template=("cpu: 256 -> 512",)),
            State.WELL,
            "1 of 1 tasks run; revision 8, behind its template; prod-2",
        ),
        (
            status(D(state="IN_PROGRESS")),
            State.CHANGING,
            "1 of 1 tasks run; rolling out; revision 8; prod-2",
        ),
        (
            status(D(state="IN_PROGRESS", failed=2)),
            State.BROKEN,
            "1 of 1 tasks run; rolling out, 2 failed; revision 8; prod-2",
        ),
        (status(D(state="FAILED")), State.BROKEN, "1 of 1 tasks run; rollout failed; revision 8; prod-2"),
        (status(running=1, desired=2), State.BROKEN, "1 of 2 tasks run; revision 8; prod-2"),
        (status(running=1, desired=2, pending=1), State.CHANGING, "1 of 2 tasks run; 1 start; revision 8; prod-2"),
        (status(running=2, desired=1), State.WELL, "2 of 1 tasks run; revision 8; prod-2"),
        (status(running=0, desired=0), State.BROKEN, "0 of 0 tasks run; revision 8; prod-2"),
        (
            status(is_recorded=False),
            State.BROKEN,
            "1 of 1 tasks run; not recorded as deployed; revision 8; prod-2",
        ),
        (
            status(images=(image("api", "prod-2"), image("proxy", "prod-2", is_missing=True))),
            State.BROKEN,
            "1 of 1 tasks run; image of proxy not in ECR: no task could start; revision 8; prod-2",
        ),
        (
            status(images=(image("api", "prod-2"), image("proxy", "prod-2"))),
            State.WELL,
            "1 of 1 tasks run; revision 8; prod-2",
        ),
        (
            status(images=(image("api", "prod-2"), image("proxy"))),
            State.WELL,
            "1 of 1 tasks run; revision 8; api prod-2, proxy sha256:abababababab",
        ),
        (
            status(images=(image("api", reference="registry/shop/api:prod-0"),)),
            State.WELL,
            "1 of 1 tasks run; revision 8; prod-0",
        ),
        (
            status(images=(image("others", "3.2", reference="docker.io/others/board:3.2"),)),
            State.WELL,
            "1 of 1 tasks run; revision 8; board:3.2",
        ),
        (
            status(images=(image("api", "prod-2"), image("others", "3.2", reference="docker.io/others/board:3.2"))),
            State.WELL,
            "1 of 1 tasks run; revision 8; api prod-2, board:3.2",
        ),
    ],
)
def test_service(found: ServiceStatus, state: State, what: str) -> None:
    assert seen(service_row(found, API)) == ("api", state, what)


def target(state: str) -> Target:
    return Target(address="10.0.0.1", port=80, state=state, reason="")


@pytest.mark.parametrize(
    ("ports", "balancer_state", "state", "what"),
    [
        ({80: ["healthy"]}, "active", State.WELL, "active; port 80: 1 of 1 healthy"),
        (
            {80: ["healthy", "draining"]},
            "active",
            State.WELL,
            "active; port 80: 1 of 2 healthy, 1 draining",
        ),
        (
            {80: ["healthy", "unhealthy", "unhealthy"]},
            "active",
            State.BROKEN,
            "active; port 80: 1 of 3 healthy, 2 unhealthy",
        ),
        ({80: ["initial"]}, "active", State.CHANGING, "active; port 80: 0 of 1 healthy, 1 initial"),
        ({80: ["draining"]}, "active", State.BROKEN, "active; port 80: 0 of 1 healthy, 1 draining"),
        (
            {80: ["healthy"], 443: []},
            "active",
            State.BROKEN,
            "active; port 80: 1 of 1 healthy; port 443: no targets",
        ),
        ({80: ["healthy"]}, "provisioning", State.CHANGING, "provisioning; port 80: 1 of 1 healthy"),
        ({80: ["healthy"]}, "active_impaired", State.BROKEN, "active_impaired; port 80: 1 of 1 healthy"),
        ({}, "active", State.BROKEN, "active; sends nowhere"),
    ],
)
def test_balancer(ports: dict[int, list[str]], balancer_state: str, state: State, what: str) -> None:
    targets = {"alb": {port: [target(each) for each in states] for port, states in ports.items()}}
    (row,) = balancer_rows(["alb"], {"alb": balancer("alb", state=balancer_state)}, targets)
    assert seen(row) == ("alb", state, what)


def test_balancers_that_are_not_there_or_not_read() -> None:
    assert [seen(row) for row in balancer_rows(["alb", "nlb"], {"nlb": balancer("nlb")}, {"nlb": DENIED})] == [
        ("alb", State.BROKEN, NOT_THERE),
        ("nlb", State.UNREAD, DENIED.why),
    ]
    assert [seen(row) for row in balancer_rows(["alb", "nlb"], DENIED, {})] == [
        ("alb", State.UNREAD, DENIED.why),
        ("nlb", State.UNREAD, DENIED.why),
    ]


@pytest.mark.parametrize(
    ("found", "acu", "state", "what"),
    [
        (cluster(), 1.5, State.WELL, "available; 0.5 to 8 ACU, now: 1.5"),
        (cluster(), None, State.WELL, "available; 0.5 to 8 ACU, now: no data"),
        (cluster(), DENIED, State.UNREAD, f"available; 0.5 to 8 ACU, now: {DENIED.why}"),
        (cluster("backing-up"), 8.0, State.CHANGING, "backing-up; 0.5 to 8 ACU, now: 8"),
        (cluster("stopped"), None, State.BROKEN, "stopped; 0.5 to 8 ACU, now: no data"),
        (
            cluster(instance="storage-full"),
            None,
            State.BROKEN,
            "available; shop-aurora-1 storage-full; 0.5 to 8 ACU, now: no data",
        ),
        (cluster(instance=None), None, State.BROKEN, "available; no instance; 0.5 to 8 ACU, now: no data"),
        (None, None, State.BROKEN, NOT_THERE),
        (DENIED, 1.0, State.UNREAD, DENIED.why),
    ],
)
def test_aurora(found: Any, acu: Any, state: State, what: str) -> None:
    assert seen(aurora_row(found, acu)) == ("Aurora", state, what)


@pytest.mark.parametrize(
    ("found", "memory", "state", "what"),
    [
        (group(), 41.6, State.WELL, "available; cache.t4g.small, memory: 42 % full"),
        (group(), None, State.WELL, "available; cache.t4g.small, memory: no data"),
        (
            group(),
            DENIED,
            State.UNREAD,
            f"available; cache.t4g.small, memory: {DENIED.why}",
        ),
        (
            group("snapshotting"),
            1.0,
            State.CHANGING,
            "snapshotting; cache.t4g.small, memory: 1 % full",
        ),
        (
            group("create-failed"),
            None,
            State.BROKEN,
            "create-failed; cache.t4g.small, memory: no data",
        ),
        (None, None, State.BROKEN, NOT_THERE),
        (DENIED, None, State.UNREAD, DENIED.why),
    ],
)
def test_redis(found: Any, memory: Any, state: State, what: str) -> None:
    assert seen(redis_row(found, memory)) == ("Redis", state, what)


@pytest.mark.parametrize(
    ("found", "state", "what"),
    [
        (instance(), State.WELL, "running, checks ok; i-1, t3.micro, 10.0.0.4"),
        (instance(public_ip="192.0.2.4"), State.WELL, "running, checks ok; i-1, t3.micro, 192.0.2.4"),
        (instance(checks="initializing"), State.CHANGING, "running, checks initializing; i-1, t3.micro, 10.0.0.4"),
        (instance(checks="impaired"), State.BROKEN, "running, checks impaired; i-1, t3.micro, 10.0.0.4"),
        (instance("pending", "unknown"), State.CHANGING, "pending, checks unknown; i-1, t3.micro, 10.0.0.4"),
        (instance("stopped", "unknown"), State.BROKEN, "stopped, checks unknown; i-1, t3.micro, 10.0.0.4"),
        (None, State.BROKEN, NOT_THERE),
    ],
)
def test_host(found: Instance | None, state: State, what: str) -> None:
    hosts = {} if found is None else {"shop-bastion": found}
    assert [seen(row) for row in host_rows({"bastion": "shop-bastion"}, hosts)] == [("bastion", state, what)]


@pytest.mark.parametrize(
    ("found", "state", "what"),
    [
        (certificate(), State.WELL, "issued, 200 days left"),
        (certificate(days=21), State.WELL, "issued, 21 days left"),
        (certificate(days=20), State.BROKEN, "issued, 20 days left"),
        (certificate("PENDING_VALIDATION", days=None), State.BROKEN, "pending validation"),
        (None, State.BROKEN, NOT_THERE),
    ],
)
def test_certificate(found: Any, state: State, what: str) -> None:
    known = {} if found is None else {"api.shop.example": found}
    rows = certificate_rows(["api.shop.example"], known, at=NOW)
    assert [seen(row) for row in rows] == [("api.shop.example", state, what)]


def test_alarms_that_ring_come_first_the_newest_before_the_others() -> None:
    alarms = [alarm("a", "ALARM", minutes=30), alarm("b"), alarm("c", "ALARM"), alarm("d", "INSUFFICIENT_DATA")]
    assert [seen(row) for row in alarm_rows("shop-", alarms)] == [
        ("c", State.BROKEN, "rings since 2026-05-04T11:50:00Z: Threshold crossed"),
        ("a", State.BROKEN, "rings since 2026-05-04T11:30:00Z: Threshold crossed"),
        ("others", State.WELL, "1 do not ring, 1 have no data"),
    ]


def test_alarms_that_all_ring_take_eight_lines_and_one() -> None:
    rows = alarm_rows("shop-", [alarm(f"a{number:02}", "ALARM", minutes=None) for number in range(10)])
    assert [row.name for row in rows] == [*(f"a{number:02}" for number in range(7)), "3 more", "others"]
    assert rows[0].what == "rings: Threshold crossed"
    assert rows[7].what == "ring: a07, a08, a09"


SERVICE_DETAILS = {
    "running": 1,
    "desired": 2,
    "pending": 3,
    "task_definition": "shop-api:8",
    "template": "shop-api:8",
    "behind_template": ["cpu: 256 -> 512"],
    "is_recorded": True,
    "rollout_state": "COMPLETED",
    "images": {"api": "prod-2"},
    "missing_images": [],
}
AURORA_DETAILS = {
    "status": "available",
    "engine_version": "8.0.mysql_aurora.3.10.2",
    "instances": {"shop-aurora-1": "available"},
    "acu": 1.5,
    "minimum_acu": 0.5,
    "maximum_acu": 8,
}
REDIS_DETAILS = {"status": "available", "id": "shop-redis-1", "node_type": "cache.t4g.small", "memory_percent": 41.6}
HOST_DETAILS = {
    "id": "i-1",
    "instance_state": "running",
    "checks": "ok",
    "type": "t3.micro",
    "private_ip": "10.0.0.4",
    "public_ip": None,
}
MANY = [alarm(f"a{number}", "ALARM", minutes=None) for number in range(9)]


@pytest.mark.parametrize(
    ("row", "details"),
    [
        (
            service_row(status(running=1, desired=2, pending=3, behind_template=("cpu: 256 -> 512",)), API),
            SERVICE_DETAILS,
        ),
        (
            service_row(status(images=(image("api", "prod-2", is_missing=True),)), API),
            {**SERVICE_DETAILS, "desired": 1, "pending": 0, "behind_template": [], "missing_images": ["api"]},
        ),
        (
            balancer_rows(["alb"], {"alb": balancer("alb")}, {"alb": {80: [target("healthy"), target("initial")]}})[0],
            {"status": "active", "targets": [{"port": 80, "healthy": 1, "registered": 2}]},
        ),
        (aurora_row(cluster(), 1.5), AURORA_DETAILS),
        (aurora_row(cluster(), None), {**AURORA_DETAILS, "acu": None}),
        (aurora_row(cluster(), DENIED), {**AURORA_DETAILS, "acu": None}),
        (redis_row(group(), 41.6), REDIS_DETAILS),
        (redis_row(group(), DENIED), {**REDIS_DETAILS, "memory_percent": None}),
        (host_rows({"b": "t"}, {"t": instance()})[0], HOST_DETAILS),
        (host_rows({"b": "t"}, {"t": instance(public_ip="192.0.2.4")})[0], {**HOST_DETAILS, "public_ip": "192.0.2.4"}),
        (
            certificate_rows(["a"], {"a": certificate(days=21)}, at=NOW)[0],
            {"status": "ISSUED", "days_left": 21},
        ),
        (
            certificate_rows(["a"], {"a": certificate("PENDING_VALIDATION", days=None)}, at=NOW)[0],
            {"status": "PENDING_VALIDATION", "days_left": None},
        ),
        (
            alarm_rows("shop-", [alarm("a", "ALARM", minutes=30)])[0],
            {"since": "2026-05-04T11:30:00Z", "reason": "Threshold crossed"},
        ),
        (alarm_rows("shop-", MANY[:1])[0], {"since": None, "reason": "Threshold crossed"}),
        (alarm_rows("shop-", MANY)[-2], {"names": ["a7", "a8"]}),
        (alarm_rows("shop-", [alarm("a"), alarm("b"), *MANY])[-1], {"ok": 2, "insufficient_data": 0}),
        (redis_row(None), {}),
        (redis_row(DENIED), {}),
    ],
)
def test_details_are_the_same_as_values(row: Row, details: dict[str, Any]) -> None:
    assert row.details == details
    assert row.document() == {"name": row.name, "state": row.state.value, "what": row.what, **details}


def test_eight_alarms_that_ring_have_a_line_each() -> None:
    rows = alarm_rows("shop-", MANY[:8])
    assert [row.name for row in rows] == [*(f"a{number}" for number in range(8)), "others"]


def test_alarms_that_are_not_there_or_not_read() -> None:
    assert [seen(row) for row in alarm_rows("shop-", [])] == [("all", State.BROKEN, f"shop-*: {NOT_THERE}")]
    assert [seen(row) for row in alarm_rows("shop-", DENIED)] == [("all", State.UNREAD, DENIED.why)]
    assert [seen(row) for row in alarm_rows("shop-", [alarm("a")])] == [
        ("all", State.WELL, "1 do not ring, 0 have no data")
    ]
