"""The deployments of an ECS service by ECS itself: rolling, blue/green, canary, linear. Pure data and checks.

Sources: API Reference of Amazon ECS (``DeploymentConfiguration``, ``AdvancedConfiguration``,
``DeploymentLifecycleHook``); Developer Guide, "Amazon ECS blue/green deployments" and the pages below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi

from zelly_components.identity.iam import Statement
from zelly_components.limits.deployments import (
    CANARY_PERCENT,
    LONGEST_BAKE_MINUTES,
    LONGEST_PAUSE_MINUTES,
    STEP_PERCENT,
)

Strategy = Literal["ROLLING", "BLUE_GREEN", "CANARY", "LINEAR"]
PauseStage = Literal[
    "RECONCILE_SERVICE", "PRE_SCALE_UP", "POST_SCALE_UP", "POST_TEST_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT"
]
"""The stages at which ECS can pause: those of a hook without the two in which it shifts traffic."""

SHIFTING: frozenset[Strategy] = frozenset({"BLUE_GREEN", "CANARY", "LINEAR"})
"""The strategies that start a second set of tasks and shift the traffic to it."""


@dataclass(frozen=True, kw_only=True)
class PauseArgs:
    """A stage at which a deployment waits for somebody to continue it or to roll it back."""

    stage: PauseStage
    """The stage of the deployment at which it waits, e.g. ``POST_TEST_TRAFFIC_SHIFT``: when the test listener reaches
    the new tasks."""
    timeout_minutes: int
    """The minutes after which it waits no longer, 1 to 20160, two weeks."""
    on_timeout: Literal["ROLLBACK", "CONTINUE"] = "ROLLBACK"
    """What ECS does when nobody has decided in time. Left out, it rolls back."""


@dataclass(frozen=True, kw_only=True)
class CanaryArgs:
    """A first share of the traffic, and then the rest."""

    percent: float
    """The first share of the traffic in percent: 0.1 to 100."""
    bake_minutes: int
    """The time with the first share in minutes: 0 to 1440."""


@dataclass(frozen=True, kw_only=True)
class LinearArgs:
    """The traffic in equal steps."""

    step_percent: float
    """The share of the traffic that each step adds, in percent: 3 to 100."""
    step_bake_minutes: int
    """The time between two steps in minutes: 0 to 1440."""


@dataclass(frozen=True, kw_only=True)
class AlternateTargetArgs:
    """A second target group, and the rules by which traffic reaches one group or the other."""

    target_group_arn: pulumi.Input[str]
    """The second target group: a value of the balancer's output ``alternate_target_group_arns``. Should resolve only
    once a rule forwards to it, as the first one's."""
    production_rule_arn: pulumi.Input[str]
    """The rule of the Application Load Balancer's listener that clients use. ECS changes its weights."""
    test_rule_arn: pulumi.Input[str] | None
    """The rule of the test listener. None: the new tasks are not reached before clients reach them."""


@dataclass(frozen=True, kw_only=True)
class DeploymentArgs:
    """How ECS deploys a service (its deployment controller ``ECS``, never CodeDeploy)."""

    strategy: Strategy
    """How the traffic comes to the new tasks: ``ROLLING`` replaces them one after another; the others start a second
    set and shift all of it (``BLUE_GREEN``), a share and then the rest (``CANARY``), or equal steps (``LINEAR``). A
    change needs no replacement; ECS refuses one while a deployment is going on."""
    alarm_names: Sequence[pulumi.Input[str]] = ()
    """The alarms that roll a deployment back when they ring in it, until the end of the bake time. Required unless
    ROLLING: there is no circuit breaker for the other strategies. Left out, no alarm is asked."""
    bake_minutes: int | None = None
    """The time for which the old tasks stay beside the new ones once these have all the traffic, in minutes: 0 to 1440.
    A rollback within it takes seconds. Required unless ROLLING; left out there."""
    canary: CanaryArgs | None = None
    """The first share of a CANARY. Required for it, and left out for every other strategy."""
    linear: LinearArgs | None = None
    """The steps of a LINEAR. Required for it, and left out for every other strategy."""
    pauses: Sequence[PauseArgs] = ()
    """The stages at which a deployment waits for somebody; not for ROLLING. Empty: it waits for nobody."""
    infrastructure_role_name: str | None = None
    """The name of the role with which ECS changes rules and target groups, which is made here. Required when a target
    has an alternate; left out otherwise."""


