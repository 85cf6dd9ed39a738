"""What deployments that shift traffic go by: target groups, pauses, listener rules, and a strategy that fits them."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.workbench.sandbox.ecs.balancers import Balancer, Targets
from tests.workbench.sandbox.ecs.clocked import ClockedAws
from tests.workbench.sandbox.ecs.scenarios import begin, play, running
from tests.workbench.sandbox.ecs.services import CLUSTER, EcsService
from tests.workbench.sandbox.ecs.test_traffic_shifts import BAKED, BLUE_GREEN, CLEANED, SCENARIOS
from tests.workbench.sandbox.network import Network
from workbench.sandbox.ecs.simulation.pace import BAKING_MINUTE_SECONDS


def test_target_groups_alternate_and_the_revision_tells_which(
    clock: ClockedAws, clocked_network: Network, balancer: Balancer
) -> None:
    targets = balancer.targets()
    stage = begin(clock, clocked_network, SCENARIOS["blue/green"], targets)
    groups: list[str] = []
    healthy: list[tuple[int, int]] = []
    for tag in ("two", "three", "two"):
        stage.service.deploy(tag)
        stage.arn = stage.newest()
        play(stage, {})
        arns = [stage.described()["targetServiceRevision"]["arn"]]
        (revision,) = stage.ecs.describe_service_revisions(serviceRevisionArns=arns)["serviceRevisions"]
        (resolved,) = revision["resolvedConfiguration"]["loadBalancers"]
        groups.append(resolved["targetGroupArn"])
        healthy.append(targets.healthy())
    assert groups == [targets.groups[1], targets.groups[0], targets.groups[1]]
    assert healthy == [(0, 2), (2, 0), (0, 2)]


def test_pause_says_until_when_and_what_then(clock: ClockedAws, clocked_network: Network, balancer: Balancer) -> None:
    stage = begin(clock, clocked_network, SCENARIOS["pause that times out"], balancer.targets())
    stage.service.deploy("two")
    stage.arn = stage.newest()
    clock.pass_seconds(10)
    found = stage.described()
    (hook,) = found["lifecycleHookDetails"]
    assert hook["hookId"].startswith("ecs-pause-")
    assert {name: hook[name] for name in ("targetType", "status", "timeoutAction")} == {
        "targetType": "PAUSE",
        "status": "AWAITING_ACTION",
        "timeoutAction": "ROLLBACK",
    }
    assert (hook["expiresAt"] - found["updatedAt"]).total_seconds() == 5 * BAKING_MINUTE_SECONDS
    stage.ecs.continue_service_deployment(serviceDeploymentArn=stage.arn, hookId=hook["hookId"])
    assert [each["status"] for each in stage.described()["lifecycleHookDetails"]] == ["SUCCEEDED"]
    with pytest.raises(ClientError, match="either completed, unavailable"):
        stage.ecs.continue_service_deployment(serviceDeploymentArn=stage.arn, hookId=hook["hookId"])


def test_strategy_can_be_changed(clock: ClockedAws, clocked_network: Network, balancer: Balancer) -> None:
    targets = balancer.targets()
    stage = begin(clock, clocked_network, SCENARIOS["blue/green"], targets)
    stage.service.deploy("two")
    stage.arn = stage.newest()
    play(stage, {})
    stages: list[list[str | None]] = []
    for strategy, tag in (("ROLLING", "three"), ("BLUE_GREEN", "two")):
        stage.ecs.update_service(
            cluster=CLUSTER,
            service=stage.service.name,
            deploymentConfiguration={"strategy": strategy, "bakeTimeInMinutes": 1},
            taskDefinition=stage.service.register(stage.service.image(tag)),
        )
        stage.arn = stage.newest()
        stages.append([each[1] for each in play(stage, {})])
        # Rolling stays where production is.
        assert targets.healthy() == targets_with(targets)
    assert stages == [[None, None], [each[1] for each in [*BAKED, *CLEANED]]]


def targets_with(targets: Targets) -> tuple[int, int]:
    """Return two targets for the group that has the traffic, and none for the other."""
    first, second = targets.weights(targets.production)
    return (2 if first else 0, 2 if second else 0)


def _both(targets: Targets) -> None:
    targets.forward(targets.production, {targets.groups[0]: 50, targets.groups[1]: 50})


def _astray(targets: Targets) -> None:
    targets.forward(targets.production, {targets.balancer.group(): 1})
    targets.forward(targets.test, {targets.groups[0]: 1, targets.groups[1]: 0})


def _unattached(targets: Targets) -> None:
    targets.forward(targets.production, {targets.groups[0]: 1})
    targets.forward(targets.test, {targets.groups[0]: 1})


OBJECTIONS: dict[str, tuple[Callable[[Targets], None], str]] = {
    "both groups serve": (_both, "should have exactly one target group serving traffic but found 2 target groups"),
    "another group serves": (_astray, "is forwarding traffic to unexpected target group"),
    "a group has no rule": (_unattached, "is not associated with either productionListenerRule or testListenerRule."),
    "no rule": (lambda targets: targets.remove(targets.test), "One or more rules not found"),
}


@pytest.mark.parametrize("name", OBJECTIONS)
def test_rules_that_ecs_cannot_shift_roll_back(
    clock: ClockedAws, clocked_network: Network, balancer: Balancer, name: str
) -> None:
    spoil, words = OBJECTIONS[name]
    targets = balancer.targets()
    stage = begin(clock, clocked_network, SCENARIOS["blue/green"], targets)
    spoil(targets)
    stage.service.deploy("two")
    stage.arn = stage.newest()
    assert play(stage, {})[-1][0] == "ROLLBACK_SUCCESSFUL"
    reason = stage.described()["statusReason"]
    assert reason.startswith("Service deployment rolled back because of invalid networking configuration. ")
    assert words in reason
    assert running(stage) == {"one": 2}


def _advanced(targets: Targets, **other: Any) -> dict[str, Any]:
    (balancer,) = targets.load_balancers
    return {"loadBalancers": [{**balancer, "advancedConfiguration": {**balancer["advancedConfiguration"], **other}}]}


def _configured(**other: Any) -> dict[str, Any]:
    return {"deploymentConfiguration": {**BLUE_GREEN, **other}}


PAUSE_IN_SHIFT = [{"targetType": "PAUSE", "lifecycleStages": ["PRODUCTION_TRAFFIC_SHIFT"]}]
REFUSED: dict[str, tuple[Callable[[Targets], dict[str, Any]], str]] = {
    "no second group": (
        lambda targets: {
            "loadBalancers": [{"targetGroupArn": targets.groups[0], "containerName": "web", "containerPort": 80}]
        },
        "advancedConfiguration field is required for all loadBalancers",
    ),
    "a listener for a rule": (
        lambda targets: _advanced(targets, productionListenerRule=targets.balancer.listeners[0]),
        "productionListenerRule has an invalid ARN format",
    ),
    "one rule for both": (
        lambda targets: _advanced(targets, testListenerRule=targets.production),
        "cannot be used as both production and test listener rules",
    ),
    "no bake time": (
        lambda _: {"deploymentConfiguration": {"strategy": "BLUE_GREEN"}},
        "bakeTimeInMinutes: came none; required for BLUE_GREEN",
    ),
    "a bake of two days": (
        lambda _: _configured(bakeTimeInMinutes=2880),
        "bakeTimeInMinutes: came 2880; allowed 0 to 1440",
    ),
    "a pause where traffic shifts": (
        lambda _: _configured(lifecycleHooks=PAUSE_IN_SHIFT),
        "Invalid lifecycle stage provided for Pause Hook",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_strategy_that_does_not_fit_is_refused(
    clock: ClockedAws, clocked_network: Network, balancer: Balancer, name: str
) -> None:
    spoiled, words = REFUSED[name]
    targets = balancer.targets()
    service = EcsService(sandbox=clock, network=clocked_network)
    arguments: dict[str, Any] = {
        "deploymentConfiguration": dict(BLUE_GREEN),
        "loadBalancers": targets.load_balancers,
        **spoiled(targets),
    }
    arguments["deploymentConfiguration"] |= {"alarms": {"alarmNames": [], "enable": False, "rollback": False}}
    with pytest.raises(ClientError, match=words):
        clock.client("ecs").create_service(
            cluster=CLUSTER,
            serviceName=service.name,
            taskDefinition=service.register("nginx"),
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration=service.network_configuration,
            **arguments,
        )
