"""The verdict on a deployment that shifts traffic, from what the API says of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.workbench.operations.seen import NOW, D, arn, exited, service
from workbench.aws.ecs.service_deployments import ServiceDeployment, Strategy, service_deployment
from workbench.operations.deploys.shifting.stages import how, where
from workbench.operations.deploys.shifting.verdict import judge_shift
from workbench.operations.deploys.verdict import Began, Outcome, Snapshot

ARN = "arn:aws:ecs:eu-west-1:123456789012:service-deployment/shop/shop-api/abc"
BEGAN = Began(
    deployment_id="ecs-svc/2",
    task_definition_arn=arn(8),
    earlier_arn=arn(5),
    settling_seconds=0,
    service_deployment_arn=ARN,
)
EARLIER = D(id="ecs-svc/1", revision=5, state="COMPLETED", running=1)
NEW = service(D(running=1), EARLIER)
BACK = service(EARLIER)


def described(status: str = "IN_PROGRESS", stage: str | None = None, **members: Any) -> ServiceDeployment:
    """Return a deployment as DescribeServiceDeployments would describe it."""
    document: dict[str, Any] = {
        "serviceDeploymentArn": ARN,
        "status": status,
        "createdAt": NOW,
        "targetServiceRevision": {"arn": "revision/8", "requestedProductionTrafficWeight": 0.0},
        "sourceServiceRevisions": [{"arn": "revision/5", "requestedProductionTrafficWeight": 100.0}],
        "deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 10},
        **({} if stage is None else {"lifecycleStage": stage}),
        **members,
    }
    return service_deployment(document)


@pytest.mark.parametrize(
    ("seen", "until", "expected"),
    [
        (Snapshot(service=NEW, shift=described("PENDING")), None, None),
        (Snapshot(service=NEW, shift=described(stage="BAKE_TIME")), None, None),
        (Snapshot(service=NEW, shift=described(stage="BAKE_TIME")), "BAKE_TIME", (Outcome.REACHED, "")),
        (Snapshot(service=NEW, shift=described(stage="CLEAN_UP")), "BAKE_TIME", (Outcome.REACHED, "")),
        (Snapshot(service=NEW, shift=described(stage="SCALE_UP")), "BAKE_TIME", None),
        # A rollback that is on its way has come through the stage, and never gets there.
        (Snapshot(service=NEW, shift=described("ROLLBACK_IN_PROGRESS", "BAKE_TIME")), "BAKE_TIME", None),
        (Snapshot(service=NEW, shift=described("SUCCESSFUL", "CLEAN_UP")), None, (Outcome.SUCCEEDED, "")),
        # ECS calls the deployment that it went back to complete: what counts is ours.
        (
            Snapshot(
                service=BACK,
                shift=described("ROLLBACK_SUCCESSFUL", rollback={"reason": "alarm"}, statusReason="rolled back"),
            ),
            None,
            (Outcome.ROLLED_BACK, "alarm"),
        ),
        (
            Snapshot(service=BACK, shift=described("ROLLBACK_SUCCESSFUL", statusReason="rolled back")),
            None,
            (Outcome.ROLLED_BACK, "rolled back"),
        ),
        (Snapshot(service=NEW, shift=described("ROLLBACK_FAILED")), None, (Outcome.FAILED, "")),
        (Snapshot(service=NEW, shift=described("STOPPED")), None, (Outcome.STOPPED, "")),
        (
            Snapshot(service=service(D(id="ecs-svc/3", revision=9), EARLIER), shift=described("STOPPED")),
            None,
            (Outcome.SUPERSEDED, ""),
        ),
        (Snapshot(service=None), None, (Outcome.GONE, "")),
        (
            Snapshot(service=NEW, shift=described(stage="SCALE_UP"), tasks=tuple(exited(n) for n in range(3))),
            None,
            (Outcome.CRASHING, ""),
        ),
        (Snapshot(service=NEW, shift=described(stage="SCALE_UP"), tasks=(exited(1), exited(2))), None, None),
        # Once tasks were healthy the alarms tell.
        (
            Snapshot(service=NEW, shift=described(stage="BAKE_TIME"), tasks=tuple(exited(n) for n in range(9))),
            None,
            None,
        ),
    ],
)
def test_status_of_this_deployment_decides(
    seen: Snapshot, until: str | None, expected: tuple[Outcome, str] | None
) -> None:
    verdict = judge_shift(BEGAN, [Snapshot(service=NEW, shift=described()), seen], until=until)
    assert (None if verdict is None else (verdict.outcome, verdict.reason)) == expected


def test_half_of_many_tasks_may_fail() -> None:
    many = replace(NEW, deployments=tuple(replace(each, desired_count=10) for each in NEW.deployments))
    shift = described(stage="SCALE_UP")
    for failed, crashes in ((4, False), (5, True)):
        seen = Snapshot(service=many, shift=shift, tasks=tuple(exited(n) for n in range(failed)))
        assert (judge_shift(BEGAN, [seen]) is not None) is crashes


@pytest.mark.parametrize(
    ("configuration", "minutes", "said"),
    [
        ({}, 0, "ROLLING"),
        ({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 10}, 10, "blue/green, 10 minutes of bake time"),
        (
            {"strategy": "CANARY", "canaryConfiguration": {"canaryBakeTimeInMinutes": 5}, "bakeTimeInMinutes": 2},
            7,
            "as a canary, 5 minutes until all of the traffic is shifted, 2 minutes of bake time",
        ),
        ({"strategy": "CANARY"}, 10, "as a canary, 10 minutes until all of the traffic is shifted"),
        (
            {"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 25.0, "stepBakeTimeInMinutes": 3}},
            12,
            "linearly, 12 minutes until all of the traffic is shifted",
        ),
        ({"strategy": "LINEAR"}, 60, "linearly, 60 minutes until all of the traffic is shifted"),
    ],
)
def test_minutes_that_a_strategy_waits(configuration: Mapping[str, Any], minutes: float, said: str) -> None:
    strategy = Strategy.of(configuration)
    assert (strategy.minutes, how(strategy)) == (minutes, said)


@pytest.mark.parametrize(
    ("deployment", "said"),
    [
        (described("PENDING"), "pending, before its first stage; production 0 % new, 100 % earlier"),
        (described(stage="SCALE_UP"), "SCALE_UP; production 0 % new, 100 % earlier"),
        (
            described(
                stage="PRODUCTION_TRAFFIC_SHIFT",
                targetServiceRevision={
                    "arn": "8",
                    "requestedProductionTrafficWeight": 12.5,
                    "requestedTestTrafficWeight": 100.0,
                },
                sourceServiceRevisions=[{"arn": "5", "requestedProductionTrafficWeight": 87.5}],
            ),
            "PRODUCTION_TRAFFIC_SHIFT; production 12.5 % new, 87.5 % earlier; test 100 % new",
        ),
        (
            described("ROLLBACK_IN_PROGRESS", "CLEAN_UP", sourceServiceRevisions=[]),
            "rolling back, CLEAN_UP; production 0 % new",
        ),
        (described("SUCCESSFUL", "CLEAN_UP", targetServiceRevision={"arn": "8"}), "SUCCESSFUL"),
    ],
)
def test_where_a_deployment_is(deployment: ServiceDeployment, said: str) -> None:
    assert where(deployment) == said
