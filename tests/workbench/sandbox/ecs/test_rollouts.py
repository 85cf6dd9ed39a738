"""Deployments that succeed, hang, fail and are rolled back, over HTTP."""

import time
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox
from tests.workbench.sandbox.ecs.services import (
    CLUSTER,
    FOREVER,
    REGISTRY_REGION,
    EcsService,
    make_cluster,
    make_service,
)
from tests.workbench.sandbox.network import Network, make_network
from workbench.sandbox.ecr.images import WORKING, Behaviour
from workbench.sandbox.ecs.simulation.pace import speed_variable
from workbench.sandbox.embedded import EmbeddedAws
from workbench.sandbox.errors import SandboxError

HEALTH_CHECK = {"command": ["CMD", "true"]}
CHECKED: dict[str, Any] = {"healthCheck": HEALTH_CHECK}


@pytest.fixture(scope="module")
def network(sandbox: Sandbox) -> Network:
    make_cluster(sandbox)
    return make_network(sandbox)


def stopped_for(service: EcsService) -> list[tuple[str, str, int | None]]:
    """Return stop code, reason and exit code of every stopped task."""
    return [
        (task["stopCode"], task["stoppedReason"], task["containers"][0].get("exitCode"))
        for task in service.tasks("STOPPED")
    ]


def test_deployment_completes_and_the_old_task_goes(sandbox: Sandbox, network: Network) -> None:
    service = make_service(sandbox, network, **CHECKED)
    service.push("one", WORKING)
    digest = service.push("two", WORKING)
    service.create("one")
    (old,) = service.tasks()
    service.deploy("two")
    assert service.rollouts() == [("PRIMARY", "COMPLETED", "2", 0)]
    (new,) = service.tasks()
    assert (new["lastStatus"], new["healthStatus"], new["containers"][0]["imageDigest"]) == (
        "RUNNING",
        "HEALTHY",
        digest,
    )
    (stopped,) = service.tasks("STOPPED")
    assert (stopped["taskArn"], stopped["lastStatus"], stopped["stopCode"], stopped["stoppedReason"]) == (
        old["taskArn"],
        "STOPPED",
        "ServiceSchedulerInitiated",
        f"Scaling activity initiated by (deployment {old['startedBy']})",
    )
    assert old["createdAt"] <= old["startedAt"] <= new["createdAt"] <= stopped["stoppingAt"] <= stopped["stoppedAt"]
    name = f"(service {service.name})"
    assert service.events() == [
        f"{name} has started 1 tasks: (task task1).",
        f"{name} (deployment deployment1) deployment completed.",
        f"{name} has reached a steady state.",
        f"{name} has started 1 tasks: (task task2).",
        f"{name} has stopped 1 running tasks: (task task1).",
        f"{name} (deployment deployment2) deployment completed.",
        f"{name} has reached a steady state.",
    ]


def test_slow_deployment_keeps_the_old_tasks_serving(sandbox: Sandbox, network: Network) -> None:
    service = make_service(sandbox, network, **CHECKED)
    service.push("one", WORKING)
    service.push("slow", Behaviour(ready_after=FOREVER))
    service.create("one", desired=2)
    before = {task["taskArn"] for task in service.tasks()}
    service.deploy("slow")
    assert service.rollouts() == [("PRIMARY", "IN_PROGRESS", "2", 0), ("ACTIVE", "COMPLETED", "1", 0)]
    tasks = {task["taskArn"]: (task["lastStatus"], task["healthStatus"]) for task in service.tasks()}
    assert [status for arn, status in tasks.items() if arn in before] == [("RUNNING", "HEALTHY")] * 2
    assert [status for arn, status in tasks.items() if arn not in before] == [("RUNNING", "UNKNOWN")] * 2
    found = service.described()
    assert [(each["desiredCount"], each["runningCount"]) for each in found["deployments"]] == [(2, 2), (2, 2)]
    assert (found["desiredCount"], found["runningCount"], found["pendingCount"]) == (2, 4, 0)


