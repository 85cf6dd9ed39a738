"""The lifecycle of a service deployment that shifts traffic, as data: the legs that its strategy makes it go through.

ECS API reference, "ServiceDeployment" for the stages and their order, "DeploymentConfiguration", "CanaryConfiguration"
and "LinearConfiguration" for steps, bake times and their defaults, "DeploymentLifecycleHook" for pauses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.sandbox.ecs.simulation.pace import BAKING_MINUTE_SECONDS, SHIFTING_SECONDS, STAGE_SECONDS

SCALED = "scaled"
CLEANED = "cleaned"

_DEFAULT_CANARY_PERCENT = 5.0
_DEFAULT_CANARY_MINUTES = 10
_DEFAULT_STEP_PERCENT = 10.0
_DEFAULT_STEP_MINUTES = 6
_DEFAULT_PAUSE_MINUTES = 24 * 60
_WHOLE = 100.0


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A lifecycle hook that waits for somebody to continue."""

    minutes: int
    timeout_action: str


@dataclass(frozen=True, kw_only=True)
class Leg:
    """A part of a deployment with the shares of traffic that its target gets from the beginning of it."""

    stage: str
    production: float = 0.0
    test: float = 0.0
    seconds: float = STAGE_SECONDS
    until: str | None = None
    """What else it waits for: :data:`SCALED` or :data:`CLEANED`."""
    pauses: Sequence[Pause] = ()


def route_of(configuration: Mapping[str, Any], *, reconciles: bool, test_listener: bool) -> Sequence[Leg]:
    """Return the legs of a deployment.

    Args:
        configuration: its deployment configuration.
        reconciles: whether more than one revision runs when it begins.
        test_listener: whether its load balancers have a rule for test traffic.
    """
    test = _WHOLE if test_listener else 0.0
    steps = _steps(configuration)
    legs = [Leg(stage="RECONCILE_SERVICE", until=CLEANED)] if reconciles else []
    legs += [
        Leg(stage="PRE_SCALE_UP"),
        Leg(stage="SCALE_UP", until=SCALED),
        Leg(stage="POST_SCALE_UP"),
        Leg(stage="TEST_TRAFFIC_SHIFT", test=test, seconds=SHIFTING_SECONDS),
        Leg(stage="POST_TEST_TRAFFIC_SHIFT", test=test),
    ]
    before = 0.0
    for percent, minutes in steps:
        seconds = SHIFTING_SECONDS + minutes * BAKING_MINUTE_SECONDS
        legs += [
            Leg(stage="PRE_PRODUCTION_TRAFFIC_SHIFT", production=before, test=test, seconds=0),
            Leg(stage="PRODUCTION_TRAFFIC_SHIFT", production=percent, test=test, seconds=seconds),
        ]
        before = percent
    bake = configuration.get("bakeTimeInMinutes") or 0
    whole = Leg(stage="POST_PRODUCTION_TRAFFIC_SHIFT", production=_WHOLE, test=test)
    legs += [
        whole,
        replace(whole, stage="BAKE_TIME", seconds=bake * BAKING_MINUTE_SECONDS),
        replace(whole, stage="CLEAN_UP", until=CLEANED),
    ]
    return [_with_pauses(leg, configuration) for leg in legs]


def _steps(configuration: Mapping[str, Any]) -> Sequence[tuple[float, int]]:
    """Return the target's share after each shift, and the minutes until the next; the last is followed by the bake."""
    strategy = configuration.get("strategy")
    if strategy == "CANARY":
        canary: Mapping[str, Any] = configuration.get("canaryConfiguration") or {}
        percent = float(canary.get("canaryPercent", _DEFAULT_CANARY_PERCENT))
        first = (percent, int(canary.get("canaryBakeTimeInMinutes", _DEFAULT_CANARY_MINUTES)))
        return [first, (_WHOLE, 0)] if percent < _WHOLE else [(_WHOLE, 0)]
    if strategy == "LINEAR":
        linear: Mapping[str, Any] = configuration.get("linearConfiguration") or {}
        step = float(linear.get("stepPercent", _DEFAULT_STEP_PERCENT))
        minutes = int(linear.get("stepBakeTimeInMinutes", _DEFAULT_STEP_MINUTES))
        # In tenths of a percent, the finest that the API takes.
        tenths = range(round(step * 10), 1000, round(step * 10))
        return [*((each / 10, minutes) for each in tenths), (_WHOLE, 0)]
    return [(_WHOLE, 0)]


def _with_pauses(leg: Leg, configuration: Mapping[str, Any]) -> Leg:
    pauses = [
        _pause(hook)
        for hook in configuration.get("lifecycleHooks") or ()
        if hook.get("targetType") == "PAUSE" and leg.stage in hook.get("lifecycleStages", ())
    ]
    return replace(leg, pauses=pauses)


def _pause(hook: Mapping[str, Any]) -> Pause:
    timeout: Mapping[str, Any] = hook.get("timeoutConfiguration") or {}
    return Pause(
        minutes=int(timeout.get("timeoutInMinutes", _DEFAULT_PAUSE_MINUTES)),
        timeout_action=timeout.get("action", "ROLLBACK"),
    )
