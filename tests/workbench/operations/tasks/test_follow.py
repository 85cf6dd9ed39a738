"""A task is watched to its end, its last lines too, and whatever breaks meanwhile is told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from tests.workbench.operations.clocks import FakeClock
from tests.workbench.operations.failing import failure
from tests.workbench.operations.tasks.described import CONTAINER, CREATED, TASK, stopped
from workbench.aws.ecs.tasks import EcsTasks, Task
from workbench.aws.logs.events import LogLine
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperationFailedError
from workbench.operations.tasks.follow import Stopped, Watcher, watch
from workbench.operations.tasks.log_lines import LogReader

THROTTLED = failure("ecs:DescribeTasks", Reason.THROTTLED, "ThrottlingException")
UNREACHABLE = failure("ecs:DescribeTasks", Reason.UNREACHABLE, "EndpointConnectionError")
EXPIRED = failure("ecs:DescribeTasks", Reason.CREDENTIALS, "ExpiredTokenException")
LOGS_THROTTLED = failure("logs:FilterLogEvents", Reason.THROTTLED, "ThrottlingException")

Answer = Task | AwsError | type[KeyboardInterrupt] | None


@dataclass
class FakeTasks:
    """ECS: one answer after the other, the last one for good. None: it knows no such task."""

    answers: list[Answer]

    def described(self, arns: Sequence[str]) -> list[Task]:
        assert list(arns) == [TASK.arn]
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            return []
        if isinstance(answer, Task):
            return [answer]
        raise answer


@dataclass
class FakeReader:
    """The log: lines by the second from which on they are visible."""

    clock: FakeClock
    lines: dict[float, list[str]] = field(default_factory=dict[float, list[str]])
    fails_at: dict[float, AwsError] = field(default_factory=dict[float, AwsError])

    def new_lines(self) -> Iterator[LogLine]:
        for second in [second for second in self.fails_at if second <= self.clock.seconds]:
            raise self.fails_at.pop(second)
        for second in [second for second in self.lines if second <= self.clock.seconds]:
            for message in self.lines.pop(second):
                yield LogLine(time=CREATED, stream="api/api/abc123", message=message)


@dataclass
class Watched:
    """Somebody who watches a task, and what is shown and said to them."""

    answers: list[Answer]
    lines: dict[float, list[str]] = field(default_factory=dict[float, list[str]])
    fails_at: dict[float, AwsError] = field(default_factory=dict[float, AwsError])
    essential: frozenset[str] = frozenset()
    clock: FakeClock = field(default_factory=FakeClock)
    shown: list[str] = field(default_factory=list[str])
    said: list[str] = field(default_factory=list[str])

    def watch(self, timeout_seconds: float | None = None) -> Stopped:
        watcher = Watcher(
            tasks=cast(EcsTasks, FakeTasks(self.answers)),
            reader=cast(LogReader, FakeReader(self.clock, self.lines, self.fails_at)),
            clock=self.clock,
            show=lambda line: self.shown.append(line.message),
            say=self.said.append,
            essential=self.essential,
        )
        return watch(replace(TASK, status="PROVISIONING"), "api", watcher, timeout_seconds=timeout_seconds)


def test_lines_are_shown_as_they_come_and_states_are_said() -> None:
    watched = Watched([TASK, TASK, stopped(0)], lines={2.0: ["one", "two"], 4.0: ["three"]})
    assert watched.watch() == Stopped(task=stopped(0), cut_short_by=None)
    assert watched.shown == ["one", "two", "three"]
    assert watched.said == ["task abc123: RUNNING", "task abc123: STOPPED"]


def test_lines_that_come_after_the_stop_are_not_lost() -> None:
    # Each within six quiet seconds of the one before it.
    watched = Watched([stopped(0)], lines={5.0: ["late"], 10.0: ["later"], 15.0: ["last"], 22.0: ["too late"]})
    watched.watch()
    assert (watched.shown, watched.clock.seconds) == (["late", "later", "last"], 21.0)


def test_log_that_never_gets_quiet_is_left_after_a_minute() -> None:
    watched = Watched([stopped(0)], lines={float(second): [str(second)] for second in range(200)})
    watched.watch()
    assert watched.shown[-1] == "59"
    assert watched.said[-1] == "The log was not quiet within 60 s of the stop: last lines may be missing."


def test_failing_log_after_the_stop_does_not_hide_how_the_task_ended() -> None:
    watched = Watched([stopped(3)], lines={3.0: ["last"]}, fails_at={1.0: EXPIRED, 2.0: LOGS_THROTTLED})
    assert watched.watch().task == stopped(3)
    assert watched.shown == ["last"]
    assert watched.said[1:] == [str(EXPIRED), str(LOGS_THROTTLED)]


def test_throttling_and_lost_connections_are_waited_out() -> None:
    watched = Watched(
        [THROTTLED, UNREACHABLE, UNREACHABLE, TASK, THROTTLED, stopped(0)], lines={0.0: ["one"], 20.0: ["two"]}
    )
    watched.watch()
    assert watched.shown == ["one", "two"]
    assert watched.said == [
        "ecs:DescribeTasks: ThrottlingException; next try in 4 s",
        "ecs:DescribeTasks: EndpointConnectionError; next try in 8 s",
        "ecs:DescribeTasks: EndpointConnectionError; next try in 16 s",
        "task abc123: RUNNING",
        "ecs:DescribeTasks: ThrottlingException; next try in 4 s",
        "task abc123: STOPPED",
    ]


def test_what_does_not_pass_by_itself_ends_the_watching() -> None:
    with pytest.raises(AwsError) as raised:
        Watched([TASK, EXPIRED]).watch()
    assert raised.value is EXPIRED


def test_timeout_ends_the_watching_and_not_the_task() -> None:
    with pytest.raises(OperationFailedError, match=r"^--timeout: task abc123 is RUNNING after 6 s$"):
        Watched([TASK]).watch(timeout_seconds=5)


def test_timeout_holds_while_nothing_answers() -> None:
    watched = Watched([TASK, UNREACHABLE])
    with pytest.raises(AwsError) as raised:
        watched.watch(timeout_seconds=5)
    assert raised.value is UNREACHABLE
    assert watched.clock.seconds <= 10


def test_task_may_be_unknown_at_first_and_not_for_long() -> None:
    assert Watched([None, None, TASK, stopped(0)]).watch().task == stopped(0)
    with pytest.raises(OperationFailedError, match=r"^ECS does not know task abc123 any more$"):
        Watched([TASK, None]).watch()


SIDECAR = replace(CONTAINER, name="proxy", status="STOPPED", exit_code=1)


@pytest.mark.parametrize(
    ("essential", "own_status", "expected"),
    [
        (frozenset({"proxy"}), "RUNNING", "proxy"),
        # The command ended first, and ECS ended the other one.
        (frozenset({"proxy"}), "STOPPED", None),
        # One that is meant to end before.
        (frozenset[str](), "RUNNING", None),
    ],
)
def test_container_that_ends_the_task_before_the_command_is_done_is_noticed(
    essential: frozenset[str], own_status: str, expected: str | None
) -> None:
    stopping = replace(TASK, containers=(replace(CONTAINER, status=own_status), SIDECAR))
    assert Watched([stopping, stopped(0)], essential=essential).watch().cut_short_by == expected
