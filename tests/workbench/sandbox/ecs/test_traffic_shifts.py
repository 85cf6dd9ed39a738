"""Service deployments that shift traffic: scenarios as data, on a clock that the tests move.

In every one, at every moment, the balancer's rules say what the service deployment says.
"""

from typing import Any

import pytest

from tests.workbench.sandbox.ecs.balancers import Balancer, Targets
from tests.workbench.sandbox.ecs.clocked import ClockedAws
from tests.workbench.sandbox.ecs.scenarios import (
    Act,
    Scenario,
    Seen,
    Stage,
    answer,
    begin,
    play,
    ring,
    running,
    stop,
    wait,
)
from tests.workbench.sandbox.ecs.services import BREAKER
from tests.workbench.sandbox.network import Network
from workbench.sandbox.ecr.images import Behaviour
from workbench.sandbox.ecs.simulation.pace import BAKING_MINUTE_SECONDS

ALARMS = {"alarms": {"rollback": True}}
BLUE_GREEN: dict[str, Any] = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 2, **ALARMS}
CANARY: dict[str, Any] = {
    "strategy": "CANARY",
    "bakeTimeInMinutes": 2,
    "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 3},
    **ALARMS,
}
LINEAR: dict[str, Any] = {
    "strategy": "LINEAR",
    "bakeTimeInMinutes": 2,
    "linearConfiguration": {"stepPercent": 37.5, "stepBakeTimeInMinutes": 1},
    **ALARMS,
}
CRASHING = Behaviour(crash=1, crash_after=0)
NEW_SERVES = ("PRIMARY", "COMPLETED", "2")
OLD_SERVES = ("PRIMARY", "COMPLETED", "1")


def pausing(stage: str, action: str | None = None) -> dict[str, Any]:
    """Return a blue/green deployment that pauses at a stage, for five minutes."""
    timeout = {"timeoutInMinutes": 5} | ({} if action is None else {"action": action})
    hook = {"targetType": "PAUSE", "lifecycleStages": [stage], "timeoutConfiguration": timeout}
    return {**BLUE_GREEN, "lifecycleHooks": [hook]}


def going_on(*legs: tuple[str, float, float]) -> list[Seen]:
    return [("IN_PROGRESS", *leg) for leg in legs]


SCALED: list[Seen] = going_on(("PRE_SCALE_UP", 0, 0), ("SCALE_UP", 0, 0), ("POST_SCALE_UP", 0, 0))
TESTED: list[Seen] = [*SCALED, *going_on(("TEST_TRAFFIC_SHIFT", 0, 100), ("POST_TEST_TRAFFIC_SHIFT", 0, 100))]
BAKING: list[Seen] = going_on(("POST_PRODUCTION_TRAFFIC_SHIFT", 100, 100), ("BAKE_TIME", 100, 100))
CLEANED: list[Seen] = [("IN_PROGRESS", "CLEAN_UP", 100, 100), ("SUCCESSFUL", "CLEAN_UP", 100, 100)]


def shifted(*percents: float) -> list[Seen]:
    return [*TESTED, *going_on(*(("PRODUCTION_TRAFFIC_SHIFT", percent, 100) for percent in percents))]


BAKED: list[Seen] = [*shifted(100), *BAKING]


def back(moved: str | None, *, asked: bool = False, at: tuple[str, float, float] | None = None) -> list[Seen]:
    """Return what is seen of a rollback: of a request for it, of the way back of the traffic, of the tasks' end."""
    request: list[Seen] = [("ROLLBACK_REQUESTED", *at)] if asked and at else []
    shift: list[Seen] = [("ROLLBACK_IN_PROGRESS", moved, 0, 0)] if moved else []
    return [*request, *shift, ("ROLLBACK_IN_PROGRESS", "CLEAN_UP", 0, 0), ("ROLLBACK_SUCCESSFUL", "CLEAN_UP", 0, 0)]


