"""``zelly service run | events | exec`` against the embedded AWS, whose tasks do what their images say."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.fake_plugin import RECORD, install_plugin
from tests.workbench.conftest import Completed, Operator, Up
from tests.workbench.operations.clocks import FakeClock, interrupt
from tests.workbench.operations.tasks.test_execute_command import REACHABLE, RUNNING, SESSION, TOKEN
from workbench.aws.ecs.tasks import EcsTasks, ExecuteCommandSession, Task
from workbench.aws.shared.errors import AwsError, Reason
from workbench.sandbox.ecr.images import Architecture, Behaviour, sandbox_image
from workbench.sandbox.ecr.pushing import put_image

REGION = "ap-south-1"
CLUSTER = "sample-live"
LIVE = ("--stack", "live")
"""Nobody deploys its worker."""
INITIAL_TAG = "live-00000000"
NOT_REALLY = "sandbox: no container runs here; not really run: "
TASK_ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.fixture
def image(up: Up) -> Any:
    """Put images under the first tag of live into the registry: what they do, the test says; they are removed."""
    ecr = up.client("ecr", "ap-south-1")
    put: list[tuple[str, str]] = []

    def behave(
        repository: str, *, tag: str = INITIAL_TAG, architecture: Architecture = "ARM64", **behaviour: Any
    ) -> None:
        made = sandbox_image(tag, Behaviour(**behaviour), architecture)
        put_image(ecr, repository, tag, made)
        put.append((repository, made.digest))

    yield behave
    for repository, digest in put:
        ecr.batch_delete_image(repositoryName=repository, imageIds=[{"imageDigest": digest}])


def run(operator: Operator, *arguments: str, service: str = "worker") -> Completed:
    return operator.run("service", "run", service, *LIVE, *arguments)


def tasks_of(up: Up, family: str) -> set[str]:
    ecs = up.client("ecs", REGION)
    listed = [
        ecs.list_tasks(cluster=CLUSTER, family=family, desiredStatus=status)["taskArns"]
        for status in ("RUNNING", "STOPPED")
    ]
    return {arn for arns in listed for arn in arns}


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("code", [0, 3])
def test_commands_lines_and_exit_code_are_the_operators(
    operator: Operator, up: Up, image: Callable[..., None], code: int
) -> None:
    image("sample/worker", run_exit_code=code, run_log=("Migrating", "Done"))
    completed = run(operator, "--", "node", "migrate.js", "--to", "a b")
    assert (completed.exit_code, completed.stdout) == (
        code,
        f"{NOT_REALLY}node migrate.js --to 'a b'\nMigrating\nDone\n",
    )
    lines = completed.stderr.splitlines()
    assert lines[0] == "sample-live-worker:1, container worker: node migrate.js --to 'a b'"
    assert lines[1] == f"image 123456789012.dkr.ecr.ap-south-1.amazonaws.com/sample/worker:{INITIAL_TAG}"
    assert re.fullmatch(rf"task {TASK_ID}: exit code {code} after \d s", lines[-1])
    task_id = lines[-1].split()[1].rstrip(":")
    described = up.client("ecs", REGION).describe_tasks(cluster=CLUSTER, tasks=[task_id])["tasks"][0]
    service = up.client("ecs", REGION).describe_services(cluster=CLUSTER, services=["sample-live-worker"])["services"][
        0
    ]
    details = {detail["name"]: detail["value"] for detail in described["attachments"][0]["details"]}
    assert described["startedBy"] == "zelly/moto"
    assert described["taskDefinitionArn"] == service["taskDefinition"]
    assert details["subnetId"] in service["networkConfiguration"]["awsvpcConfiguration"]["subnets"]


def revisions(up: Up, family: str) -> list[str]:
    listed = up.client("ecs", REGION).list_task_definitions(familyPrefix=family, status="ACTIVE")
    return listed["taskDefinitionArns"]


@pytest.mark.usefixtures("clock")
def test_image_that_is_not_deployed_runs_and_leaves_the_service_and_its_template_alone(
    operator: Operator, up: Up, image: Callable[..., None]
) -> None:
    family = "sample-live-worker"
    image("sample/worker", tag="live-0a1b2c3d", run_log=("Migrating",))
    ecs = up.client("ecs", REGION)
    service = ecs.describe_services(cluster=CLUSTER, services=[family])["services"][0]
    before = (service["taskDefinition"], revisions(up, family))
    completed = run(operator, "--tag", "live-0a1b2c3d", "--", "node", "migrate.js")
    assert completed.exit_code == 0, completed.stderr
    assert completed.stdout == f"{NOT_REALLY}node migrate.js\nMigrating\n"
    lines = completed.stderr.splitlines()
    template = before[1][-1].rpartition("/")[2]
    assert lines[0] == f"a copy of {template}, container worker: node migrate.js"
    assert re.fullmatch(r"image live-0a1b2c3d \(sha256:[0-9a-f]{12}\), which the service itself is not given", lines[1])
    task_id = lines[-1].split()[1].rstrip(":")
    task = ecs.describe_tasks(cluster=CLUSTER, tasks=[task_id])["tasks"][0]
    copy = ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])["taskDefinition"]
    assert copy["status"] == "INACTIVE"
    assert re.search(r"/sample/worker@sha256:[0-9a-f]{64}$", copy["containerDefinitions"][0]["image"])
    service = ecs.describe_services(cluster=CLUSTER, services=[family])["services"][0]
    assert (service["taskDefinition"], revisions(up, family)) == before


@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        (
            ("worker", "--tag", "live-ffffffff"),
            r"  worker: no image live-ffffffff in sample/worker; the newest tags of live .*",
        ),
        (
            ("worker", "--tag", "live-0a1b2c3e"),
            r"  worker: the image is built for amd64; allowed: arm64, as the task definition says ARM64",
        ),
        (("worker", "--tag", "trial-1x"), r"--tag: came trial-1x; allowed in live: live-…; .*"),
        (
            ("worker", "--tag", "live-1", "--digest", "sha256:1"),
            r"--tag, --digest: came both; allowed: one of them",
        ),
        (
            ("tools", "--tag", "live-1", "--container", "browser"),
            r"service: tools has no image of the platform's own; .*",
        ),
    ],
)
def test_image_that_cannot_run_is_told_before_anything_is_made(
    operator: Operator, up: Up, image: Callable[..., None], arguments: tuple[str, ...], last: str
) -> None:
    image("sample/worker", tag="live-0a1b2c3e", architecture="X86_64")
    service, *options = arguments
    family = f"sample-live-{service}"
    before = (tasks_of(up, family), revisions(up, family))
    completed = run(operator, *options, "--", "node", "migrate.js", service=service)
    assert (completed.exit_code, completed.stdout) == (2, "")
    assert re.fullmatch(last, completed.stderr.splitlines()[-1])
    assert (tasks_of(up, family), revisions(up, family)) == before


@pytest.mark.usefixtures("clock")
def test_json_is_one_object_and_the_lines_are_talk(operator: Operator, image: Callable[..., None]) -> None:
    image("sample/worker", run_log=("Migrating",))
    completed = run(operator, "--json", "--", "node", "migrate.js")
    document = json.loads(completed.stdout)
    assert (document["executed"], document["exit_code"], document["stopped_reason"]) == (
        True,
        0,
        "Essential container in task exited",
    )
    assert "Migrating" in completed.stderr.splitlines()


def test_dry_run_starts_nothing(operator: Operator, up: Up) -> None:
    before = tasks_of(up, "sample-live-web")
    completed = run(operator, "--container", "proxy", "--dry-run", "--json", "--", "proxy", "version", service="web")
    plan = json.loads(completed.stdout)["plan"]
    ecs = up.client("ecs", REGION)
    # Other tests deploy the web: whatever runs, or is wanted where nothing ever ran, is what a task is made of.
    wanted = ecs.describe_services(cluster=CLUSTER, services=["sample-live-web"])["services"][0]
    revision = wanted["deployments"][-1]["taskDefinition"]
    definition = ecs.describe_task_definition(taskDefinition=revision)["taskDefinition"]
    (proxy,) = (each["image"] for each in definition["containerDefinitions"] if each["name"] == "proxy")
    assert (completed.exit_code, completed.stderr) == (0, "")
    assert (plan["command"], plan["image"], plan["other_containers"], plan["task_definition"]) == (
        ["proxy", "version"],
        proxy,
        ["app", "xray"],
        revision.rpartition("/")[2],
    )
    assert (len(plan["subnets"]), len(plan["security_groups"]), plan["capacity_providers"]) == (2, 1, ["FARGATE"])
    assert tasks_of(up, "sample-live-web") >= before


@pytest.mark.usefixtures("clock")
def test_task_that_cannot_start_says_why_in_one_line(operator: Operator) -> None:
    # Without an image of its first tag.
    completed = run(operator, "--", "node", "migrate.js")
    assert (completed.exit_code, completed.stdout) == (1, "")
    assert re.fullmatch(
        rf"Task {TASK_ID}: worker never started: CannotPullContainerError: .*: not found",
        completed.stderr.splitlines()[-1],
    )


def hints(task_id: str) -> list[str]:
    return [
        f"Task {task_id} goes on without this command.",
        f"  follow it: zelly service logs worker --stack live --task {task_id} --follow",
        f"  stop it:   aws ecs stop-task --region {REGION} --cluster {CLUSTER} --task {task_id}",
    ]


def test_detached_task_is_named_with_how_to_go_on(operator: Operator, image: Callable[..., None]) -> None:
    image("sample/worker")
    completed = run(operator, "--detach", "--", "node", "migrate.js")
    task_id = completed.stdout.strip()
    assert (completed.exit_code, completed.stderr.splitlines()[-3:]) == (0, hints(task_id))


def _expire() -> None:
    raise AwsError(
        operation="ecs:DescribeTasks",
        target="cluster",
        code="ExpiredTokenException",
        message="expired",
        reason=Reason.CREDENTIALS,
    )


@pytest.mark.parametrize(("happens", "code"), [(interrupt, 130), (_expire, 1)])
def test_task_goes_on_when_watching_ends(
    operator: Operator,
    image: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    happens: Callable[[], None],
    code: int,
) -> None:
    image("sample/worker")

    def described(_self: EcsTasks, _arns: list[str]) -> list[Task]:
        happens()
        return []

    with monkeypatch.context() as patched:
        patched.setattr(EcsTasks, "described", described)
        completed = run(operator, "--", "node", "migrate.js")
    lines = completed.stderr.splitlines()
    task_id = lines[-3].split()[1]
    assert (completed.exit_code, lines[-3:]) == (code, hints(task_id))
    assert lines[-4].startswith("ecs:DescribeTasks") is (happens is _expire)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ("--timeout", "soon", "--", "x"),
            "--timeout: came 'soon'; allowed: 1 to 9999 and s, m, h or d, e.g. 90s, 15m, 2h",
        ),
        (("--container", "web", "--", "x"), "--container: came web; allowed for worker: worker"),
    ],
)
def test_wrong_options_are_one_line(operator: Operator, arguments: tuple[str, ...], line: str) -> None:
    assert run(operator, *arguments) == Completed(exit_code=2, stdout="", stderr=f"{line}\n")


def test_events_and_stopped_tasks_are_one_history(operator: Operator, image: Callable[..., None]) -> None:
    image("sample/worker", run_exit_code=4)
    task_id = run(operator, "--detach", "--", "node", "migrate.js").stdout.strip()
    completed = operator.run("service", "events", "worker", *LIVE)
    assert (completed.exit_code, completed.stderr) == (0, "")
    lines = completed.stdout.splitlines()
    times = [line.partition(" ")[0] for line in lines]
    assert times == sorted(times)
    assert [line.partition(" ")[2] for line in lines if task_id in line] == [
        f"task {task_id} (sample-live-worker:1, started by zelly/moto) stopped: "
        "Essential container in task exited; worker: exit code 4"
    ]
    as_json = operator.run("service", "events", "worker", *LIVE, "--json").stdout.splitlines()
    assert [one["id"] for one in map(json.loads, as_json) if one["source"] == "task"][-1:] == [task_id]


def test_following_events_tells_each_once(operator: Operator, clock: FakeClock) -> None:
    once = operator.run("service", "events", "tools", *LIVE).stdout
    clock.meanwhile += [lambda: None, lambda: None, interrupt]
    completed = operator.run("service", "events", "tools", *LIVE, "--follow")
    assert completed == Completed(exit_code=130, stdout=once, stderr="")


def test_exec_without_the_plugin_is_one_line(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    completed = operator.run("service", "exec", "worker", *LIVE)
    assert (completed.exit_code, completed.stdout) == (2, "")
    assert completed.stderr.startswith("session-manager-plugin: not on PATH; install the Session Manager plugin")


def test_exec_hands_the_session_to_the_plugin_and_shows_no_token(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # moto has neither ExecuteCommand nor agents in its tasks; what ECS is asked, tests/workbench/aws holds.
    install_plugin(tmp_path, monkeypatch, version="1.2.707.0", body=RECORD)
    asked: list[tuple[str, str, str]] = []

    def execute(_self: EcsTasks, task: Task, container: str, command: str) -> ExecuteCommandSession:
        asked.append((task.id, container, command))
        return SESSION

    def of_family(_self: EcsTasks, family: str) -> list[Task]:
        assert family == "sample-live-worker"
        return [replace(RUNNING, containers=(replace(REACHABLE, name="worker"),))]

    monkeypatch.setattr(EcsTasks, "of_family", of_family)
    monkeypatch.setattr(EcsTasks, "execute", execute)
    completed = operator.run("service", "exec", "worker", *LIVE, "--", "ls", "-l", "a b")
    called = json.loads((tmp_path / "called.json").read_text())
    assert completed == Completed(exit_code=7, stdout="", stderr="task abc123 (shop-api:7), container worker\n")
    assert asked == [("abc123", "worker", "ls -l 'a b'")]
    assert called["argv"][:5] == [
        "AWS_SSM_START_SESSION_RESPONSE",
        REGION,
        "StartSession",
        "",
        '{"Target": "ecs:sample-live_abc123_abc123-1"}',
    ]
    assert TOKEN not in json.dumps([called["argv"], called["process_list"], completed.stdout, completed.stderr])
    assert TOKEN in called["session"]
