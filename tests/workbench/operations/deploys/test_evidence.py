"""Why tasks failed, as it is told."""

from typing import Any, cast

import pytest

from tests.workbench.operations.failing import failure
from tests.workbench.operations.seen import NOW, container, exited, task
from workbench.aws.ecs.tasks import TaskContainer
from workbench.aws.logs.events import LogLine
from workbench.aws.shared.errors import AwsError, Reason
from workbench.operations.deploys.evidence import LOG_LINES, evidence, failing_container


class FakeLogs:
    """Answers for one stream."""

    def __init__(self, stream: str, lines: list[str] | AwsError) -> None:
        self._stream = stream
        self._lines = lines

    def last_lines(self, group: str, stream: str, count: int) -> list[LogLine]:
        assert (group, stream, count) == ("/shop/api", self._stream, LOG_LINES)
        if isinstance(self._lines, AwsError):
            raise self._lines
        return [LogLine(time=NOW, stream=stream, message=line) for line in self._lines]


def told(tasks: list[Any], stream: str, lines: list[str] | AwsError) -> list[str]:
    return evidence(tasks, log_group="/shop/api", logs=cast(Any, FakeLogs(stream, lines)))


def test_the_newest_failed_tasks_container_is_quoted() -> None:
    assert told([exited(1), exited(2)], "api/api/task2", ["starting", "\x1b[31mno such module\x07"]) == [
        "Stopped 2 times: Essential container in task exited",
        "Container api of task task2, exit code 1",
        "The end of its log (/shop/api, api/api/task2):",
        "  starting",
        "   [31mno such module ",
    ]


def test_a_container_that_never_started_has_a_reason_and_no_log() -> None:
    reason = "CannotPullContainerError: shop/api@sha256:0: not found"
    failed = task(
        3, stop_code="TaskFailedToStart", reason=reason, containers=(container("api", reason=reason), container("web"))
    )
    assert told([failed], "api/api/task3", []) == [
        f"Stopped once: {reason}",
        f"Container api of task task3, {reason}",
        "It wrote nothing to /shop/api, api/api/task3.",
    ]


def test_a_log_that_may_not_be_read_is_one_line() -> None:
    error = failure("logs:GetLogEvents", Reason.DENIED)
    assert told([exited(1)], "api/api/task1", error)[-1] == f"Its log could not be read: {error}"


def test_without_a_failed_task_there_is_nothing_to_tell() -> None:
    assert told([task(1)], "none", []) == []


@pytest.mark.parametrize(
    ("containers", "name"),
    [
        ((container("web", exit_code=143), container("api", exit_code=1)), "api"),
        ((container("web", exit_code=0), container("api", exit_code=137, reason="OutOfMemoryError")), "api"),
        ((container("web", exit_code=1), container("api", exit_code=137, reason="OutOfMemoryError")), "api"),
        ((container("web", exit_code=143), container("api", exit_code=137, health="UNHEALTHY")), "api"),
        ((container("web", exit_code=0),), "web"),
    ],
)
def test_the_container_that_took_the_task_down_is_found(containers: tuple[TaskContainer, ...], name: str) -> None:
    found = failing_container(task(1, stop_code="EssentialContainerExited", containers=containers))
    assert found is not None
    assert found.name == name
