"""What becomes of a task, second by second: pure functions, with a clock that starts at 0."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from workbench.sandbox.ecr.images import Behaviour
from workbench.sandbox.ecs.simulation.life import (
    ContainerPlan,
    End,
    Life,
    Refusal,
    container_health,
    container_status,
    exit_code,
    plan_life,
)
from workbench.sandbox.ecs.simulation.pace import Pace, speed_variable

START = datetime(2026, 1, 1)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def life(*containers: ContainerPlan, **options: Any) -> Life:
    defaults: dict[str, Any] = {"pace": Pace()}
    return plan_life(containers, created_at=START, **{**defaults, **options})


def web(**behaviour: Any) -> ContainerPlan:
    return ContainerPlan(name="web", behaviour=Behaviour(**behaviour), health_checked=True)


def end_of(found: Life) -> tuple[float, str, str, bool, str | None] | None:
    end = found.end
    if end is None:
        return None
    return (end.at - START).total_seconds(), end.code, end.reason, end.failed, end.container


def test_task_comes_up_and_is_healthy() -> None:
    found = life(web())
    assert [(found.status(at(second)), found.health(at(second))) for second in (0, 0.9, 1, 2.9, 3, 4.9, 5)] == [
        ("PROVISIONING", "UNKNOWN"),
        ("PROVISIONING", "UNKNOWN"),
        ("PENDING", "UNKNOWN"),
        ("PENDING", "UNKNOWN"),
        ("RUNNING", "UNKNOWN"),
        ("RUNNING", "UNKNOWN"),
        ("RUNNING", "HEALTHY"),
    ]
    assert (found.ready(at(4.9)), found.ready(at(5)), found.end) == (False, True, None)


def test_task_without_any_check_is_ready_when_it_runs() -> None:
    found = life(ContainerPlan(name="worker", behaviour=Behaviour(ready_after=60)))
    assert (found.ready(at(2.9)), found.ready(at(3)), found.health(at(99))) == (False, True, "UNKNOWN")


def test_crash_ends_the_task_and_the_other_containers_with_it() -> None:
    other = ContainerPlan(name="proxy", behaviour=Behaviour())
    found = life(web(crash=3, crash_after=4), other)
    assert end_of(found) == (7, "EssentialContainerExited", "Essential container in task exited", True, "web")
    assert [found.status(at(second)) for second in (6.9, 7, 7.9, 8)] == ["RUNNING", "STOPPING", "STOPPING", "STOPPED"]
    crashed, stopped = found.containers.values()
    assert (exit_code(crashed, found, at(6.9)), exit_code(crashed, found, at(7))) == (None, 3)
    assert (container_status(stopped, found, at(7)), exit_code(stopped, found, at(7))) == ("RUNNING", None)
    assert (container_status(stopped, found, at(8)), exit_code(stopped, found, at(8))) == ("STOPPED", 143)


def test_crash_of_a_container_that_is_not_essential_ends_nothing() -> None:
    found = life(web(), ContainerPlan(name="init", behaviour=Behaviour(crash=0), essential=False))
    assert (found.end, exit_code(found.containers["init"], found, at(4))) == (None, 0)


@pytest.mark.parametrize(
    ("plan", "supervised", "reason"),
    [
        (web(unhealthy=True), True, "Task failed container health checks"),
        (web(unhealthy=True), False, None),
        (
            ContainerPlan(name="web", behaviour=Behaviour(unhealthy=True), target_groups=("arn:one", "arn:two")),
            True,
            "Task failed ELB health checks in (target-group arn:one)",
        ),
        (ContainerPlan(name="web", behaviour=Behaviour(unhealthy=True)), True, None),
    ],
)
def test_only_what_is_checked_and_supervised_is_stopped(
    plan: ContainerPlan, supervised: bool, reason: str | None
) -> None:
    expected = None if reason is None else (7, "ServiceSchedulerInitiated", reason, True, "web")
    assert end_of(life(plan, supervised=supervised)) == expected


def test_unhealthy_container_is_told() -> None:
    found = life(web(unhealthy=True))
    assert [found.health(at(second)) for second in (6.9, 7)] == ["UNKNOWN", "UNHEALTHY"]
    assert [container_health(found.containers["web"], at(second)) for second in (6.9, 7)] == ["UNKNOWN", "UNHEALTHY"]
    assert not found.ready(at(6.9))


def test_refused_task_never_runs() -> None:
    found = life(web(), refusal=Refusal(reason="CannotPullContainerError: …", container="web"))
    assert end_of(found) == (3, "TaskFailedToStart", "CannotPullContainerError: …", True, "web")
    assert [found.status(at(second)) for second in (2.9, 3, 4)] == ["PENDING", "DEPROVISIONING", "STOPPED"]
    assert exit_code(found.containers["web"], found, at(4)) is None


DEPENDENCIES: dict[str, tuple[Behaviour, float | None]] = {
    "START": (Behaviour(), 3),
    "HEALTHY": (Behaviour(ready_after=6), 9),
    "COMPLETE": (Behaviour(crash=1, crash_after=2), 5),
    "SUCCESS": (Behaviour(crash=0, crash_after=2), 5),
}


@pytest.mark.parametrize("condition", DEPENDENCIES)
def test_container_starts_when_what_it_waits_for_is_so(condition: str) -> None:
    behaviour, seconds = DEPENDENCIES[condition]
    waiting = ContainerPlan(name="web", behaviour=Behaviour(), depends_on=(("init", condition),))
    found = life(waiting, ContainerPlan(name="init", behaviour=behaviour, essential=False))
    assert list(found.containers) == ["web", "init"]
    assert found.containers["web"].starts_at == found.running_at == at(seconds or 0)


@pytest.mark.parametrize(
    ("condition", "behaviour"),
    [("SUCCESS", Behaviour(crash=1)), ("HEALTHY", Behaviour(unhealthy=True)), ("COMPLETE", Behaviour())],
)
def test_container_never_starts_when_what_it_waits_for_never_is(condition: str, behaviour: Behaviour) -> None:
    waiting = ContainerPlan(name="web", behaviour=Behaviour(), depends_on=(("init", condition),))
    found = life(waiting, ContainerPlan(name="init", behaviour=behaviour, essential=False))
    assert (found.running_at, found.ready_at, found.status(at(999))) == (None, None, "PENDING")


def test_command_takes_the_place_of_the_images_own() -> None:
    behaviour = Behaviour(crash=1, crash_after=9, run_exit_code=4)
    found = life(ContainerPlan(name="web", behaviour=behaviour, command=("migrate",)), supervised=False)
    assert end_of(found) == (5, "EssentialContainerExited", "Essential container in task exited", True, "web")
    assert exit_code(found.containers["web"], found, at(6)) == 4


def test_earlier_end_counts() -> None:
    crashing = life(web(crash=1, crash_after=4))
    stopped = End(at=at(5), code="UserInitiated", reason="by hand")
    assert crashing.ended(stopped).end == stopped
    assert exit_code(crashing.ended(stopped).containers["web"], crashing.ended(stopped), at(9)) == 143
    assert crashing.ended(End(at=at(8), code="UserInitiated", reason="too late")).end == crashing.end


def test_speed_divides_every_duration() -> None:
    found = life(web(ready_after=20), pace=Pace(10))
    assert (found.running_at, found.ready_at) == (at(0.3), at(2.3))


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "", "inf", "nan"])
def test_speed_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, speed: str) -> None:
    monkeypatch.setenv(speed_variable(), speed)
    with pytest.raises(
        ValueError, match=f"^ZELLY_SANDBOX_SPEED: came {speed}; allowed: a number above 0, e.g. 1 or 100$"
    ):
        Pace.of_this_process()


def test_without_a_speed_a_second_is_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(speed_variable())
    assert Pace.of_this_process() == Pace(1)