ASKED = "Service deployment rolled back because of a StopServiceDeployment request."
RANG = "Service deployment rolled back because of alarm(s) in ALARM state: {service}."

SCENARIOS: dict[str, Scenario] = {
    "blue/green": Scenario(
        configuration=BLUE_GREEN, seen=[*BAKED, *CLEANED], running={"two": 2}, rollouts=[NEW_SERVES]
    ),
    "canary": Scenario(
        configuration=CANARY, seen=[*shifted(10, 100), *BAKING, *CLEANED], running={"two": 2}, rollouts=[NEW_SERVES]
    ),
    "linear": Scenario(
        configuration=LINEAR,
        seen=[*shifted(37.5, 75, 100), *BAKING, *CLEANED],
        running={"two": 2},
        rollouts=[NEW_SERVES],
    ),
    "new tasks that fail, with a circuit breaker": Scenario(
        configuration={**BLUE_GREEN, "deploymentCircuitBreaker": BREAKER},
        behaviour=CRASHING,
        seen=[*SCALED[:2], *back(None)],
        reason="Service deployment rolled back because the circuit breaker threshold was exceeded.",
        running={"one": 2},
        rollouts=[OLD_SERVES],
    ),
    "new tasks that fail for a day": Scenario(
        configuration=BLUE_GREEN,
        behaviour=CRASHING,
        acts={"SCALE_UP": wait(24 * 60 * BAKING_MINUTE_SECONDS - 1)},
        seen=[*SCALED[:2], *back(None)],
        reason="Service deployment rolled back because SCALE_UP lasted for more than 24 hours.",
        running={"one": 2},
        rollouts=[OLD_SERVES],
    ),
    "an alarm rings while new tasks start": Scenario(
        configuration=BLUE_GREEN,
        acts={"SCALE_UP": ring},
        seen=[*SCALED[:2], *back(None)],
        reason=RANG,
        running={"one": 2},
        rollouts=[OLD_SERVES],
    ),
    "an alarm rings during the canary": Scenario(
        configuration=CANARY,
        acts={"PRODUCTION_TRAFFIC_SHIFT": ring},
        seen=[*shifted(10), *back("PRODUCTION_TRAFFIC_SHIFT")],
        reason=RANG,
        running={"one": 2},
        rollouts=[OLD_SERVES],
    ),
    "an alarm rings during the bake": Scenario(
        configuration=BLUE_GREEN,
        acts={"BAKE_TIME": ring},
        seen=[*BAKED, *back("PRODUCTION_TRAFFIC_SHIFT")],
        reason=RANG,
        running={"one": 2},
        rollouts=[OLD_SERVES],
    ),
    "an alarm stops alone": Scenario(
        configuration={**BLUE_GREEN, "alarms": {"rollback": False}},
        acts={"BAKE_TIME": ring},
        seen=[*BAKED, ("STOPPED", "BAKE_TIME", 100, 100)],
        reason="Service deployment stopped because of alarm(s) in ALARM state: {service}.",
        running={"one": 2, "two": 2},
        rollouts=[("PRIMARY", "FAILED", "2"), ("ACTIVE", "COMPLETED", "1")],
    ),
    "pause continued": Scenario(
        configuration=pausing("POST_TEST_TRAFFIC_SHIFT"),
        acts={"POST_TEST_TRAFFIC_SHIFT": answer("CONTINUE")},
        seen=[*BAKED, *CLEANED],
        running={"two": 2},
        rollouts=[NEW_SERVES],
    ),
    "pause before each shift": Scenario(
        configuration={
            **CANARY,
            "lifecycleHooks": pausing("PRE_PRODUCTION_TRAFFIC_SHIFT", "CONTINUE")["lifecycleHooks"],
        },
        seen=[
            *TESTED,
            *going_on(
                ("PRE_PRODUCTION_TRAFFIC_SHIFT", 0, 100),
                ("PRODUCTION_TRAFFIC_SHIFT", 10, 100),
                ("PRE_PRODUCTION_TRAFFIC_SHIFT", 10, 100),
                ("PRODUCTION_TRAFFIC_SHIFT", 100, 100),
            ),
            *BAKING,
            *CLEANED,
        ],
        running={"two": 2},
        rollouts=[NEW_SERVES],
    ),
    "pause answered with a rollback": Scenario(
        configuration=pausing("POST_TEST_TRAFFIC_SHIFT"),
        acts={"POST_TEST_TRAFFIC_SHIFT": answer("ROLLBACK")},
        seen=[*TESTED, *back("TEST_TRAFFIC_SHIFT", asked=True, at=("POST_TEST_TRAFFIC_SHIFT", 0, 100))],
        reason="Service deployment rolled back because POST_TEST_TRAFFIC_SHIFT pause hook was answered with ROLLBACK.",
        running={"one": 2},
        rollouts=[OLD_SERVES],
    ),
    "pause that times out": Scenario(
        configuration=pausing("POST_TEST_TRAFFIC_SHIFT"),
        seen=[*TESTED, *back("TEST_TRAFFIC_SHIFT")],
        reason="Service deployment rolled back because POST_TEST_TRAFFIC_SHIFT pause hook timed out.",
        running={"one": 2},
        rollouts=[OLD_SERVES],
    ),
    "pause that times out and goes on": Scenario(
        configuration=pausing("POST_PRODUCTION_TRAFFIC_SHIFT", "CONTINUE"),
        seen=[*BAKED, *CLEANED],
        running={"two": 2},
        rollouts=[NEW_SERVES],
    ),
}
STOPS: dict[str, tuple[list[Seen], str | None]] = {
    "PRE_SCALE_UP": (SCALED[:1], None),
    "SCALE_UP": (SCALED[:2], None),
    "TEST_TRAFFIC_SHIFT": (TESTED[:4], "TEST_TRAFFIC_SHIFT"),
    "PRODUCTION_TRAFFIC_SHIFT": (shifted(10), "PRODUCTION_TRAFFIC_SHIFT"),
    "BAKE_TIME": ([*shifted(10, 100), *BAKING], "PRODUCTION_TRAFFIC_SHIFT"),
}
"""Stage in which somebody stops a canary -> what is seen until then, and what moves back."""

