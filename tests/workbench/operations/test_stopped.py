"""What the screen and the doctor say of an environment that is stopped, within its running hours and outside them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from tests.workbench.operations.environments import (
    DESCRIPTION,
    NOW,
    WELL,
    WHERE,
    balancer,
    cluster,
    instance,
    with_store,
)
from tests.workbench.operations.seen import D, service
from tests.workbench.operations.status.test_rows import image, status
from tests.workbench.operations.status.test_screen import WELL as SCREEN_WELL
from workbench.operations.doctor.checks import invariants, steps
from workbench.operations.doctor.report import Verdict
from workbench.operations.status.facts import StatusFacts
from workbench.operations.status.rows import screen
from workbench.operations.status.screen import State
from workbench.operations.stopped import stopped_until


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Running hours, in UTC 02:30 to 14:30."""

    weekdays: tuple[str, ...] = ("mon", "tue", "fri")
    start: str = "08:00"
    stop: str = "20:00"
    time_zone: str = "Asia/Kolkata"
    starting: timedelta = timedelta(minutes=15)


HOURS = Hours()
OPEN = datetime.fromisoformat("2026-05-04T12:00:00Z")
CLOSED = datetime.fromisoformat("2026-05-04T18:00:00Z")
MONDAY, TUESDAY, FRIDAY = (f"2026-05-{day}T02:30:00+00:00" for day in ("04", "05", "08"))


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-05-03T12:00:00Z", MONDAY),
        ("2026-05-04T02:29:00Z", MONDAY),
        # The alarms are muted for a quarter of an hour more.
        ("2026-05-04T02:44:59Z", MONDAY),
        ("2026-05-04T02:45:00Z", None),
        ("2026-05-04T14:29:59Z", None),
        ("2026-05-04T14:30:00Z", TUESDAY),
        # Already Tuesday in Kolkata.
        ("2026-05-04T20:00:00Z", TUESDAY),
        ("2026-05-05T14:30:00Z", FRIDAY),
        ("2026-05-07T12:00:00Z", FRIDAY),
        ("2026-05-08T14:30:00Z", "2026-05-11T02:30:00+00:00"),
    ],
)
def test_it_is_stopped_from_one_stop_to_a_quarter_of_an_hour_after_the_next_start(at: str, until: str | None) -> None:
    found = stopped_until(HOURS, datetime.fromisoformat(at))
    assert found == (None if until is None else datetime.fromisoformat(until))


def test_one_day_a_week_and_no_hours_at_all() -> None:
    sundays = replace(HOURS, weekdays=("mon",))
    assert stopped_until(sundays, CLOSED) == datetime.fromisoformat("2026-05-11T02:30:00Z")
    assert stopped_until(None, CLOSED) is None


STOPPED = replace(
    with_store(SCREEN_WELL, "Aurora", cluster=cluster("stopped", instance="stopped")),
    services={"api": status(D(state="COMPLETED"), running=0, desired=0)},
    targets={name: {443: []} for name in DESCRIPTION.balancers},
    hosts={"shop-clickhouse": instance("stopped"), "shop-bastion": instance("stopping")},
)


def broken(facts: StatusFacts, *, at: datetime, hours: Hours | None = HOURS) -> list[str]:
    rows = screen(replace(DESCRIPTION, running_hours=hours), WHERE.services, facts, at=at).rows
    return [row.name for row in rows if row.state is State.BROKEN]


def test_what_is_stopped_is_broken_in_running_hours_alone() -> None:
    everything = ["api", "alb-api", "nlb-web", "Aurora", "clickhouse", "bastion"]
    assert broken(STOPPED, at=OPEN) == everything
    assert broken(STOPPED, at=CLOSED, hours=None) == everything
    assert broken(STOPPED, at=CLOSED) == []
    row = screen(replace(DESCRIPTION, running_hours=HOURS), WHERE.services, STOPPED, at=CLOSED).rows[0]
    assert row.what.startswith("stopped until 2026-05-05T02:30:00Z (running_hours); 0 of 0 tasks run")
    assert row.document()["stopped_until"] == "2026-05-05T02:30:00Z"


def test_what_is_broken_for_another_reason_stays_so_at_night() -> None:
    gone = status(D(state="COMPLETED"), running=0, desired=0, images=(image("api", is_missing=True),))
    facts = replace(
        with_store(STOPPED, "Aurora", cluster=None),
        services={"api": gone, "tools": status(D(state="COMPLETED"), service="tools", running=0, desired=1)},
        balancers={"alb-api": balancer("alb-api", state="failed"), "nlb-web": balancer("nlb-web")},
        targets={"alb-api": {443: []}, "nlb-web": {}},
        hosts={"shop-clickhouse": instance("terminated"), "shop-bastion": instance("running", checks="impaired")},
    )
    assert broken(facts, at=CLOSED) == ["api", "tools", "alb-api", "nlb-web", "Aurora", "clickhouse", "bastion"]


@pytest.mark.parametrize(
    ("desired", "at", "verdict"),
    [(0, CLOSED, Verdict.DONE), (0, OPEN, Verdict.BROKEN), (1, CLOSED, Verdict.BROKEN)],
)
def test_doctor_takes_services_without_tasks_for_stopped_outside_running_hours(
    desired: int, at: datetime, verdict: Verdict
) -> None:
    where = replace(WHERE, description=replace(DESCRIPTION, running_hours=HOURS), at=at)
    of_none = service(D(state="COMPLETED"), desired=desired)
    facts = replace(WELL, services={"shop-api": of_none, "shop-tools": of_none})
    found = steps(where)["services run"](where, facts)
    assert found.verdict is verdict
    assert ("stopped until 2026-05-05T02:30:00Z (running_hours): api, tools" in found.seen) is (verdict is Verdict.DONE)


def test_doctor_expects_no_newer_moment_of_a_cluster_that_is_stopped() -> None:
    stopped = with_store(WELL, "Aurora", cluster=cluster("stopped", minutes=3000))
    running = with_store(WELL, "Aurora", cluster=cluster(minutes=3000))
    closed = replace(WHERE, description=replace(DESCRIPTION, running_hours=HOURS), at=CLOSED)
    backup = invariants(closed)["Aurora backup"]
    assert backup(closed, stopped).verdict is Verdict.DONE
    assert backup(replace(closed, at=NOW), stopped).verdict is Verdict.BROKEN
    assert backup(closed, running).verdict is Verdict.BROKEN
