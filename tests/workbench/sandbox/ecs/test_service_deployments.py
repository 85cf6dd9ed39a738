"""Service deployments of rolling services, on a clock that the tests move."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.workbench.sandbox.ecs.clocked import ClockedAws
from tests.workbench.sandbox.ecs.scenarios import Scenario, begin, play, ring, running, stop
from tests.workbench.sandbox.ecs.services import BREAKER, CLUSTER
from tests.workbench.sandbox.network import Network
from workbench.sandbox.ecr.images import Behaviour

CRASHING = Behaviour(crash=1, crash_after=0)
GOES_ON = ("IN_PROGRESS", None, None, None)
ALARMS = {"alarms": {"rollback": True}}


def ended(status: str, *between: str) -> list[Any]:
    return [(each, None, None, None) for each in ("IN_PROGRESS", *between, status)]


def _deploy_three(stage: Any) -> None:
    stage.service.deploy("three")


SCENARIOS: dict[str, Scenario] = {
    "healthy": Scenario(
        configuration={"deploymentCircuitBreaker": BREAKER},
        seen=ended("SUCCESSFUL"),
        running={"two": 2},
        rollouts=[("PRIMARY", "COMPLETED", "2")],
    ),
    "broken": Scenario(
        configuration={"deploymentCircuitBreaker": BREAKER},
        behaviour=CRASHING,
        seen=ended("ROLLBACK_SUCCESSFUL", "ROLLBACK_IN_PROGRESS"),
        reason="Service deployment rolled back because the circuit breaker threshold was exceeded.",
        running={"one": 2},
        rollouts=[("PRIMARY", "COMPLETED", "1")],
    ),
    "broken, without rollback": Scenario(
        configuration={"deploymentCircuitBreaker": {"enable": True, "rollback": False}},
        behaviour=CRASHING,
        seen=ended("STOPPED"),
        reason="Service deployment stopped because the circuit breaker threshold was exceeded.",
        running={"one": 2},
        rollouts=[("PRIMARY", "FAILED", "2"), ("ACTIVE", "COMPLETED", "1")],
    ),
    "an alarm rings": Scenario(
        configuration=ALARMS,
        acts={"IN_PROGRESS": ring},
        seen=ended("ROLLBACK_SUCCESSFUL", "ROLLBACK_IN_PROGRESS"),
        reason="Service deployment rolled back because of alarm(s) in ALARM state: {service}.",
        running={"one": 2},
        rollouts=[("PRIMARY", "COMPLETED", "1")],
    ),
    "rolled back on request": Scenario(
        acts={"IN_PROGRESS": stop("ROLLBACK")},
        seen=ended("ROLLBACK_SUCCESSFUL", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"),
        reason="Service deployment rolled back because of a StopServiceDeployment request.",
        running={"one": 2},
        rollouts=[("PRIMARY", "COMPLETED", "1")],
    ),
    "stopped on request": Scenario(
        behaviour=Behaviour(ready_after=1000),
        acts={"IN_PROGRESS": stop("ABORT")},
        seen=ended("STOPPED", "STOP_REQUESTED"),
        reason="Service deployment stopped because of a StopServiceDeployment request.",
        running={"one": 2, "two": 2},
        rollouts=[("PRIMARY", "FAILED", "2"), ("ACTIVE", "COMPLETED", "1")],
    ),
    "overtaken by a newer one": Scenario(
        acts={"IN_PROGRESS": _deploy_three},
        seen=ended("STOPPED"),
        reason="Service deployment stopped because a newer service deployment began.",
        running={"one": 2, "three": 2},
        rollouts=[("PRIMARY", "IN_PROGRESS", "3"), ("ACTIVE", "COMPLETED", "1")],
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_rolling_deployment(clock: ClockedAws, clocked_network: Network, name: str) -> None:
    scenario = SCENARIOS[name]
    stage = begin(clock, clocked_network, scenario)
    stage.service.deploy("two")
    stage.arn = stage.newest()
    assert play(stage, scenario.acts) == scenario.seen
    found = stage.described()
    expected = None if scenario.reason is None else scenario.reason.format(service=stage.service.name)
    assert found.get("statusReason") == expected
    assert running(stage) == scenario.running
    assert [each[:3] for each in stage.service.rollouts()] == scenario.rollouts
    if found["status"].startswith("ROLLBACK"):
        assert found["rollback"]["reason"] == expected
        assert found["rollback"]["serviceRevisionArn"] == found["sourceServiceRevisions"][0]["arn"]


def test_alarm_that_rang_before_a_deployment_is_not_watched(clock: ClockedAws, clocked_network: Network) -> None:
    stage = begin(clock, clocked_network, SCENARIOS["an alarm rings"])
    ring(stage)
    stage.service.deploy("two")
    stage.arn = stage.newest()
    assert play(stage, {}) == ended("SUCCESSFUL")
    assert stage.described()["alarms"]["status"] == "DISABLED"


def test_failed_first_deployment_has_nothing_to_go_back_to(clock: ClockedAws, clocked_network: Network) -> None:
    stage = begin(clock, clocked_network, SCENARIOS["broken"])
    clock.client("ecs").delete_service(cluster=CLUSTER, service=stage.service.name, force=True)
    stage.service.create("two")
    stage.arn = stage.newest()
    assert play(stage, {}) == ended("ROLLBACK_FAILED")
    assert stage.described()["statusReason"].endswith("No rollback candidate was found to run the rollback.")


def test_history_names_every_revision_with_its_images(clock: ClockedAws, clocked_network: Network) -> None:
    stage = begin(clock, clocked_network, SCENARIOS["healthy"])
    stage.service.deploy("two")
    stage.arn = stage.newest()
    play(stage, {})
    ecs, name = clock.client("ecs"), stage.service.name
    listed = ecs.list_service_deployments(cluster=CLUSTER, service=name)["serviceDeployments"]
    assert [each["status"] for each in listed] == ["SUCCESSFUL", "SUCCESSFUL"]
    only = ecs.list_service_deployments(cluster=CLUSTER, service=name, status=["IN_PROGRESS"])
    assert only["serviceDeployments"] == []
    arns = [each["targetServiceRevisionArn"] for each in listed]
    revisions = ecs.describe_service_revisions(serviceRevisionArns=arns)["serviceRevisions"]
    digest = stage.service.tasks()[0]["containers"][0]["imageDigest"]
    assert revisions[0]["containerImages"] == [
        {"containerName": "web", "image": stage.service.image("two"), "imageDigest": digest}
    ]
    assert [each["taskDefinition"].rpartition(":")[2] for each in revisions] == ["2", "1"]
    described = stage.service.described()
    assert described["currentServiceDeployment"] == listed[0]["serviceDeploymentArn"]
    assert described["currentServiceRevisions"] == [
        {"arn": arns[0], "requestedTaskCount": 2, "runningTaskCount": 2, "pendingTaskCount": 0}
    ]


REFUSALS: dict[str, tuple[str, dict[str, str], str]] = {
    "stop of none": ("stop_service_deployment", {"serviceDeploymentArn": "none"}, "ServiceDeploymentNotFoundException"),
    "stop of an ended one": ("stop_service_deployment", {}, "ConflictException"),
    "continuing an ended one": (
        "continue_service_deployment",
        {"hookId": "ecs-pause-x"},
        "InvalidParameterException",
    ),
    "a hook by another name": ("continue_service_deployment", {"hookId": "x"}, "InvalidParameterException"),
}


def test_refusals(clock: ClockedAws, clocked_network: Network) -> None:
    stage = begin(clock, clocked_network, SCENARIOS["healthy"])
    found: dict[str, str] = {}
    for name, (operation, arguments, _) in REFUSALS.items():
        with pytest.raises(ClientError) as refused:
            getattr(stage.ecs, operation)(**{"serviceDeploymentArn": stage.arn, **arguments})
        found[name] = refused.value.response.get("Error", {}).get("Code", "")
    assert found == {name: code for name, (_, _, code) in REFUSALS.items()}
    missing = stage.ecs.describe_service_deployments(serviceDeploymentArns=["none"])
    assert (missing["serviceDeployments"], missing["failures"]) == ([], [{"arn": "none", "reason": "MISSING"}])