SCENARIOS["rolled back on request at CLEAN_UP"] = Scenario(
    configuration=BLUE_GREEN,
    acts={"CLEAN_UP": stop("ROLLBACK")},
    seen=[
        *BAKED,
        *CLEANED[:1],
        ("ROLLBACK_REQUESTED", "CLEAN_UP", 100, 100),
        ("ROLLBACK_IN_PROGRESS", "SCALE_UP", 100, 100),
        *back("PRODUCTION_TRAFFIC_SHIFT"),
    ],
    reason=ASKED,
    running={"one": 2},
    rollouts=[OLD_SERVES],
)
for _stage, (_until, _moved) in STOPS.items():
    _last = _until[-1]
    _here: Any = _last[1:]
    SCENARIOS[f"rolled back on request at {_stage}"] = Scenario(
        configuration=CANARY,
        acts={_stage: stop("ROLLBACK")},
        seen=[*_until, *back(_moved, asked=True, at=_here)],
        reason=ASKED,
        running={"one": 2},
        rollouts=[OLD_SERVES],
    )
    _started = {} if _stage == "PRE_SCALE_UP" else {"two": 2}
    SCENARIOS[f"stopped on request at {_stage}"] = Scenario(
        configuration=CANARY,
        acts={_stage: stop("ABORT")},
        seen=[*_until, ("STOP_REQUESTED", *_here), ("STOPPED", *_here)],
        reason="Service deployment stopped because of a StopServiceDeployment request.",
        running={"one": 2, **_started},
        rollouts=[("PRIMARY", "FAILED", "2"), ("ACTIVE", "COMPLETED", "1")],
    )


