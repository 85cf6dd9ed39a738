"""Asking AWS again and again for what is new, and going on when it throttles or does not answer."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exponential

from workbench.aws.shared.errors import AwsError, Reason
from workbench.operations.clock import Clock

PAUSE_SECONDS = 2.0
"""Between two readings. FilterLogEvents takes some five calls a second per account and region (CloudWatch Logs
quotas), and everybody who reads shares them."""

LONGEST_PAUSE_SECONDS = 60.0
"""Between two readings while AWS throttles or does not answer."""

T = TypeVar("T")


def patiently(attempt: Callable[[], T], clock: Clock, say: Callable[[str], None], *, until: float | None = None) -> T:
    """Return what an attempt returns; one that AWS throttles or does not answer is made again after a growing pause.

    ``say`` is told of each that failed. After ``until`` (the clock's) none is made again; None: there is no end to it.

    Raises:
        AwsError: when an attempt fails for a reason that does not pass by itself, or none succeeded in time.
    """

    def said(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        pause = state.next_action.sleep if state.next_action is not None else 0
        if isinstance(error, AwsError):
            say(f"{error.operation}: {error.code}; next try in {pause:.0f} s")

    return Retrying(
        retry=retry_if_exception(passes),
        wait=wait_exponential(multiplier=2 * PAUSE_SECONDS, max=LONGEST_PAUSE_SECONDS),
        stop=lambda _: until is not None and clock.monotonic() >= until,
        sleep=clock.sleep,
        before_sleep=said,
        reraise=True,
    )(attempt)


def follow(
    read: Callable[[], Iterable[T]], show: Callable[[T], None], clock: Clock, say: Callable[[str], None]
) -> None:
    """Show what each reading brings, without end. What a reading showed before it failed, the next one leaves out.

    Raises:
        AwsError: when a reading fails for a reason that does not pass by itself.
    """

    def reading() -> None:
        for one in read():
            show(one)

    while True:
        patiently(reading, clock, say)
        clock.sleep(PAUSE_SECONDS)


def passes(error: BaseException) -> bool:
    """Tell whether an error passes by itself: AWS throttled a call, or gave no answer."""
    return isinstance(error, AwsError) and error.reason in {Reason.THROTTLED, Reason.UNREACHABLE}
