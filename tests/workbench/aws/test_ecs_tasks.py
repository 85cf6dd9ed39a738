"""What ECS is asked about tasks, and what is made of its answers; moto knows neither Exec nor its agents."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from workbench.aws.ecs.tasks import CapacityProvider, EcsTasks, ExecuteCommandSession, Placement, Task, TaskContainer
from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError

TASK_ARN = "arn:aws:ecs:eu-west-1:1:task/shop/abc123"
REVISION_ARN = "arn:aws:ecs:eu-west-1:1:task-definition/shop-api:7"
EARLIER_ARN = "arn:aws:ecs:eu-west-1:1:task-definition/shop-api:6"
TOKEN = "AAEAAVsecret-of-the-session"

PLACEMENT = Placement(
    task_definition_arn=REVISION_ARN,
    rolling_out=False,
    subnets=("subnet-1", "subnet-2"),
    security_groups=("sg-1",),
    assign_public_ip="DISABLED",
    capacity_providers=(
        CapacityProvider(name="FARGATE", weight=1, base=1),
        CapacityProvider(name="FARGATE_SPOT", weight=3, base=0),
    ),
    enable_execute_command=True,
)


class Stubbed:
    """Clients that answer what they are told to, once, and refuse every other call."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.repeatable, self.unrepeatable = (Connection("eu-west-1").client("ecs") for _ in range(2))
        self.stubbers = {True: Stubber(self.repeatable), False: Stubber(self.unrepeatable)}
        for stubber in self.stubbers.values():
            stubber.activate()
        monkeypatch.setattr(Connection, "client", self._client)
        self.tasks = EcsTasks(Connection("eu-west-1"), "shop")

    def _client(self, _service: str, *, repeatable: bool = True) -> Any:
        return self.repeatable if repeatable else self.unrepeatable

    def answers(self, operation: str, answer: Any, asked: Any, *, repeatable: bool = True) -> None:
        self.stubbers[repeatable].add_response(operation, answer, asked)


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubbed]:
    made = Stubbed(monkeypatch)
    yield made
    for stubber in made.stubbers.values():
        stubber.assert_no_pending_responses()


def described(*deployments: tuple[str, str], status: str = "ACTIVE") -> dict[str, Any]:
    service = {
        "status": status,
        "taskDefinition": deployments[0][0],
        "deployments": [{"taskDefinition": arn, "rolloutState": state} for arn, state in deployments],
        "networkConfiguration": {
            "awsvpcConfiguration": {"subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"]}
        },
        "capacityProviderStrategy": [
            {"capacityProvider": "FARGATE", "weight": 1, "base": 1},
            {"capacityProvider": "FARGATE_SPOT", "weight": 3},
        ],
        "enableExecuteCommand": True,
    }
    return {"services": [service]}


ASKED_FOR_SERVICE = {"cluster": "shop", "services": ["shop-api"]}


def test_placement_is_the_services_own(stubbed: Stubbed) -> None:
    stubbed.answers("describe_services", described((REVISION_ARN, "COMPLETED")), ASKED_FOR_SERVICE)
    assert stubbed.tasks.placement_of("shop-api") == PLACEMENT


@pytest.mark.parametrize(
    ("deployments", "expected"),
    [
        # The new one does not run yet, or never will.
        (((REVISION_ARN, "IN_PROGRESS"), (EARLIER_ARN, "COMPLETED")), (EARLIER_ARN, True)),
        (((REVISION_ARN, "FAILED"), (EARLIER_ARN, "COMPLETED")), (EARLIER_ARN, True)),
        # Nothing has ever been completed: an environment without images.
        (((REVISION_ARN, "IN_PROGRESS"),), (REVISION_ARN, False)),
        # The same revision anew.
        (((REVISION_ARN, "IN_PROGRESS"), (REVISION_ARN, "COMPLETED")), (REVISION_ARN, False)),
    ],
)
def test_revision_is_the_one_that_runs(
    stubbed: Stubbed, deployments: tuple[tuple[str, str], ...], expected: tuple[str, bool]
) -> None:
    stubbed.answers("describe_services", described(*deployments), ASKED_FOR_SERVICE)
    placement = stubbed.tasks.placement_of("shop-api")
    assert placement is not None
    assert (placement.task_definition_arn, placement.rolling_out) == expected


@pytest.mark.parametrize("answer", [{"services": []}, described((REVISION_ARN, "COMPLETED"), status="INACTIVE")])
def test_service_that_is_gone_has_no_placement(stubbed: Stubbed, answer: dict[str, Any]) -> None:
    stubbed.answers("describe_services", answer, ASKED_FOR_SERVICE)
    assert stubbed.tasks.placement_of("shop-api") is None


