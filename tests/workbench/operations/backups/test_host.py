import json
from collections.abc import Sequence
from typing import Any, cast

import pytest

from tests.workbench.operations.releases.small import Clock
from workbench.aws.ec2.instances import Ec2
from workbench.aws.run_command import Invocation, RunCommand
from workbench.backups import BackupTarget
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.backups.host import BackupHost, parsed

TARGET = BackupTarget(
    host="shop-host", document="shop-backup", bucket="shop-backups", log_group="/shop", restored_prefix="shop_restored_"
)
DONE = {
    "outcome": "done",
    "stage": "upload",
    "reason": None,
    "backup": "daily/shop-prod-20261130-020000.dump",
    "bytes": 12586,
    "seconds": 61.5,
    "stages": [{"name": "dump", "seconds": 60.1}],
    "warning": None,
}


class Instances:
    def __init__(self, state: str | None) -> None:
        self.state = state

    def instances(self, names: Sequence[str]) -> dict[str, Any]:
        found = type("Found", (), {"id": "i-1", "state": self.state})
        return {} if self.state is None else dict.fromkeys(names, found)


class Commands:
    """Run Command whose invocations are told one a look; the last one for ever."""

    def __init__(self, *invocations: Invocation | None) -> None:
        self.invocations = [*invocations]
        self.sent: list[tuple[str, dict[str, str]]] = []

    def send(self, document: str, instance_id: str, parameters: dict[str, str], **_: str) -> str:
        self.sent.append((f"{document} {instance_id}", parameters))
        return "c-1"

    def invocation(self, command_id: str, instance_id: str) -> Invocation | None:
        assert (command_id, instance_id) == ("c-1", "i-1")
        return self.invocations.pop(0) if len(self.invocations) > 1 else self.invocations[0]


def invocation(output: object = "", *, status: str = "Success", exit_code: int = 0, error: str = "") -> Invocation:
    text = output if isinstance(output, str) else json.dumps(output)
    return Invocation(status=status, detail=status, exit_code=exit_code, output=text, error=error)


UNDER_WAY = invocation(status="InProgress", exit_code=-1)


def host(commands: Commands, *, state: str | None = "running") -> tuple[BackupHost, list[str]]:
    said: list[str] = []
    made = BackupHost(
        target=TARGET,
        environment="production",
        ec2=cast("Ec2", Instances(state)),
        run_command=cast("RunCommand", commands),
        clock=Clock(),
        say=said.append,
    )
    return made, said


def test_host_is_asked_through_the_document_and_waited_for() -> None:
    commands = Commands(None, *[UNDER_WAY] * 40, invocation(DONE))
    asked, said = host(commands)
    answer = asked.ask("drill", backup="daily/shop-prod-20261130-020000.dump")
    assert (answer.backup, answer.size, answer.stages) == (DONE["backup"], 12586, [("dump", 60.1)])
    parameters = {"action": "drill", "backup": DONE["backup"], "into": "none", "environment": "production"}
    assert commands.sent == [("shop-backup i-1", parameters)]
    assert said == ["drill: under way for 60 s"]


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (None, "host shop-host: not there; `pulumi up` makes it"),
        ("stopped", "host shop-host: is stopped; a running one is required"),
    ],
)
def test_host_that_does_not_run_is_not_asked(state: str | None, message: str) -> None:
    commands = Commands(None)
    with pytest.raises(OperatorError) as refused:
        host(commands, state=state)[0].ask("dump")
    assert (str(refused.value), commands.sent) == (message, [])


@pytest.mark.parametrize(
    ("ended", "kind", "message"),
    [
        (
            invocation({**DONE, "outcome": "failed", "stage": "dump", "reason": "pg_dump was killed by SIGKILL"}),
            OperationFailedError,
            "dump on shop-host: failed at dump after 62 s: pg_dump was killed by SIGKILL",
        ),
        (
            invocation({**DONE, "outcome": "refused", "reason": "another run is under way"}, exit_code=2),
            OperatorError,
            "dump on shop-host: refused: another run is under way",
        ),
        (
            invocation(
                "", status="Failed", exit_code=127, error="sh: 1: exec: /usr/local/sbin/database-backup: not found\n"
            ),
            OperationFailedError,
            "dump on shop-host: Failed, exit code 127, without an answer of the backup program: sh: 1: exec: "
            "/usr/local/sbin/database-backup: not found",
        ),
        (
            invocation('{"outcome": "done"', status="TimedOut", exit_code=-1),
            OperationFailedError,
            "dump on shop-host: TimedOut, exit code -1, without an answer of the backup program",
        ),
        (None, OperationFailedError, "Run Command does not know command c-1 any more"),
    ],
)
def test_end_that_is_no_good_one_is_told(ended: Invocation | None, kind: type[OperatorError], message: str) -> None:
    with pytest.raises(OperatorError) as failed:
        host(Commands(ended))[0].ask("dump")
    assert (type(failed.value), str(failed.value)) == (kind, message)


def test_answer_is_read_as_the_host_writes_it() -> None:
    answer = parsed(json.dumps({**DONE, "database": "look"}))
    assert answer is not None
    assert answer.document() == {**DONE, "database": "look"}
