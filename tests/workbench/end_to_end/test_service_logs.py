"""``zelly service logs`` against the embedded AWS."""

import json
import time
from typing import Any

import pytest

from tests.workbench.conftest import Completed, Operator, Up
from tests.workbench.operations.clocks import FakeClock, interrupt
from workbench.aws.logs.events import Logs
from workbench.aws.shared.errors import AwsError, Reason

TRIAL = ("--stack", "trial")


@pytest.fixture
def written(up: Up) -> Any:
    """Write lines into streams of a log group that no container writes to; the group is as before at the end."""
    logs = up.client("logs", "eu-west-1")
    group = "/sample/ecs/tools"
    streams: list[str] = []

    def write(stream: str, *lines: tuple[int, str]) -> None:
        if stream not in streams:
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
            streams.append(stream)
        events = [{"timestamp": milliseconds, "message": message} for milliseconds, message in lines]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    yield write
    for stream in streams:
        logs.delete_log_stream(logGroupName=group, logStreamName=stream)


DASHBOARD, INSIGHT = "console/console/aaaa1111bbbb", "browser/browser/cccc2222dddd"


def logs(operator: Operator, *arguments: str) -> list[tuple[str, str, str]]:
    completed = operator.run("service", "logs", "tools", *TRIAL, "--json", *arguments)
    lines = [json.loads(line) for line in completed.stdout.splitlines()]
    assert completed.exit_code == 0
    assert completed.stderr == "" if lines else completed.stderr.startswith("No such line of tools since 20")
    return [(line["container"], line["task"], line["message"]) for line in lines]


def test_lines_are_chosen_by_time_container_task_and_pattern(operator: Operator, written: Any) -> None:
    now = int(time.time() * 1000)
    minute = 60_000
    written(DASHBOARD, (now - 20 * minute, "old"), (now - 9 * minute, "ERROR one"), (now - minute, "three"))
    written(INSIGHT, (now - 6 * minute, "ERROR two"))
    first, second, third = (
        ("console", "aaaa1111bbbb", "ERROR one"),
        ("browser", "cccc2222dddd", "ERROR two"),
        ("console", "aaaa1111bbbb", "three"),
    )
    assert logs(operator) == [first, second, third]
    assert logs(operator, "--since", "1h") == [("console", "aaaa1111bbbb", "old"), first, second, third]
    assert logs(operator, "--since", "3m") == [third]
    assert logs(operator, "--container", "browser") == [second]
    assert logs(operator, "--task", "aaaa") == [first, third]
    assert logs(operator, "--task", "aaaa", "--container", "browser") == []
    assert logs(operator, "--filter", "ERROR") == [first, second]


def test_lines_are_read_in_utc_with_container_and_task(operator: Operator, written: Any) -> None:
    milliseconds = int(time.time()) * 1000 - 5_000
    written(DASHBOARD, (milliseconds + 999, "Listening on 3000"))
    shown = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(milliseconds // 1000))
    assert operator.run("service", "logs", "tools", *TRIAL) == Completed(
        exit_code=0, stdout=f"{shown} console aaaa1111 Listening on 3000\n", stderr=""
    )


def test_following_shows_what_comes_and_ends_quietly_with_ctrl_c(
    operator: Operator, written: Any, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = int(time.time() * 1000)
    written(DASHBOARD, (now - 9_000, "one"))
    # Late and in the same millisecond as the last one; a pause without lines; throttled; Ctrl-C.
    later = [
        lambda: written(DASHBOARD, (now - 8_000, "two"), (now - 8_000, "three")),
        lambda: written(INSIGHT, (now - 60_000, "late"), (now - 8_000, "four")),
        lambda: None,
        lambda: monkeypatch.setattr(Logs, "lines", throttled),
        lambda: monkeypatch.setattr(Logs, "lines", healthy),
        lambda: written(DASHBOARD, (now - 7_000, "five")),
        interrupt,
    ]
    healthy = Logs.lines

    def throttled(*_: object, **__: object) -> Any:
        raise AwsError(
            operation="logs:FilterLogEvents",
            target="it",
            code="ThrottlingException",
            message="",
            reason=Reason.THROTTLED,
        )

    clock.meanwhile += later
    completed = operator.run("service", "logs", "tools", *TRIAL, "--follow")
    assert (completed.exit_code, completed.stderr) == (
        130,
        "logs:FilterLogEvents: ThrottlingException; next try in 4 s\n",
    )
    assert [line.split()[-1] for line in completed.stdout.splitlines()] == [
        "one",
        "two",
        "three",
        "late",
        "four",
        "five",
    ]