RUN_REQUEST = {
    "cluster": "shop",
    "taskDefinition": REVISION_ARN,
    "count": 1,
    "capacityProviderStrategy": [
        {"capacityProvider": "FARGATE", "weight": 1, "base": 1},
        {"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 0},
    ],
    "networkConfiguration": {
        "awsvpcConfiguration": {
            "subnets": ["subnet-1", "subnet-2"],
            "securityGroups": ["sg-1"],
            "assignPublicIp": "DISABLED",
        }
    },
    "overrides": {"containerOverrides": [{"name": "api", "command": ["node", "migrate.js"]}]},
    "enableExecuteCommand": True,
    "enableECSManagedTags": True,
    "propagateTags": "TASK_DEFINITION",
    "startedBy": "zelly/ann",
    "clientToken": "token-1",
}


def run(tasks: EcsTasks) -> Task:
    return tasks.run(
        PLACEMENT, container="api", command=("node", "migrate.js"), started_by="zelly/ann", client_token="token-1"
    )


CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def test_task_is_started_with_all_that_the_services_tasks_have(stubbed: Stubbed) -> None:
    started = {
        "taskArn": TASK_ARN,
        "taskDefinitionArn": REVISION_ARN,
        "startedBy": "zelly/ann",
        "lastStatus": "PROVISIONING",
        "createdAt": CREATED,
        "enableExecuteCommand": True,
        "containers": [
            {
                "name": "api",
                "runtimeId": "abc123-1",
                "lastStatus": "RUNNING",
                "managedAgents": [{"name": "ExecuteCommandAgent", "lastStatus": "PENDING"}],
            }
        ],
    }
    stubbed.answers("run_task", {"tasks": [started], "failures": []}, RUN_REQUEST)
    assert run(stubbed.tasks) == Task(
        arn=TASK_ARN,
        task_definition_arn=REVISION_ARN,
        started_by="zelly/ann",
        status="PROVISIONING",
        health="UNKNOWN",
        created_at=CREATED,
        stopped_at=None,
        stop_code=None,
        stopped_reason=None,
        containers=(
            TaskContainer(
                name="api",
                image=None,
                status="RUNNING",
                exit_code=None,
                reason=None,
                health="UNKNOWN",
                runtime_id="abc123-1",
                execute_command_agent="PENDING",
            ),
        ),
        execute_command=True,
    )


def test_task_that_ecs_has_no_room_for_is_an_error(stubbed: Stubbed) -> None:
    failure = {"reason": "RESOURCE:FARGATE", "detail": "Capacity is unavailable at this time."}
    stubbed.answers("run_task", {"tasks": [], "failures": [failure]}, RUN_REQUEST)
    with pytest.raises(AwsError) as raised:
        run(stubbed.tasks)
    assert str(raised.value) == (
        "ecs:RunTask, task definition shop-api:7: RESOURCE:FARGATE: Capacity is unavailable at this time"
    )


def test_tasks_of_a_family_are_those_of_every_revision(stubbed: Stubbed) -> None:
    asked = {"cluster": "shop", "family": "shop-api", "desiredStatus": "STOPPED"}
    stubbed.answers("list_tasks", {"taskArns": [TASK_ARN], "nextToken": "more"}, asked)
    stubbed.answers("list_tasks", {"taskArns": []}, {**asked, "nextToken": "more"})
    stopped = {"taskArn": TASK_ARN, "taskDefinitionArn": REVISION_ARN, "lastStatus": "STOPPED"}
    stubbed.answers("describe_tasks", {"tasks": [stopped]}, {"cluster": "shop", "tasks": [TASK_ARN]})
    assert [task.id for task in stubbed.tasks.of_family("shop-api", "STOPPED")] == ["abc123"]


def test_session_is_asked_for_once_and_keeps_its_token_to_itself(stubbed: Stubbed) -> None:
    task = Task(
        arn=TASK_ARN,
        task_definition_arn=REVISION_ARN,
        started_by=None,
        status="RUNNING",
        health="UNKNOWN",
        created_at=None,
        stopped_at=None,
        stop_code=None,
        stopped_reason=None,
        containers=(),
    )
    stubbed.answers(
        "execute_command",
        {"session": {"sessionId": "session-1", "streamUrl": "wss://stream", "tokenValue": TOKEN}},
        {"cluster": "shop", "task": TASK_ARN, "container": "api", "command": "/bin/sh", "interactive": True},
        repeatable=False,
    )
    session = stubbed.tasks.execute(task, "api", "/bin/sh")
    assert session == ExecuteCommandSession(id="session-1", stream_url="wss://stream", token=TOKEN)
    assert TOKEN not in repr(session)
