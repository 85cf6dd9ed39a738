"""How Relay's services are deployed: as its stack files say, alike in both stacks, and tried first by testers."""

from typing import Any

import pytest

from relay_infra import catalog
from tests.programs.relay import facts
from tests.programs.relay.evaluations import config_of, evaluation_of, evaluation_with, stack_file_with
from workbench.errors import OperatorError
from workbench.providers.replacement import judge
from workbench.review.difference.ignored import TAKEN_OVER

SERVICE = "aws:ecs/service:Service"
RULE = "aws:lb/listenerRule:ListenerRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
BALANCED = [service.name for service in catalog.SERVICES if service.port is not None]
STRATEGIES = {"rolling": "ROLLING", "blue_green": "BLUE_GREEN", "canary": "CANARY", "linear": "LINEAR"}

each_stack = pytest.mark.parametrize("stack", facts.ENVIRONMENTS)


def inputs(stack: str, service: str) -> dict[str, Any]:
    return dict(evaluation_of(stack).one(SERVICE, f"relay-{stack}-{service}-service").inputs)


@each_stack
def test_each_service_is_deployed_as_the_stack_file_says(stack: str) -> None:
    for name, service in config_of(stack).services.items():
        configuration = inputs(stack, name)["deploymentConfiguration"]
        assert configuration["strategy"] == STRATEGIES[service.deployment.strategy]
        bake = service.deployment.bake_minutes
        assert configuration.get("bakeTimeInMinutes") == (None if bake is None else f"{bake}")


def test_strategies_are_the_same_in_both_stacks_and_one_of_them_is_each_kind_that_is_documented() -> None:
    first, second = (
        {name: service.deployment.strategy for name, service in config_of(stack).services.items()}
        for stack in facts.ENVIRONMENTS
    )
    assert first == second
    # R8: "blue/green or rolling deployments".
    assert {"blue_green", "rolling"} <= {*first.values()}


@each_stack
def test_what_shifts_traffic_is_rolled_back_by_alarms_that_are_there(stack: str) -> None:
    alarms = {alarm.inputs["name"] for alarm in evaluation_of(stack).of_type("aws:cloudwatch/metricAlarm:MetricAlarm")}
    for name in BALANCED:
        given = inputs(stack, name)
        assert {*given["alarms"]["alarmNames"]} <= alarms
        assert (given["alarms"]["enable"], given["alarms"]["rollback"]) == (True, True)
        assert "deploymentCircuitBreaker" not in given or given["deploymentConfiguration"]["strategy"] == "ROLLING"


@each_stack
def test_program_restores_nothing_that_ecs_swings(stack: str) -> None:
    for name in BALANCED:
        service = evaluation_of(stack).one(SERVICE, f"relay-{stack}-{name}-service")
        assert {"loadBalancers", "taskDefinition", "desiredCount"} <= {*service.ignore_changes}
        for rule in (f"relay-{stack}-alb-{name}-rule", f"relay-{stack}-alb-{name}-test-rule"):
            assert evaluation_of(stack).one(RULE, rule).ignore_changes == ("actions",)


@each_stack
def test_what_is_ignored_has_something_that_takes_it_over(stack: str) -> None:
    ignored = {(resource.type, path) for resource in evaluation_of(stack).resources for path in resource.ignore_changes}
    assert ignored <= TAKEN_OVER.keys()


@each_stack
def test_new_tasks_are_reached_first_from_the_named_ranges_and_the_environment_s_own_addresses(stack: str) -> None:
    traffic = config_of(stack).deployments.test_traffic
    gateways = evaluation_of(stack).of_type("aws:ec2/natGateway:NatGateway")
    ranges = {
        rule.inputs["cidrIpv4"]
        for rule in evaluation_of(stack).of_type(INGRESS)
        if rule.name.startswith(f"relay-{stack}-alb-sg-") and rule.inputs["toPort"] == 8443
    }
    assert {str(network) for network in traffic.networks.values()} <= ranges
    assert len(ranges) == len(traffic.networks) + len(gateways)
    assert "0.0.0.0/0" not in ranges
    closed = evaluation_with(stack, {"deployments.test_traffic": {"networks": {}, "own_nat": False}})
    assert not [rule for rule in closed.of_type(INGRESS) if rule.inputs.get("toPort") == 8443]


ROLLING = {"strategy": "rolling", "bake_minutes": None, "canary": None, "linear": None, "pause": None}
BLUE_GREEN = {**ROLLING, "strategy": "blue_green", "bake_minutes": 5}
PAUSE = {"after": "test_traffic_shift", "timeout_minutes": 60, "on_timeout": "rollback"}


@pytest.mark.parametrize(
    ("deployment", "changed"),
    [
        (ROLLING, {"deploymentCircuitBreaker", "deploymentConfiguration"}),
        (
            {**BLUE_GREEN, "strategy": "linear", "linear": {"step_percent": 25, "step_bake_minutes": 3}},
            {"deploymentConfiguration"},
        ),
        (
            {**BLUE_GREEN, "strategy": "canary", "canary": {"percent": 5, "bake_minutes": 3}},
            {"deploymentConfiguration"},
        ),
        ({**BLUE_GREEN, "pause": PAUSE}, {"deploymentConfiguration"}),
    ],
    ids=["rolling", "linear", "canary", "pause"],
)
def test_another_deployment_is_a_value_and_changes_the_service_alone_in_place(
    deployment: dict[str, Any], changed: set[str]
) -> None:
    before, after = (
        {resource.urn: resource.inputs for resource in evaluation.custom() if resource.type.startswith("aws:")}
        for evaluation in (
            evaluation_of("preproduction"),
            evaluation_with("preproduction", {"services.send-api.deployment": deployment}),
        )
    )
    assert before.keys() == after.keys()
    (urn,) = (urn for urn, given in after.items() if given != before[urn])
    assert urn.endswith("::relay-preproduction-send-api-service")
    verdict = judge(SERVICE, old=before[urn], new=after[urn])
    assert verdict is not None
    assert verdict.replacing == ()
    assert {change.top for change in verdict.changes} == changed


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "services.send-api.deployment.strategy",
            "green",
            'services.send-api.deployment.strategy: came "green"; allowed',
        ),
        (
            "services.send-api.deployment.bake_minutes",
            2,
            "services.send-api.deployment.bake_minutes: came 2; allowed: 3 to 1440 minutes",
        ),
        (
            "services.send-api.deployment.bake_minutes",
            None,
            "services.send-api.deployment.bake_minutes: null; it is required with the strategy blue_green",
        ),
        (
            "services.callback-api.deployment.canary",
            None,
            "services.callback-api.deployment.canary: null; it is required with the strategy canary",
        ),
        (
            "services.delivery-worker.deployment.pause",
            PAUSE,
            "services.delivery-worker.deployment.pause: given; null is required with the strategy rolling",
        ),
        (
            "services.delivery-worker.deployment",
            BLUE_GREEN,
            "services.delivery-worker.deployment.strategy: blue_green; rolling is required: without a host name",
        ),
        (
            "deployments.test_traffic.networks",
            {"world": "0.0.0.0/0"},
            'deployments.test_traffic.networks.world: came "0.0.0.0/0"; ',
        ),
    ],
)
def test_bad_values_are_one_line_each(path: str, value: object, message: str, tmp_path: Any) -> None:
    with pytest.raises(OperatorError) as raised:
        stack_file_with(tmp_path, "preproduction", {path: value})
    (line,) = str(raised.value).splitlines()
    assert f"relay:env.{message}" in line