def test_superseded_deployment_gives_way(sandbox: Sandbox, network: Network) -> None:
    service = make_service(sandbox, network, **CHECKED)
    for tag, behaviour in {"one": WORKING, "slow": Behaviour(ready_after=FOREVER), "three": WORKING}.items():
        service.push(tag, behaviour)
    service.create("one")
    assert len(service.tasks()) == 1
    service.deploy("slow")
    assert len(service.tasks()) == 2
    service.deploy("three")
    assert service.rollouts() == [("PRIMARY", "COMPLETED", "3", 0)]
    assert [task["taskDefinitionArn"].rpartition(":")[2] for task in service.tasks()] == ["3"]


BAD_IMAGES: dict[str, tuple[Behaviour, tuple[str, str, int | None]]] = {
    "crash": (
        Behaviour(crash=3),
        ("EssentialContainerExited", "Essential container in task exited", 3),
    ),
    "unhealthy": (
        Behaviour(unhealthy=True),
        ("ServiceSchedulerInitiated", "Task failed container health checks", 143),
    ),
}


@pytest.mark.parametrize("kind", BAD_IMAGES)
def test_bad_deployment_is_rolled_back_after_three_failures(sandbox: Sandbox, network: Network, kind: str) -> None:
    behaviour, reason = BAD_IMAGES[kind]
    service = make_service(sandbox, network, **CHECKED)
    service.push("good", WORKING)
    service.push("bad", behaviour)
    service.create("good")
    good = service.described()["deployments"][0]["id"]
    (serving,) = service.tasks()
    service.deploy("bad")
    found = service.described()
    (deployment,) = found["deployments"]
    assert (deployment["status"], deployment["rolloutState"]) == ("PRIMARY", "COMPLETED")
    assert deployment["id"] != good
    assert found["taskDefinition"] == deployment["taskDefinition"] == serving["taskDefinitionArn"]
    assert stopped_for(service).count(reason) == 3
    name = f"(service {service.name})"
    events = service.events()
    failed = events.index(f"{name} (deployment deployment2) deployment failed: tasks failed to start.")
    assert events[failed + 1] == f"{name} rolling back to deployment deployment1."
    assert events[-2:] == [
        f"{name} (deployment deployment3) deployment completed.",
        f"{name} has reached a steady state.",
    ]


def test_rollback_that_is_under_way_tells_what_failed(sandbox: Sandbox, network: Network) -> None:
    service = make_service(sandbox, network, **CHECKED)
    service.push("good", Behaviour(ready_after=FOREVER))
    service.push("bad", Behaviour(crash=1))
    service.create("good")
    good = service.described()["deployments"][0]["id"]
    # As if it had become healthy some time ago, which a container that takes forever then won't do again.
    service.ecs.update_service(cluster=CLUSTER, service=service.name, desiredCount=0)
    assert service.rollouts() == [("PRIMARY", "COMPLETED", "1", 0)]
    service.ecs.update_service(
        cluster=CLUSTER,
        service=service.name,
        desiredCount=1,
        taskDefinition=service.register(service.image("bad")),
    )
    rolled_back, failed = service.described()["deployments"]
    assert (rolled_back["status"], rolled_back["rolloutState"], rolled_back["rolloutStateReason"]) == (
        "PRIMARY",
        "IN_PROGRESS",
        f"ECS deployment circuit breaker: rolling back to deploymentId {good}.",
    )
    assert (failed["status"], failed["rolloutState"], failed["failedTasks"], failed["rolloutStateReason"]) == (
        "ACTIVE",
        "FAILED",
        3,
        "ECS deployment circuit breaker: tasks failed to start.",
    )


