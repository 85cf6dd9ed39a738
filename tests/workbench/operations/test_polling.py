"""Asking again while AWS throttles or does not answer, with growing pauses, and never for another reason."""

from collections.abc import Callable, Iterator

import pytest

from tests.workbench.operations.clocks import FakeClock, interrupt
from tests.workbench.operations.failing import failure
from workbench.aws.shared.errors import AwsError, Reason
from workbench.operations.polling import follow, patiently

THROTTLED = failure("logs:FilterLogEvents", Reason.THROTTLED, "ThrottlingException")
SILENT = failure("logs:FilterLogEvents", Reason.UNREACHABLE, "ConnectTimeoutError")


def answers(*given: str | Exception) -> Callable[[], str]:
    """Return an attempt that brings these, one after the other."""
    left: Iterator[str | Exception] = iter(given)

    def attempt() -> str:
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return attempt


def test_attempt_is_made_again_after_growing_pauses() -> None:
    clock, said = FakeClock(), list[str]()
    attempt = answers(THROTTLED, SILENT, *[THROTTLED] * 5, "read")
    assert patiently(attempt, clock, said.append) == "read"
    assert clock.sleeps == [4, 8, 16, 32, 60, 60, 60]
    assert said[:2] == [
        "logs:FilterLogEvents: ThrottlingException; next try in 4 s",
        "logs:FilterLogEvents: ConnectTimeoutError; next try in 8 s",
    ]


@pytest.mark.parametrize(("until", "pauses"), [(3.9, 1), (4, 1), (4.1, 2), (0, 0)])
def test_attempts_end_in_time(until: float, pauses: int) -> None:
    clock = FakeClock()
    with pytest.raises(AwsError):
        patiently(answers(*[THROTTLED] * 9), clock, list[str]().append, until=until)
    assert len(clock.sleeps) == pauses


@pytest.mark.parametrize(
    "error", [failure("x:Y", Reason.DENIED), failure("x:Y", Reason.CREDENTIALS), ValueError("ours")]
)
def test_what_does_not_pass_by_itself_is_raised_at_once(error: Exception) -> None:
    clock = FakeClock()
    with pytest.raises(type(error)):
        patiently(answers(error, "read"), clock, list[str]().append)
    assert clock.sleeps == []


def test_following_shows_what_each_reading_brings_until_it_is_interrupted() -> None:
    clock, shown, said = FakeClock(), list[str](), list[str]()
    clock.meanwhile = [lambda: None, lambda: None, interrupt]
    attempt = answers("ab", THROTTLED, "c")
    with pytest.raises(KeyboardInterrupt):
        follow(attempt, shown.append, clock, said.append)
    assert (shown, clock.sleeps, len(said)) == (["a", "b", "c"], [2, 4, 2], 1)
