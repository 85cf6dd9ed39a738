"""Waiting hears of changes, endures silence for a while, and says what is left when it comes to nothing."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.workbench.operations.clocks import FakeClock
from tests.workbench.operations.failing import failed, failure
from tests.workbench.operations.stores.places import patience
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperationFailedError, OperationInterruptedError
from workbench.operations.stores.waiting import Patience, Seen, leaving, wait_until

CREATING, DONE = Seen(state="creating", is_done=False), Seen(state="available", is_done=True)


def looks(*answers: Seen | BaseException) -> Callable[[], Seen]:
    """Return a look that sees these, one after the other; the last for ever."""
    waiting: Iterator[Seen | BaseException] = iter(answers)
    last = answers[-1]

    def look() -> Seen:
        answer = next(waiting, last)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    return look


def test_changes_are_heard_of_once() -> None:
    heard: list[str] = []
    clock = FakeClock()
    wait_until("copy", looks(CREATING, CREATING, DONE), Patience(hear=heard.append, clock=clock))
    assert heard == ["copy: creating after 0 s", "copy: available after 30 s"]
    assert clock.sleeps == [15, 15]


def test_failure_ends_the_waiting() -> None:
    broken = Seen(state="failed", is_done=False, failure="is failed")
    assert failed(wait_until, "copy", looks(CREATING, broken), patience()) == ["copy: is failed"]


def test_waiting_lasts_until_the_time_is_over_and_hours_without_one() -> None:
    clock = FakeClock()
    wait_until("copy", looks(*[CREATING] * 5, DONE), replace(patience(clock), timeout_seconds=60))
    assert clock.seconds == 75, "at exactly 60 seconds it was not over"
    assert failed(wait_until, "copy", looks(CREATING), patience()) == ["copy: still creating after 14400 s"]


def test_waiting_ends_in_time() -> None:
    short = replace(patience(), timeout_seconds=60)
    assert failed(wait_until, "copy", looks(CREATING), short) == ["copy: still creating after 60 s"]


@pytest.mark.parametrize("reason", [Reason.THROTTLED, Reason.UNREACHABLE])
def test_silence_is_endured_for_five_minutes(reason: Reason) -> None:
    clock = FakeClock()
    enduring = patience(clock)
    wait_until("copy", looks(*[failure("rds:DescribeDBClusters", reason)] * 21, DONE), enduring)
    assert clock.seconds == 315, "the last one came at exactly five minutes"
    with pytest.raises(AwsError):
        wait_until("copy", looks(*[failure("rds:DescribeDBClusters", reason)] * 22, DONE), enduring)


def test_refusal_is_not_endured() -> None:
    with pytest.raises(AwsError):
        wait_until("copy", looks(failure("rds:DescribeDBClusters", Reason.DENIED), DONE), patience())


@pytest.mark.parametrize(
    ("came", "raised", "lines"),
    [
        (
            failure("rds:DescribeDBClusters", Reason.DENIED),
            OperationFailedError,
            (str(failure("rds:DescribeDBClusters", Reason.DENIED)), "unknown: False"),
        ),
        (
            failure("rds:DescribeDBClusters", Reason.UNREACHABLE),
            OperationFailedError,
            (str(failure("rds:DescribeDBClusters", Reason.UNREACHABLE)), "unknown: True"),
        ),
        (OperationFailedError("copy: is failed"), OperationFailedError, ("copy: is failed", "unknown: False")),
        (KeyboardInterrupt(), OperationInterruptedError, ("Interrupted.", "unknown: True")),
    ],
)
def test_what_is_left_is_said(
    came: BaseException, raised: type[OperationFailedError | OperationInterruptedError], lines: tuple[str, ...]
) -> None:
    with pytest.raises(raised) as ended, leaving(lambda unknown: [f"unknown: {unknown}"]):
        raise came
    assert ended.value.lines == lines