def test_rollback_to_an_image_that_is_gone_fails_for_good(sandbox: Sandbox, network: Network) -> None:
    service = make_service(sandbox, network)
    service.push("good", WORKING)
    service.create("good")
    (serving,) = service.tasks()
    sandbox.client("ecr", REGISTRY_REGION).batch_delete_image(
        repositoryName=service.repository, imageIds=[{"imageTag": "good"}]
    )
    service.deploy("missing")
    assert service.rollouts() == [
        ("PRIMARY", "FAILED", "1", 3),
        ("ACTIVE", "FAILED", "2", 3),
        ("ACTIVE", "COMPLETED", "1", 0),
    ]
    assert [task["taskArn"] for task in service.tasks()] == [serving["taskArn"]]


def test_first_deployment_without_an_image_fails_for_good(sandbox: Sandbox, network: Network) -> None:
    service = make_service(sandbox, network)
    service.create("first")
    assert service.rollouts() == [("PRIMARY", "FAILED", "1", 3)]
    assert service.tasks() == []
    image = service.image("first")
    reason = (
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
        f"failed to resolve ref {image}: {image}: not found"
    )
    assert stopped_for(service) == [("TaskFailedToStart", reason, None)] * 3
    assert service.events() == [
        f"(service {service.name}) {message}"
        for number in (1, 2, 3)
        for message in (
            f"has started 1 tasks: (task task{number}).",
            f"was unable to place a task. Reason: {reason}.",
        )
    ] + [f"(service {service.name}) (deployment deployment1) deployment failed: tasks failed to start."]
    service.push("first", WORKING)
    service.ecs.update_service(cluster=CLUSTER, service=service.name, forceNewDeployment=True)
    assert service.rollouts() == [("PRIMARY", "COMPLETED", "1", 0)]


def test_breaker_without_rollback_leaves_the_old_tasks_running(sandbox: Sandbox, network: Network) -> None:
    service = make_service(sandbox, network, **CHECKED)
    service.push("good", WORKING)
    service.create("good", breaker={"enable": True, "rollback": False})
    (serving,) = service.tasks()
    service.deploy("missing")
    assert service.rollouts() == [("PRIMARY", "FAILED", "2", 3), ("ACTIVE", "COMPLETED", "1", 0)]
    assert [task["taskArn"] for task in service.tasks()] == [serving["taskArn"]]


def test_service_of_a_deleted_ones_name_has_nothing_to_go_back_to(sandbox: Sandbox, network: Network) -> None:
    service = make_service(sandbox, network)
    service.push("good", WORKING)
    service.create("good")
    assert service.rollouts() == [("PRIMARY", "COMPLETED", "1", 0)]
    service.ecs.delete_service(cluster=CLUSTER, service=service.name, force=True)
    service.create("missing")
    assert service.rollouts() == [("PRIMARY", "FAILED", "2", 3)]


def test_without_a_breaker_it_is_tried_again_at_growing_intervals(sandbox: Sandbox, network: Network) -> None:
    service = make_service(sandbox, network)
    service.create("missing", breaker={"enable": False, "rollback": False})
    starts: list[datetime] = []
    for _ in range(200):
        starts = [each["createdAt"] for each in service.described()["events"] if "has started" in each["message"]]
        if len(starts) >= 8:
            break
    starts.reverse()
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(starts)]
    # Three fail one after the other, in three seconds each; then come pauses of 10 more, 20, 40 …, at the tests' speed.
    assert (max(pauses[:2]) < 0.005, pauses[5] >= 0.008, pauses[6] >= 0.016) == (True, True, True)
    assert service.rollouts()[0][:2] == ("PRIMARY", "IN_PROGRESS")
    unable = f"(service {service.name}) is unable to consistently start tasks successfully."
    assert any(event.startswith(unable) for event in service.events())
    service.ecs.delete_service(cluster=CLUSTER, service=service.name, force=True)


def test_container_that_ends_once_it_served_is_replaced(sandbox: Sandbox, network: Network) -> None:
    service = make_service(sandbox, network, **CHECKED)
    service.push("leak", Behaviour(crash=137, crash_after=60))
    service.create("leak")
    for _ in range(200):
        if stopped_for(service):
            break
    assert ("EssentialContainerExited", "Essential container in task exited", 137) in stopped_for(service)
    assert service.rollouts()[0][:3] == ("PRIMARY", "COMPLETED", "1")