def watched(stage: Stage, targets: Targets, acts: dict[str, Act]) -> list[Seen]:
    """Play a deployment to the alternate group, comparing the rules with it at every look."""

    def compare() -> None:
        _, _, production, test = stage.seen()
        assert production is not None
        parts = 1 if production == int(production) else 10
        weights = targets.weights(targets.production)
        assert weights == ((100 - production) * parts, production * parts)
        # Nobody is ever sent to a group where nothing answers.
        assert all(healthy for weight, healthy in zip(weights, targets.healthy(), strict=True) if weight)
        if test:
            assert targets.weights(targets.test) == (0, 100)

    return play(stage, acts, look=compare)


@pytest.mark.parametrize("name", SCENARIOS)
def test_traffic_is_shifted(clock: ClockedAws, clocked_network: Network, balancer: Balancer, name: str) -> None:
    scenario = SCENARIOS[name]
    targets = balancer.targets()
    stage = begin(clock, clocked_network, scenario, targets)
    stage.service.deploy("two")
    stage.arn = stage.newest()
    assert watched(stage, targets, dict(scenario.acts)) == scenario.seen
    found = stage.described()
    expected = None if scenario.reason is None else scenario.reason.format(service=stage.service.name)
    assert found.get("statusReason") == expected
    assert running(stage) == scenario.running
    assert [each[:3] for each in stage.service.rollouts()] == scenario.rollouts
    # Some tasks have only just begun.
    clock.pass_seconds(5)
    assert targets.healthy() == (scenario.running.get("one", 0), scenario.running.get("two", 0))
    if found["status"] == "ROLLBACK_SUCCESSFUL":
        assert (found["rollback"]["reason"], targets.weights(targets.production)) == (expected, (100, 0))
        assert found["rollback"]["serviceRevisionArn"] == found["sourceServiceRevisions"][0]["arn"]


OVERTAKEN: dict[str, tuple[list[Seen], dict[str, int], tuple[int, int]]] = {
    "SCALE_UP": (SCALED[:2], {"one": 2}, (100, 0)),
    "PRODUCTION_TRAFFIC_SHIFT": (shifted(10), {"one": 2}, (100, 0)),
    "BAKE_TIME": ([*shifted(10, 100), *BAKING], {"two": 2}, (0, 100)),
}
"""Stage in which a newer deployment begins -> what is seen of the older; what runs and has traffic after that."""


@pytest.mark.parametrize("at", OVERTAKEN)
def test_newer_deployment_first_makes_one_revision_of_two(
    clock: ClockedAws, clocked_network: Network, balancer: Balancer, at: str
) -> None:
    seen, left, weights = OVERTAKEN[at]
    targets = balancer.targets()
    stage = begin(clock, clocked_network, Scenario(configuration=CANARY, seen=[], running={}, rollouts=[]), targets)
    stage.service.deploy("two")
    older = stage.arn = stage.newest()
    assert play(stage, {at: lambda stage: stage.service.deploy("three")}) == [*seen, ("STOPPED", *seen[-1][1:])]
    stage.arn = stage.newest()
    assert play(stage, {"PRE_SCALE_UP": lambda stage: _assert_one(stage, targets, left, weights)}) == [
        ("IN_PROGRESS", "RECONCILE_SERVICE", 0, 0),
        *shifted(10, 100),
        *BAKING,
        *CLEANED,
    ]
    assert running(stage) == {"three": 2}
    assert targets.healthy() == ((2, 0) if left == {"two": 2} else (0, 2))
    stage.arn = older
    assert stage.described()["statusReason"] == "Service deployment stopped because a newer service deployment began."


def _assert_one(stage: Stage, targets: Targets, left: dict[str, int], weights: tuple[int, int]) -> None:
    assert (running(stage), targets.weights(targets.production)) == (left, weights)
