"""ECS Exec goes through AWS's plugin, and the session's token stands in no argument."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from tests.support.fake_plugin import RECORD, install_plugin
from tests.workbench.operations.failing import refused
from tests.workbench.operations.tasks.described import CONTAINER, CREATED, TASK
from workbench.aws.ecs.tasks import EcsTasks, ExecuteCommandSession, Task
from workbench.operations.tasks.execute_command import Target, choose_target, command_line, converse, find_plugin

TOKEN = "AAEAAVsecret-of-the-session"
SESSION = ExecuteCommandSession(id="ecs-execute-command-1", stream_url="wss://stream", token=TOKEN)
REACHABLE = replace(CONTAINER, runtime_id="abc123-1", execute_command_agent="RUNNING")
RUNNING = replace(TASK, execute_command=True, containers=(REACHABLE,))
TARGET = Target(cluster="shop", task=RUNNING, container="api", runtime_id="abc123-1")


@pytest.mark.parametrize("version", ["1.2.498.0", "1.2.707.0", "1.3", "2.0.0.0"])
def test_plugin_that_takes_the_session_from_its_environment_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    plugin = install_plugin(tmp_path, monkeypatch, version=version)
    assert find_plugin() == str(plugin)


@pytest.mark.parametrize(
    ("version", "shown"), [("1.2.497.0", "1.2.497.0"), ("1.1.61.0", "1.1.61.0"), ("", "unknown"), ("new", "new")]
)
def test_plugin_that_would_show_the_token_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, shown: str
) -> None:
    install_plugin(tmp_path, monkeypatch, version=version)
    assert refused(find_plugin) == [
        f"session-manager-plugin: version {shown}; allowed: later than 1.2.497.0, since older ones show the session's "
        "token in the process list"
    ]


def test_missing_plugin_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused(find_plugin) == [
        "session-manager-plugin: not on PATH; install the Session Manager plugin (AWS Systems Manager User Guide, "
        '"Install the Session Manager plugin for the AWS CLI")'
    ]


def test_plugin_gets_the_session_and_nobody_sees_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = install_plugin(tmp_path, monkeypatch, version="1.2.707.0", body=RECORD)
    code = converse(
        str(plugin), SESSION, TARGET, region="eu-west-1", profile="work", endpoint_url="https://ssm.eu-west-1.test"
    )
    called = json.loads((tmp_path / "called.json").read_text())
    assert code == 7
    assert called["argv"] == [
        "AWS_SSM_START_SESSION_RESPONSE",
        "eu-west-1",
        "StartSession",
        "work",
        '{"Target": "ecs:shop_abc123_abc123-1"}',
        "https://ssm.eu-west-1.test",
    ]
    assert json.loads(called["session"]) == {
        "SessionId": "ecs-execute-command-1",
        "StreamUrl": "wss://stream",
        "TokenValue": TOKEN,
    }
    assert TOKEN not in json.dumps(called["process_list"])
    assert "AWS_SSM_START_SESSION_RESPONSE" not in os.environ
    assert TOKEN not in repr(SESSION)


CTRL_C = """
import signal, time
default = signal.getsignal(signal.SIGINT) is signal.default_int_handler
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.kill(os.getppid(), signal.SIGINT)
time.sleep(0.2)
raise SystemExit(0 if default else 9)
"""


def test_ctrl_c_is_the_shells_at_the_other_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = install_plugin(tmp_path, monkeypatch, version="1.2.707.0", body=CTRL_C)
    before = signal.getsignal(signal.SIGINT)
    assert converse(str(plugin), SESSION, TARGET, region="r", profile="", endpoint_url="e") == 0
    assert signal.getsignal(signal.SIGINT) is before


def test_plugin_that_a_signal_ended_counts_as_shells_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = install_plugin(tmp_path, monkeypatch, version="1.2.707.0", body="os.kill(os.getpid(), 15)")
    assert converse(str(plugin), SESSION, TARGET, region="r", profile="", endpoint_url="e") == 143


class FakeTasks:
    def __init__(self, *tasks: Task) -> None:
        self.tasks = [*tasks]

    def of_family(self, family: str) -> list[Task]:
        assert family == "shop-api"
        return self.tasks


def choose(*tasks: Task, task_id: str | None = None, container: str = "api") -> Target:
    return choose_target(
        "shop-api", cluster="shop", container=container, task_id=task_id, tasks=cast(EcsTasks, FakeTasks(*tasks))
    )


def task(name: str, *, second: int = 0, status: str = "RUNNING") -> Task:
    return replace(
        RUNNING,
        arn=f"arn:aws:ecs:eu-west-1:1:task/shop/{name}",
        created_at=CREATED.replace(second=second),
        status=status,
    )


def test_newest_running_task_is_taken() -> None:
    chosen = choose(
        task("a1", second=1), task("b2", second=3), task("c3", second=2), task("d4", second=9, status="PENDING")
    )
    assert (chosen.task.id, chosen.session_manager_name) == ("b2", "ecs:shop_b2_abc123-1")


def test_task_may_be_named_by_the_beginning_of_its_id() -> None:
    assert choose(task("a1", second=1), task("b2", second=3), task_id="a").task.id == "a1"


@pytest.mark.parametrize(
    ("tasks", "task_id", "container", "line"),
    [
        ((), None, "api", "no task runs; running tasks of shop-api: none"),
        ((task("a1"), task("a2")), "a", "api", "--task: came a; running tasks of shop-api: a1, a2"),
        ((task("a1"),), "b", "api", "--task: came b; running tasks of shop-api: a1"),
        (
            (replace(RUNNING, execute_command=False),),
            None,
            "api",
            "task abc123: ECS Exec is off; with containers.execute_command: true in the stack file, `pulumi up` turns "
            "it on for the tasks that are started from then on",
        ),
        ((RUNNING,), None, "web", "task abc123: web is not one of its containers; a running container is required"),
        (
            (replace(RUNNING, containers=(replace(REACHABLE, status="PENDING"),)),),
            None,
            "api",
            "task abc123: api is PENDING; a running container is required",
        ),
        (
            (replace(RUNNING, containers=(replace(REACHABLE, execute_command_agent="PENDING"),)),),
            None,
            "api",
            "task abc123, api: the agent of ECS Exec is PENDING; it starts some seconds after the container, and needs "
            "the task role's permission and a way to Session Manager",
        ),
    ],
)
def test_what_cannot_be_reached_is_one_line(
    tasks: tuple[Task, ...], task_id: str | None, container: str, line: str
) -> None:
    assert refused(choose, *tasks, task_id=task_id, container=container) == [line]


def test_words_of_a_command_stay_apart() -> None:
    assert command_line(["sh", "-c", "echo $HOME; ls 'a b'"]) == """sh -c 'echo $HOME; ls '"'"'a b'"'"''"""
