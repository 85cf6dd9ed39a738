"""Waiting for ECS's way back to what was healthy: what ends it, what it says, and that nothing is changed meanwhile."""

import dataclasses

import pytest

from tests.workbench.operations.clocks import FakeClock
from tests.workbench.operations.deploys import test_execute
from tests.workbench.operations.deploys.scripted import Answer, Listener, Script
from tests.workbench.operations.failing import failure, interrupted
from tests.workbench.operations.seen import D, deployment, service
from workbench.aws.shared.errors import Reason
from workbench.errors import OperationFailedError
from workbench.operations.deploys import waiting as rollout_wait
from workbench.operations.deploys.checks import RolloutOptions
from workbench.operations.deploys.rollout_plan import RolloutPlan
from workbench.operations.deploys.service import RolloutAws
from workbench.operations.deploys.waiting import awaited

BACK = D(id="ecs-svc/3", revision=5, running=1, reason="ECS deployment circuit breaker: rolling back to …")
RETURNING = service(BACK, D(state="FAILED"))
RETURNED = service(D(id="ecs-svc/3", revision=5, state="COMPLETED", running=1))
PLAN = dataclasses.replace(test_execute.PLAN, waits_for=deployment(BACK, primary=True), wait_seconds=120)
AGAIN = dataclasses.replace(test_execute.PLAN, earlier_arn="again")
WAY = "shop-api goes back to shop-api:5 (ecs-svc/3)"


@pytest.fixture(autouse=True)
def planned(monkeypatch: pytest.MonkeyPatch) -> list[RolloutPlan]:
    """Note what is planned anew."""
    noted: list[RolloutPlan] = []

    def anew(plan: RolloutPlan, aws: RolloutAws, options: RolloutOptions) -> RolloutPlan:
        assert (aws.ecr, options) == (None, RolloutOptions())
        noted.append(plan)
        return AGAIN

    monkeypatch.setattr(rollout_wait, "_anew", anew)
    return noted


def wait(*looks: Answer, clock: FakeClock | None = None, listener: Listener | None = None) -> RolloutPlan:
    given = Script(looks=list(looks), deploys=[])
    try:
        return awaited(PLAN, given.aws, RolloutOptions(), audience=listener or Listener(), clock=clock or FakeClock())
    finally:
        assert given.done == [], "nothing is changed by waiting"


@pytest.mark.parametrize(
    "end",
    [
        RETURNED,
        service(dataclasses.replace(BACK, state="FAILED")),
        # Somebody else's; whether it may be superseded is for the new plan to say.
        service(D(id="ecs-svc/9", revision=9)),
        None,
    ],
)
def test_waiting_ends_with_the_way_back_and_the_plan_is_made_anew(end: Answer, planned: list[RolloutPlan]) -> None:
    clock = FakeClock()
    assert wait(RETURNING, RETURNING, end, clock=clock) is AGAIN
    assert (clock.sleeps, planned) == ([5, 5], [PLAN])


def test_what_is_waited_for_and_how_long_is_said_at_once_and_every_minute() -> None:
    listener = Listener()
    wait(*[RETURNING] * 15, RETURNED, listener=listener)
    assert listener.said == [
        f"{WAY}: 1 of 1 tasks run, {seconds} s; waited for 120 s at most, Ctrl-C changes nothing" for seconds in (0, 60)
    ]


def test_a_look_that_fails_in_passing_is_made_again() -> None:
    assert wait(RETURNING, failure("ecs:DescribeServices", Reason.THROTTLED), RETURNED) is AGAIN


def test_it_is_not_waited_for_ever() -> None:
    clock = FakeClock()
    with pytest.raises(OperationFailedError) as raised:
        wait(RETURNING, clock=clock)
    assert (raised.value.lines, clock.seconds) == (
        (
            f"{WAY}, and is not there after 120 seconds: nothing was changed.",
            "`zelly service status api --stack staging` shows how far it is; --force does not wait for it.",
        ),
        120,
    )


def test_ctrl_c_changes_nothing_and_says_so() -> None:
    assert interrupted(wait, RETURNING, KeyboardInterrupt()) == [f"Interrupted: nothing was changed. {WAY} by itself."]


def test_a_plan_that_waits_for_nothing_stays(planned: list[RolloutPlan]) -> None:
    given = Script(looks=[], deploys=[])
    plan = test_execute.PLAN
    assert awaited(plan, given.aws, RolloutOptions(), audience=Listener(), clock=FakeClock()) is plan
    assert planned == []
