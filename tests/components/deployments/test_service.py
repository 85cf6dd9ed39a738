"""What a service's deployments are to ECS, whoever's weights and groups they are, and what is refused before."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from tests.components.ecs_arguments import FULL, SMALL, record_service
from workbench.evaluate import Evaluation
from zelly_components.ecs_service import (
    AlternateTargetArgs,
    CanaryArgs,
    DeploymentArgs,
    EcsServiceArgs,
    LinearArgs,
    PauseArgs,
    TargetArgs,
)

SERVICE = "aws:ecs/service:Service"
GROUPS = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup"
RULES = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule"

TARGET = TargetArgs(
    target_group_arn=f"{GROUPS}/blue/1",
    container_name="proxy",
    container_port=80,
    alternate=AlternateTargetArgs(
        target_group_arn=f"{GROUPS}/green/2",
        production_rule_arn=f"{RULES}/production",
        test_rule_arn=f"{RULES}/test",
    ),
)
BLUE_GREEN = DeploymentArgs(
    strategy="BLUE_GREEN",
    bake_minutes=10,
    alarm_names=["shop-web-5xx"],
    infrastructure_role_name="shop-web-infrastructure",
)
ROLLING = DeploymentArgs(strategy="ROLLING", infrastructure_role_name="shop-web-infrastructure")


def args(deployment: DeploymentArgs | None = BLUE_GREEN, **changes: Any) -> EcsServiceArgs:
    return replace(FULL, targets=[TARGET], deployment=deployment, **changes)


def service(recorded: Evaluation) -> dict[str, Any]:
    return dict(recorded.one(SERVICE).inputs)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "10"}),
        # As the output of the alarms' component comes in other languages.
        (
            {"alarm_names": pulumi.Output.from_input(["shop-web-5xx"])},
            {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "10"},
        ),
        (
            {"strategy": "CANARY", "canary": CanaryArgs(percent=5, bake_minutes=15)},
            {
                "strategy": "CANARY",
                "bakeTimeInMinutes": "10",
                "canaryConfiguration": {"canaryPercent": 5, "canaryBakeTimeInMinutes": "15"},
            },
        ),
        (
            {"strategy": "LINEAR", "linear": LinearArgs(step_percent=25, step_bake_minutes=3)},
            {
                "strategy": "LINEAR",
                "bakeTimeInMinutes": "10",
                "linearConfiguration": {"stepPercent": 25, "stepBakeTimeInMinutes": "3"},
            },
        ),
        (
            {"pauses": [PauseArgs(stage="POST_TEST_TRAFFIC_SHIFT", timeout_minutes=60)]},
            {
                "strategy": "BLUE_GREEN",
                "bakeTimeInMinutes": "10",
                "lifecycleHooks": [
                    {
                        "targetType": "PAUSE",
                        "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
                        "timeoutConfiguration": {"timeoutInMinutes": "60", "action": "ROLLBACK"},
                    }
                ],
            },
        ),
    ],
)
def test_traffic_is_shifted_and_alarms_roll_back(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    inputs = service(record_service(args(replace(BLUE_GREEN, **changes))))
    assert inputs["deploymentConfiguration"] == expected
    assert inputs["alarms"] == {"alarmNames": ["shop-web-5xx"], "enable": True, "rollback": True}
    # ECS has it for rolling deployments only.
    assert "deploymentCircuitBreaker" not in inputs
    assert "deploymentController" not in inputs


def test_target_names_both_groups_both_rules_and_the_role() -> None:
    assert service(record_service(args()))["loadBalancers"] == [
        {
            "targetGroupArn": f"{GROUPS}/blue/1",
            "containerName": "proxy",
            "containerPort": 80,
            "advancedConfiguration": {
                "alternateTargetGroupArn": f"{GROUPS}/green/2",
                "productionListenerRule": f"{RULES}/production",
                "testListenerRule": f"{RULES}/test",
                "roleArn": "${shop-infrastructure-role.arn}",
            },
        }
    ]


def test_rolling_is_said_so_that_another_strategy_can_be_left_and_keeps_both_groups() -> None:
    inputs = service(record_service(args(ROLLING)))
    assert inputs["deploymentConfiguration"] == {"strategy": "ROLLING"}
    assert inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert inputs["loadBalancers"] == service(record_service(args()))["loadBalancers"]


@pytest.mark.parametrize("deployment", [BLUE_GREEN, ROLLING], ids=lambda one: one.strategy)
def test_what_ecs_swings_is_set_once(deployment: DeploymentArgs) -> None:
    recorded = record_service(args(deployment))
    assert recorded.one(SERVICE).ignore_changes == ("taskDefinition", "desiredCount", "loadBalancers")


def test_service_without_deployment_has_no_input_more_than_before() -> None:
    recorded = record_service(FULL)
    assert not {"alarms", "deploymentConfiguration"} & recorded.one(SERVICE).inputs.keys()
    assert recorded.one(SERVICE).ignore_changes == ("taskDefinition", "desiredCount")
    assert not any("infrastructure" in resource.name for resource in recorded.resources)


def test_ecs_changes_this_service_s_rules_and_groups_and_no_others() -> None:
    recorded = record_service(args())
    role = recorded.one("aws:iam/role:Role", "shop-infrastructure-role")
    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert (role.inputs["name"], trust["Principal"]) == (
        "shop-web-infrastructure",
        {"Service": "ecs.amazonaws.com"},
    )
    document = json.loads(recorded.one("aws:iam/rolePolicy:RolePolicy", "shop-infrastructure-policy").inputs["policy"])
    granted = {statement["Sid"]: statement for statement in document["Statement"]}
    assert granted["ShiftTraffic"]["Resource"] == [f"{RULES}/production", f"{RULES}/test"]
    assert granted["ShiftTraffic"]["Action"] == ["elasticloadbalancing:ModifyRule"]
    assert granted["RegisterTasks"]["Resource"] == [f"{GROUPS}/blue/1", f"{GROUPS}/green/2"]
    assert all(action.split(":")[1].startswith("Describe") for action in granted["ReadBalancers"]["Action"])
    assert granted.keys() == {"ReadBalancers", "RegisterTasks", "ShiftTraffic"}


def test_service_is_made_after_its_role_may_shift_traffic() -> None:
    recorded = record_service(args())
    policy = recorded.one("aws:iam/rolePolicy:RolePolicy", "shop-infrastructure-policy")
    assert policy.urn in recorded.one(SERVICE).depends_on


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        (args(replace(BLUE_GREEN, bake_minutes=None)), "bake_minutes: came None; required for BLUE_GREEN"),
        (args(replace(BLUE_GREEN, bake_minutes=1441)), "bake_minutes: came 1441; allowed 0 to 1440"),
        (
            args(replace(BLUE_GREEN, alarm_names=[])),
            "alarm_names: came none; required for BLUE_GREEN, which has no circuit breaker",
        ),
        (args(replace(BLUE_GREEN, strategy="CANARY")), "canary: came None; required for CANARY"),
        (
            args(replace(BLUE_GREEN, strategy="CANARY", canary=CanaryArgs(percent=0, bake_minutes=5))),
            "canary.percent: came 0; allowed 0.1 to 100",
        ),
        (
            args(replace(BLUE_GREEN, strategy="LINEAR", linear=LinearArgs(step_percent=2, step_bake_minutes=5))),
            "linear.step_percent: came 2; allowed 3 to 100",
        ),
        (
            args(replace(BLUE_GREEN, linear=LinearArgs(step_percent=20, step_bake_minutes=5))),
            "linear: came LinearArgs(step_percent=20, step_bake_minutes=5); allowed None for BLUE_GREEN",
        ),
        (
            args(replace(BLUE_GREEN, pauses=[PauseArgs(stage="POST_SCALE_UP", timeout_minutes=0)])),
            "pauses.timeout_minutes: came 0; allowed 1 to 20160",
        ),
        (
            args(replace(BLUE_GREEN, pauses=[PauseArgs(stage="POST_SCALE_UP", timeout_minutes=5)] * 2)),
            "pauses.stage: came POST_SCALE_UP, POST_SCALE_UP; allowed each once",
        ),
        (
            args(replace(ROLLING, pauses=[PauseArgs(stage="POST_SCALE_UP", timeout_minutes=5)])),
            "pauses: came 1; allowed none for ROLLING",
        ),
        (args(replace(ROLLING, bake_minutes=5)), "bake_minutes: came 5; allowed None for ROLLING"),
        (args(None), "deployment: came None; required, since a target has an alternate"),
        (
            args(replace(BLUE_GREEN, infrastructure_role_name=None)),
            "deployment.infrastructure_role_name: came None; allowed a name, since a target has an alternate",
        ),
        (
            replace(SMALL, deployment=ROLLING),
            "deployment.infrastructure_role_name: came shop-web-infrastructure; "
            "allowed None, since no target has an alternate",
        ),
        (
            replace(args(), targets=[TARGET, replace(TARGET, container_port=443, alternate=None)]),
            "targets.alternate: came 1 for 2 targets; BLUE_GREEN requires a target, and an alternate for each",
        ),
        (
            replace(SMALL, deployment=BLUE_GREEN),
            "targets.alternate: came 0 for 0 targets; BLUE_GREEN requires a target, and an alternate for each",
        ),
    ],
)
def test_bad_input_is_refused_in_one_line(refused: EcsServiceArgs, message: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 (the whole message is compared)
        record_service(refused)
    assert str(raised.value) == message
