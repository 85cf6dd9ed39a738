"""Waiting hears of changes, endures silence for a while, and says what is left when it comes to nothing."""

from collections.abc import Callable, Iterator

import pytest

from tests.workbench.operations.clocks import FakeClock
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperationFailedError, OperationInterruptedError
from workbench.operations.stores.waiting import Patience, Seen, leaving, wait_until

CREATING, DONE = Seen(state="creating", is_done=False), Seen(state="available", is_done=True)


def refusal(reason: Reason) -> AwsError:
    return AwsError(operation="rds:DescribeDBClusters", target="copy", code="Code", message="no", reason=reason)


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
    failed = Seen(state="failed", is_done=False, failure="is failed")
    with pytest.raises(OperationFailedError) as raised:
        wait_until("copy", looks(CREATING, failed), Patience(hear=list[str]().append, clock=FakeClock()))
    assert raised.value.lines == ("copy: is failed",)


def test_waiting_lasts_until_the_time_is_over_and_hours_without_one() -> None:
    clock = FakeClock()
    wait_until("copy", looks(*[CREATING] * 5, DONE), Patience(hear=list[str]().append, clock=clock, timeout_seconds=60))
    assert clock.seconds == 75, "at exactly 60 seconds it was not over"
    with pytest.raises(OperationFailedError) as raised:
        wait_until("copy", looks(CREATING), Patience(hear=list[str]().append, clock=FakeClock()))
    assert raised.value.lines == ("copy: still creating after 14400 s",)


def test_waiting_ends_in_time() -> None:
    patience = Patience(hear=list[str]().append, clock=FakeClock(), timeout_seconds=60)
    with pytest.raises(OperationFailedError) as raised:
        wait_until("copy", looks(CREATING), patience)
    assert raised.value.lines == ("copy: still creating after 60 s",)


@pytest.mark.parametrize("reason", [Reason.THROTTLED, Reason.UNREACHABLE])
def test_silence_is_endured_for_five_minutes(reason: Reason) -> None:
    clock = FakeClock()
    patience = Patience(hear=list[str]().append, clock=clock)
    wait_until("copy", looks(*[refusal(reason)] * 21, DONE), patience)
    assert clock.seconds == 315, "the last one came at exactly five minutes"
    with pytest.raises(AwsError):
        wait_until("copy", looks(*[refusal(reason)] * 22, DONE), patience)


def test_refusal_is_not_endured() -> None:
    with pytest.raises(AwsError):
        wait_until("copy", looks(refusal(Reason.DENIED), DONE), Patience(hear=list[str]().append, clock=FakeClock()))


@pytest.mark.parametrize(
    ("came", "raised", "lines"),
    [
        (
            refusal(Reason.DENIED),
            OperationFailedError,
            (str(refusal(Reason.DENIED)), "unknown: False"),
        ),
        (
            refusal(Reason.UNREACHABLE),
            OperationFailedError,
            (str(refusal(Reason.UNREACHABLE)), "unknown: True"),
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
