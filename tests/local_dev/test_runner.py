"""The runner's own rules: which condition holds when, what is given up, and who is named."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.local_dev.fakes import Behaviour, runner_of, service
from tests.local_dev.model import Condition, Mount, read, seconds
from tests.local_dev.rules import State, callers, met
from tests.local_dev.runner import Event, Runner

HEALTHY, COMPLETED, STARTED = Condition.HEALTHY, Condition.COMPLETED, Condition.STARTED

CHAIN = (
    service("database"),
    service("migration", check=None, database=HEALTHY),
    service("api", migration=COMPLETED),
    service("worker", check=None, api=STARTED),
)


@pytest.mark.parametrize(
    ("condition", "holds", "never"),
    [
        (STARTED, set(State) - {State.WAITING}, set[State]()),
        (HEALTHY, {State.HEALTHY}, {State.UNHEALTHY, State.COMPLETED, State.FAILED}),
        (COMPLETED, {State.COMPLETED}, {State.FAILED}),
    ],
)
def test_each_condition_holds_in_its_states_and_never_will_in_others(
    condition: Condition, holds: set[State], never: set[State]
) -> None:
    assert {state for state in State if met(condition, state) is True} == holds
    assert {state for state in State if met(condition, state) is False} == never


def test_each_starts_as_soon_as_what_it_waits_for_has_come_so_far() -> None:
    runner, _ = runner_of(CHAIN, migration=Behaviour(ends_after=3))
    assert runner.up() == {}
    assert runner.events == [
        Event("database", State.STARTING),
        Event("database", State.HEALTHY),
        Event("migration", State.STARTING),
        Event("migration", State.COMPLETED),
        Event("api", State.STARTING),
        # It waits for the start alone.
        Event("worker", State.RUNNING),
        Event("api", State.HEALTHY),
    ]


def test_service_without_success_in_its_time_is_named_with_those_that_never_start() -> None:
    runner, clock = runner_of(CHAIN, database=Behaviour(healthy_after=None))
    assert runner.up() == {
        "database": "unhealthy: nobody answers",
        "migration": "waits for database",
        "api": "waits for database",
        "worker": "waits for database",
    }
    # The start period and five intervals; a look later at most.
    assert 20 <= clock.now < 20.3


def test_failed_migration_is_named_and_what_waits_for_it_never_starts() -> None:
    runner, _ = runner_of(CHAIN, migration=Behaviour(ends_after=1, code=3))
    assert runner.up() == {
        "migration": "failed: it says why",
        "api": "waits for migration",
        "worker": "waits for migration",
    }


def test_service_that_ends_before_it_is_healthy_has_failed_at_once() -> None:
    runner, clock = runner_of(CHAIN, database=Behaviour(healthy_after=None, ends_after=1, code=1))
    assert runner.up()["database"] == "failed: it says why"
    assert clock.now < 1.1


def test_service_that_fails_again_and_again_is_given_up_and_one_that_ends_well_is_not_started_anew() -> None:
    stubborn = replace(service("worker", check=None), restarts=5)
    runner, _ = runner_of([stubborn], worker=Behaviour(ends_after=0, code=1))
    for _ in range(10):
        runner.up()
    assert runner.up() == {"worker": "failed: it says why"}
    # The first start and five more.
    assert runner.events.count(Event("worker", State.RUNNING)) == 6
    done, _ = runner_of([stubborn], worker=Behaviour(ends_after=0))
    done.up()
    assert done.up() == {"worker": "completed: it says why"}
    assert done.events.count(Event("worker", State.RUNNING)) == 1


def test_late_service_delays_its_callers_until_it_comes() -> None:
    runner, _ = runner_of([*CHAIN, service("other")], migration=Behaviour(ends_after=1))
    assert runner.up(late={"database"}) == {}
    assert {name for name, state in runner.states.items() if state is State.WAITING} == {
        "database",
        *callers(runner.services, "database"),
    }
    assert runner.up() == {}
    assert State.WAITING not in runner.states.values()


def test_crash_after_the_start_is_seen_and_touches_nobody_else() -> None:
    runner, clock = runner_of([service("api"), service("other")], api=Behaviour(ends_after=60, code=137))
    assert runner.up() == {}
    clock.pause(60)
    assert runner.up() == {"api": "failed: it says why"}
    assert runner.states["other"] is State.HEALTHY


def test_change_starts_anew_what_changed_and_what_is_gone_is_stopped() -> None:
    runner, _ = runner_of([service("api"), service("other"), service("third")])
    runner.up()
    seen = len(runner.events)
    runner.replace({"api": service("api", check=None), "other": service("other")})
    assert runner.up() == {}
    assert runner.events[seen:] == [Event("api", State.RUNNING)]
    assert set(runner.states) == {"api", "other"}


def test_services_stop_before_those_that_they_wait_for_and_who_ignores_the_signal_is_named() -> None:
    runner, _ = runner_of([service("database"), service("api", database=HEALTHY)], api=Behaviour(heeds_signals=False))
    runner.up()
    assert runner.stop() == ["api"]


@pytest.mark.parametrize(
    ("services", "complaint"),
    [
        ([service("a", b=STARTED), service("b", a=STARTED)], "these wait for each other: a → b → a"),
        ([service("a", b=STARTED)], "a waits for b, which is not there"),
        (
            [service("a", b=HEALTHY), service("b", check=None)],
            "a waits until b is healthy, which has no health check",
        ),
    ],
)
def test_model_that_never_gets_up_is_refused(services: list[Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{complaint}$"):
        Runner({each.name: each for each in services}, lambda _: pytest.fail("it was started"))


def test_key_of_a_compose_file_that_the_runner_would_not_obey_is_refused() -> None:
    document = {"services": {"api": {"image": "api", "network_mode": "host"}}}
    with pytest.raises(ValueError, match=r"^api: network_mode: this runner does not know what to do with it$"):
        read(document, Path())


def test_files_of_a_service_are_found_where_compose_puts_them(tmp_path: Path) -> None:
    document = {
        "services": {
            "api": {
                "image": "api",
                "volumes": [
                    {"type": "volume", "source": "data", "target": "/data"},
                    {"type": "bind", "source": "/here/file", "target": "/there", "read_only": True},
                    {"type": "tmpfs", "target": "/scratch"},
                ],
                "secrets": [{"source": "key"}, {"source": "key", "target": "/etc/key"}],
                "configs": [{"source": "words"}],
            }
        },
        "secrets": {"key": {"file": "/here/key"}},
        "configs": {"words": {"content": "hello"}},
    }
    assert read(document, tmp_path)["api"].mounts == (
        Mount(source=tmp_path / "data", target="/data", is_volume=True),
        Mount(source=Path("/here/file"), target="/there", read_only=True),
        Mount(source=None, target="/scratch"),
        Mount(source=Path("/here/key"), target="/run/secrets/key", read_only=True),
        Mount(source=Path("/here/key"), target="/etc/key", read_only=True),
        Mount(source=None, target="/words", read_only=True, content="hello"),
    )


@pytest.mark.parametrize(("text", "length"), [("1m30s", 90), ("500ms", 0.5), ("2m0s", 120), ("1h0m0s", 3600)])
def test_durations_are_read_as_go_prints_them(text: str, length: float) -> None:
    assert seconds(text) == length