def test_targets_are_healthy_once_the_task_is(sandbox: Sandbox, network: Network) -> None:
    elb = sandbox.client("elbv2")
    states: dict[str, Any] = {}
    for kind, behaviour in {"working": WORKING, "slow": Behaviour(ready_after=FOREVER)}.items():
        service = make_service(sandbox, network)
        service.push("one", behaviour)
        group = elb.create_target_group(
            Name=service.name, Protocol="HTTP", Port=80, TargetType="ip", VpcId=network.vpc_id
        )["TargetGroups"][0]["TargetGroupArn"]
        balancer = {"targetGroupArn": group, "containerName": "web", "containerPort": 80}
        service.create("one", loadBalancers=[balancer])
        (health,) = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        states[kind] = (health["HealthCheckPort"], health["TargetHealth"])
        assert f"(service {service.name}) registered 1 targets in (target-group {group})" in [
            event["message"] for event in service.described()["events"]
        ]
    assert states == {
        "working": ("traffic-port", {"State": "healthy"}),
        "slow": (
            "traffic-port",
            {
                "State": "initial",
                "Reason": "Elb.RegistrationInProgress",
                "Description": "Target registration is in progress",
            },
        ),
    }


def test_unhealthy_target_stops_its_task(sandbox: Sandbox, network: Network) -> None:
    elb = sandbox.client("elbv2")
    service = make_service(sandbox, network)
    service.push("bad", Behaviour(unhealthy=True))
    group = elb.create_target_group(Name=service.name, Protocol="HTTP", Port=80, TargetType="ip", VpcId=network.vpc_id)[
        "TargetGroups"
    ][0]["TargetGroupArn"]
    service.create("bad", loadBalancers=[{"targetGroupArn": group, "containerName": "web", "containerPort": 80}])
    assert service.rollouts() == [("PRIMARY", "FAILED", "1", 3)]
    reason = f"Task failed ELB health checks in (target-group {group})"
    assert stopped_for(service) == [("ServiceSchedulerInitiated", reason, 143)] * 3
    unhealthy = f"(port 80) is unhealthy in (target-group {group}) due to (reason Health checks failed)"
    messages = [event["message"] for event in service.described()["events"]]
    assert messages.count(f"(service {service.name}) {unhealthy}") == 3
    assert elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"] == []


def test_health_of_the_targets_of_an_unknown_group_is_refused(sandbox: Sandbox) -> None:
    elb = sandbox.client("elbv2")
    with pytest.raises(elb.exceptions.TargetGroupNotFoundException):
        elb.describe_target_health(TargetGroupArn="arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/x/1")


@pytest.fixture
def slow_sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """One of its own, in which a task that cannot start fails after a second and a half."""
    monkeypatch.setenv(speed_variable(), "2")
    with EmbeddedAws.start() as aws:
        yield Sandbox(aws)


def test_only_failures_one_after_the_other_count(slow_sandbox: Sandbox) -> None:
    make_cluster(slow_sandbox)
    service = make_service(slow_sandbox, make_network(slow_sandbox))
    service.create("late")
    seen = [service.rollouts()[0]]
    while seen[-1][1] == "IN_PROGRESS":
        if seen[-1][3] > 0 == seen[-2][3]:
            service.push("late", WORKING)
        time.sleep(0.05)
        seen.append(service.rollouts()[0])
    assert [seen[0], seen[-1]] == [("PRIMARY", "IN_PROGRESS", "1", 0), ("PRIMARY", "COMPLETED", "1", 0)]
    assert max(failed for _, _, _, failed in seen) in {1, 2}


def test_speed_that_is_none_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(speed_variable(), "fast")
    with pytest.raises(SandboxError, match=r"^ZELLY_SANDBOX_SPEED: came fast; allowed: a number above 0"):
        EmbeddedAws.start()
