"""A command is planned in the running revision, started once, and judged by how its container ended."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest

from tests.workbench.operations.failing import failed, failure, refused
from tests.workbench.operations.tasks.described import CONTAINER, PLACEMENT, TASK, stopped
from workbench.aws.account.identity import Caller, Sts
from workbench.aws.ecs.task_definitions import TaskDefinition, TaskDefinitions
from workbench.aws.ecs.tasks import EcsTasks, Placement, Task
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperationFailedError, OperationInterruptedError, OperatorError
from workbench.operations.tasks.run_command import Registration, RunPlan, lasted_seconds, outcome, plan_run, start


class FakeTasks:
    """ECS with one service, whose RunTask raises what it is told to."""

    def __init__(self, placement: Placement | None = PLACEMENT, raises: BaseException | None = None) -> None:
        self.placement = placement
        self.raises = raises
        self.asked: list[Mapping[str, Any]] = []

    def placement_of(self, service: str) -> Placement | None:
        assert service == "shop-api"
        return self.placement

    def run(self, placement: Placement, **order: Any) -> Task:
        self.asked.append({"placement": placement, **order})
        if self.raises is not None:
            raise self.raises
        return TASK


CONTAINERS = [
    {"name": "api", "image": "registry/api:1", "essential": True},
    {"name": "proxy", "image": "registry/proxy:1", "essential": True},
    {"name": "prepare", "image": "registry/prepare:1", "essential": False},
]
REVISIONS = PLACEMENT.task_definition_arn.rpartition(":")[0]
COPY = Registration(
    source=TaskDefinition(
        arn=f"{REVISIONS}:8",
        status="ACTIVE",
        document={"containerDefinitions": CONTAINERS},
        tags=({"key": "service", "value": "api"},),
    ),
    document={"containerDefinitions": "with another image"},
    image="staging-2 (sha256:22)",
    notes=("api: the image does not tell its architecture; ARM64 is needed.",),
)


class FakeDefinitions:
    def __init__(self, deregister_raises: AwsError | None = None) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.deregister_raises = deregister_raises

    def described(self, name: str) -> TaskDefinition:
        assert name == PLACEMENT.task_definition_arn
        return TaskDefinition(arn=name, status="ACTIVE", document={"containerDefinitions": CONTAINERS}, tags=())

    def register(self, document: Mapping[str, Any], tags: Sequence[Mapping[str, str]]) -> str:
        self.calls.append(("register", document, tags))
        return f"{REVISIONS}:9"

    def deregister(self, arn: str) -> None:
        self.calls.append(("deregister", arn))
        if self.deregister_raises is not None:
            raise self.deregister_raises


class FakeSts:
    def __init__(self, arn: str = "arn:aws:sts::1:assumed-role/Admin/ann@example.com") -> None:
        self.arn = arn

    def caller(self) -> Caller:
        return Caller(account_id="1", arn=self.arn)


def plan(
    tasks: FakeTasks,
    *,
    container: str = "api",
    sts: FakeSts | None = None,
    registration: Registration | None = None,
) -> RunPlan:
    return plan_run(
        "shop-api",
        container=container,
        command=("node", "migrate.js", "--to", "a b"),
        region="eu-west-1",
        cluster="shop",
        tasks=cast(EcsTasks, tasks),
        definitions=cast(TaskDefinitions, FakeDefinitions()),
        sts=cast(Sts, sts or FakeSts()),
        registration=registration,
    )


def started(made: RunPlan, tasks: FakeTasks, definitions: FakeDefinitions | None = None) -> tuple[Task, list[str]]:
    said: list[str] = []
    known = cast(TaskDefinitions, definitions or FakeDefinitions())
    return start(made, tasks=cast(EcsTasks, tasks), definitions=known, say=said.append), said


def test_plan_tells_all_that_the_task_gets() -> None:
    made = plan(FakeTasks(replace(PLACEMENT, rolling_out=True)))
    assert made.lines() == [
        "shop-api:7, container api: node migrate.js --to 'a b'",
        "image registry/api:1",
        "capacity FARGATE; subnets subnet-1, subnet-2; security groups sg-1",
        "prepare and proxy: started beside it, as in the service, and ended after it",
        "A rollout is under way: this is the revision before it.",
    ]
    assert made.essential == {"proxy"}
    assert made.document() == {
        "service": "shop-api",
        "task_definition": "shop-api:7",
        "is_copied": False,
        "container": "api",
        "image": "registry/api:1",
        "command": ["node", "migrate.js", "--to", "a b"],
        "other_containers": ["prepare", "proxy"],
        "subnets": ["subnet-1", "subnet-2"],
        "security_groups": ["sg-1"],
        "capacity_providers": ["FARGATE"],
        "rolling_out": True,
        "started_by": "zelly/ann-example-com",
    }


def test_started_by_is_what_ecs_allows() -> None:
    made = plan(FakeTasks(), sts=FakeSts("arn:aws:iam::1:user/" + "ü.+=,@" * 40))
    assert made.started_by == "zelly/" + "-" * 122


def test_every_plan_has_a_token_of_its_own() -> None:
    assert plan(FakeTasks()).client_token != plan(FakeTasks()).client_token


@pytest.mark.parametrize(
    ("tasks", "container", "line"),
    [
        (FakeTasks(None), "api", "service: shop-api is not in ECS; `pulumi up` makes it"),
        (FakeTasks(), "web", "--container: came web; allowed for shop-api: api, prepare, proxy"),
    ],
)
def test_what_cannot_be_run_is_one_line(tasks: FakeTasks, container: str, line: str) -> None:
    assert refused(plan, tasks, container=container) == [line]


def test_task_is_asked_for_once_with_the_plans_token() -> None:
    tasks = FakeTasks()
    made = plan(tasks)
    definitions = FakeDefinitions()
    assert started(made, tasks, definitions) == (TASK, [])
    assert definitions.calls == []
    assert tasks.asked == [
        {
            "placement": PLACEMENT,
            "container": "api",
            "command": ("node", "migrate.js", "--to", "a b"),
            "started_by": "zelly/ann-example-com",
            "client_token": made.client_token,
        }
    ]


def test_image_that_is_not_deployed_runs_in_a_copy_of_the_newest_revision() -> None:
    made = plan(FakeTasks(replace(PLACEMENT, rolling_out=True)), registration=COPY)
    assert made.lines() == [
        "a copy of shop-api:8, container api: node migrate.js --to 'a b'",
        "image staging-2 (sha256:22), which the service itself is not given",
        "capacity FARGATE; subnets subnet-1, subnet-2; security groups sg-1",
        "prepare and proxy: started beside it, as in the service, and ended after it",
        "api: the image does not tell its architecture; ARM64 is needed.",
    ]
    document = made.document()
    assert (document["task_definition"], document["is_copied"], document["image"]) == (
        "shop-api:8",
        True,
        "staging-2 (sha256:22)",
    )


TAKEN_BACK = [
    ("register", {"containerDefinitions": "with another image"}, ({"key": "service", "value": "api"},)),
    ("deregister", f"{REVISIONS}:9"),
]


def test_copy_is_made_for_the_task_and_taken_back() -> None:
    tasks, definitions = FakeTasks(), FakeDefinitions()
    assert started(plan(tasks, registration=COPY), tasks, definitions) == (TASK, [])
    assert [order["placement"].task_definition_arn for order in tasks.asked] == [f"{REVISIONS}:9"]
    assert definitions.calls == TAKEN_BACK


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), OperatorError("no capacity")])
def test_copy_is_taken_back_although_no_task_started(raised: BaseException) -> None:
    tasks, definitions = FakeTasks(raises=raised), FakeDefinitions()
    with pytest.raises(OperatorError):
        started(plan(tasks, registration=COPY), tasks, definitions)
    assert definitions.calls == TAKEN_BACK


def test_copy_that_cannot_be_taken_back_is_told_and_the_task_goes_on() -> None:
    denied = failure("ecs:DeregisterTaskDefinition", Reason.DENIED)
    tasks = FakeTasks()
    task, said = started(plan(tasks, registration=COPY), tasks, FakeDefinitions(denied))
    assert task == TASK
    assert said == [f"{denied}. shop-api:9 stays in the family; the next deploy copies it with its own image."]


LOOK = (
    "Look before running it again: "
    "aws ecs list-tasks --region eu-west-1 --cluster shop --started-by zelly/ann-example-com"
)


@pytest.mark.parametrize(
    ("raised", "kind", "lines"),
    [
        (
            failure("ecs:RunTask", Reason.UNREACHABLE),
            OperationFailedError,
            (str(failure("ecs:RunTask", Reason.UNREACHABLE)), LOOK),
        ),
        (
            KeyboardInterrupt(),
            OperationInterruptedError,
            ("Interrupted while the task was being started: it may run.", LOOK),
        ),
        # AWS has said no: nothing runs.
        (failure("ecs:RunTask", Reason.DENIED), AwsError, (str(failure("ecs:RunTask", Reason.DENIED)),)),
    ],
)
def test_start_whose_answer_did_not_come_says_how_to_look(
    raised: BaseException, kind: type[OperatorError], lines: tuple[str, ...]
) -> None:
    tasks = FakeTasks(raises=raised)
    with pytest.raises(kind) as caught:
        started(plan(tasks), tasks)
    assert (type(caught.value), caught.value.lines) == (kind, lines)


@pytest.mark.parametrize("code", [0, 1, 3, 137])
def test_exit_code_is_the_commands(code: int) -> None:
    assert outcome(stopped(code), "api").exit_code == code


NEVER_STARTED = replace(
    stopped(None, code="TaskFailedToStart", reason="ResourceInitializationError:\n unable to pull secrets"),
    containers=(replace(CONTAINER, status="STOPPED", reason="CannotPullContainerError"),),
)


@pytest.mark.parametrize(
    ("task", "cut_short_by", "line"),
    [
        (
            NEVER_STARTED,
            None,
            "Task abc123: api never started: ResourceInitializationError: unable to pull secrets; "
            "CannotPullContainerError",
        ),
        (
            stopped(0, code="SpotInterruption", reason="Your Spot Task was interrupted."),
            None,
            "Task abc123 was stopped before api was done: Your Spot Task was interrupted.",
        ),
        (
            stopped(0, code="UserInitiated", reason="Task stopped by user"),
            None,
            "Task abc123 was stopped before api was done: Task stopped by user",
        ),
        (
            stopped(0),
            "proxy",
            "Task abc123: proxy ended first, and ECS ended api because of that: Essential container in task exited",
        ),
    ],
)
def test_what_is_no_success_is_one_line(task: Task, cut_short_by: str | None, line: str) -> None:
    assert failed(outcome, task, "api", cut_short_by=cut_short_by) == [line]


def test_command_that_fails_keeps_its_code_whoever_stopped_it() -> None:
    assert outcome(stopped(143, code="UserInitiated"), "api", cut_short_by="proxy").exit_code == 143


@pytest.mark.parametrize(
    ("reason", "of_container", "why"),
    [
        ("the same", "the same", "the same"),
        ("one", "two\n lines", "one; two lines"),
        ("", "", "ECS gives no reason"),
    ],
)
def test_reasons_are_said_once_each_in_one_line(reason: str, of_container: str, why: str) -> None:
    container = replace(CONTAINER, status="STOPPED", reason=of_container)
    task = replace(stopped(None), stopped_reason=reason, containers=(container,))
    assert failed(outcome, task, "api") == [f"Task abc123: api never started: {why}"]


def test_time_that_a_task_lasted_is_known_once_it_has_stopped() -> None:
    assert (lasted_seconds(stopped(0)), lasted_seconds(TASK)) == (42, None)
    assert lasted_seconds(replace(stopped(0), created_at=None)) is None
