"""What ECS refuses of a service's deployment strategy.

ECS Developer Guide, "Troubleshooting Amazon ECS blue/green deployments" for the words; ECS API reference,
"DeploymentConfiguration", "CanaryConfiguration", "LinearConfiguration" and
"DeploymentLifecycleHookTimeoutConfiguration" for the ranges.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workbench.sandbox.ecs.simulation.deploying.records import NO_SHIFT
from workbench.sandbox.ecs.simulation.look import configured
from workbench.sandbox.server.table import Call, RefusalError

_LONGEST_BAKE = 1440
_LONGEST_PAUSE = 20160
_SMALLEST_CANARY = 0.1
_SMALLEST_STEP = 3.0
_PAUSE_STAGES = frozenset(
    {
        "PRE_SCALE_UP",
        "POST_SCALE_UP",
        "POST_TEST_TRAFFIC_SHIFT",
        "PRE_PRODUCTION_TRAFFIC_SHIFT",
        "POST_PRODUCTION_TRAFFIC_SHIFT",
    }
)


def check(call: Call) -> None:
    """Refuse a service whose strategy, load balancers and hooks do not go together."""
    configuration, balancers = configured(call)
    for fault in _faults(configuration, balancers):
        raise RefusalError("InvalidParameterException", fault)


def _faults(configuration: Mapping[str, Any], balancers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    shifts = configuration.get("strategy", NO_SHIFT) != NO_SHIFT
    yield from _balancer_faults(balancers, shifts=shifts)
    canary: Mapping[str, Any] = configuration.get("canaryConfiguration") or {}
    linear: Mapping[str, Any] = configuration.get("linearConfiguration") or {}
    for member, value, lowest, highest in (
        ("bakeTimeInMinutes", configuration.get("bakeTimeInMinutes"), 0, _LONGEST_BAKE),
        ("canaryPercent", canary.get("canaryPercent"), _SMALLEST_CANARY, 100),
        ("canaryBakeTimeInMinutes", canary.get("canaryBakeTimeInMinutes"), 0, _LONGEST_BAKE),
        ("stepPercent", linear.get("stepPercent"), _SMALLEST_STEP, 100),
        ("stepBakeTimeInMinutes", linear.get("stepBakeTimeInMinutes"), 0, _LONGEST_BAKE),
    ):
        if value is not None and not lowest <= value <= highest:
            yield f"{member}: came {value:g}; allowed {lowest:g} to {highest:g}"
    # "You must provide this parameter when you use the BLUE_GREEN deployment strategy."
    if configuration.get("strategy") == "BLUE_GREEN" and "bakeTimeInMinutes" not in configuration:
        yield "bakeTimeInMinutes: came none; required for BLUE_GREEN"
    for hook in configuration.get("lifecycleHooks") or ():
        yield from _hook_faults(hook)


def _balancer_faults(balancers: Sequence[Mapping[str, Any]], *, shifts: bool) -> Iterator[str]:
    advanced = [found for each in balancers if (found := each.get("advancedConfiguration"))]
    if shifts and len(advanced) < len(balancers):
        yield (
            "advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy"
        )
    if advanced and len(advanced) < len(balancers):
        yield "Either all or none of the provided loadBalancers must have advancedConfiguration defined"
    for each in advanced:
        yield from _rule_faults(each)
    groups = [each.get("targetGroupArn") for each in balancers]
    for arn in groups:
        if arn is not None and groups.count(arn) > 1 and shifts:
            yield f"Duplicate targetGroupArn found: {arn}"


def _rule_faults(advanced: Mapping[str, Any]) -> Iterator[str]:
    production, test = advanced.get("productionListenerRule", ""), advanced.get("testListenerRule")
    for member, arn in (("productionListenerRule", production), ("testListenerRule", test)):
        if arn is not None and ":listener-rule/" not in arn and ":listener/net/" not in arn:
            yield f"{member} has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: {arn}"
    if production == test:
        yield f"The following rules cannot be used as both production and test listener rules: {production}"


def _hook_faults(hook: Mapping[str, Any]) -> Iterator[str]:
    kind = hook.get("targetType", "AWS_LAMBDA")
    if kind not in {"AWS_LAMBDA", "PAUSE"}:
        yield "Invalid targetType. Valid values are: AWS_LAMBDA, PAUSE"
    if kind == "PAUSE" and not _PAUSE_STAGES.issuperset(hook.get("lifecycleStages", ())):
        yield "Invalid lifecycle stage provided for Pause Hook"
    timeout: Mapping[str, Any] = hook.get("timeoutConfiguration") or {}
    minutes = timeout.get("timeoutInMinutes")
    if minutes is not None and not 1 <= minutes <= _LONGEST_PAUSE:
        yield f"timeoutInMinutes: came {minutes}; allowed 1 to {_LONGEST_PAUSE}"
    if kind == "AWS_LAMBDA":
        # AWS would call it; nothing here can.
        yield "lifecycleHooks: the embedded AWS runs no Lambda function; allowed here: hooks of the type PAUSE"