def check_deployment(deployment: DeploymentArgs) -> None:
    """Check a deployment for itself; every message begins with the field."""
    shifts = deployment.strategy in SHIFTING
    for field, value, needed in (
        ("bake_minutes", deployment.bake_minutes, shifts),
        ("canary", deployment.canary, deployment.strategy == "CANARY"),
        ("linear", deployment.linear, deployment.strategy == "LINEAR"),
    ):
        if needed and value is None:
            raise ValueError(f"{field}: came None; required for {deployment.strategy}")
        if not needed and value is not None:
            raise ValueError(f"{field}: came {value}; allowed None for {deployment.strategy}")
    if shifts and not deployment.alarm_names:
        raise ValueError(f"alarm_names: came none; required for {deployment.strategy}, which has no circuit breaker")
    if deployment.pauses and not shifts:
        raise ValueError(f"pauses: came {len(deployment.pauses)}; allowed none for {deployment.strategy}")
    _check_figures(deployment)


def deployment_configuration(deployment: DeploymentArgs) -> dict[str, object]:
    """Return the provider's input of that name. It takes minutes as text."""
    inputs: dict[str, object] = {"strategy": deployment.strategy}
    if deployment.bake_minutes is not None:
        inputs["bake_time_in_minutes"] = f"{deployment.bake_minutes}"
    if (canary := deployment.canary) is not None:
        inputs["canary_configuration"] = {
            "canary_percent": float(canary.percent),
            "canary_bake_time_in_minutes": f"{canary.bake_minutes}",
        }
    if (linear := deployment.linear) is not None:
        inputs["linear_configuration"] = {
            "step_percent": float(linear.step_percent),
            "step_bake_time_in_minutes": f"{linear.step_bake_minutes}",
        }
    if deployment.pauses:
        inputs["lifecycle_hooks"] = [
            {
                "target_type": "PAUSE",
                "lifecycle_stages": [pause.stage],
                "timeout_configuration": {
                    "timeout_in_minutes": f"{pause.timeout_minutes}",
                    "action": pause.on_timeout,
                },
            }
            for pause in deployment.pauses
        ]
    return inputs


def infrastructure_role_statements(
    *, target_group_arns: Sequence[pulumi.Input[str]], rule_arns: Sequence[pulumi.Input[str]]
) -> list[Statement]:
    """Return the statements with which ECS shifts one service's traffic.

    They are the part of ``AmazonECSInfrastructureRolePolicyForLoadBalancers`` (AWS Managed Policy Reference) that
    concerns rules and target groups, on this service's own: the rest of it is for default actions of listeners and for
    Network Load Balancers.
    """
    return [
        Statement(
            sid="ReadBalancers",
            # None of them knows a resource (Service Authorization Reference, Elastic Load Balancing V2).
            actions=[
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            resources=["*"],
        ),
        Statement(
            sid="RegisterTasks",
            actions=["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
            resources=target_group_arns,
        ),
        Statement(sid="ShiftTraffic", actions=["elasticloadbalancing:ModifyRule"], resources=rule_arns),
    ]


def _check_figures(deployment: DeploymentArgs) -> None:
    _check_range("bake_minutes", deployment.bake_minutes, 0, LONGEST_BAKE_MINUTES)
    if (canary := deployment.canary) is not None:
        _check_range("canary.percent", canary.percent, *CANARY_PERCENT)
        _check_range("canary.bake_minutes", canary.bake_minutes, 0, LONGEST_BAKE_MINUTES)
    if (linear := deployment.linear) is not None:
        _check_range("linear.step_percent", linear.step_percent, *STEP_PERCENT)
        _check_range("linear.step_bake_minutes", linear.step_bake_minutes, 0, LONGEST_BAKE_MINUTES)
    for pause in deployment.pauses:
        _check_range("pauses.timeout_minutes", pause.timeout_minutes, 1, LONGEST_PAUSE_MINUTES)
    stages = [pause.stage for pause in deployment.pauses]
    if len(set(stages)) != len(stages):
        raise ValueError(f"pauses.stage: came {', '.join(stages)}; allowed each once")


def _check_range(field: str, value: float | None, lowest: float, highest: float) -> None:
    if value is not None and not lowest <= value <= highest:
        raise ValueError(f"{field}: came {value:g}; allowed {lowest:g} to {highest:g}")
