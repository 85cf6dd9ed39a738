"""Waiting for what AWS makes, and saying what is left when it does not come to that."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperationFailedError, OperationInterruptedError
from workbench.operations.clock import CLOCK, Clock
from workbench.operations.polling import passes

TIMEOUT_SECONDS = 4 * 3600
"""A large cluster is copied for hours; past this AWS is asked again by hand."""

_PAUSE_SECONDS = 15
_WITHOUT_ANSWER_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The progress of something that AWS makes."""

    state: str
    """In AWS's words."""
    is_done: bool
    failure: str | None = None
    """Why it will never be done."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """The way a command waits."""

    hear: Callable[[str], object]
    """Is told, in a line, whenever something changes."""
    clock: Clock = CLOCK
    waits: bool = True
    """False: return as soon as AWS has been asked for everything that can be asked for at once."""
    timeout_seconds: float = TIMEOUT_SECONDS


def wait_until(what: str, look: Callable[[], Seen], patience: Patience) -> None:
    """Return once something is done.

    A look that is throttled or gets no answer is repeated, for up to five minutes.

    Raises:
        OperationFailedError: when it fails, or is not done in time.
        AwsError: when AWS does not let us look, or gave no answer for too long.
    """
    clock = patience.clock
    began, heard = clock.monotonic(), ""
    while True:
        seen = _look(look, clock)
        if seen.failure is not None:
            raise OperationFailedError(f"{what}: {seen.failure}")
        seconds = clock.monotonic() - began
        if seen.state != heard:
            heard = seen.state
            patience.hear(f"{what}: {heard} after {seconds:.0f} s")
        if seen.is_done:
            return
        if seconds > patience.timeout_seconds:
            raise OperationFailedError(f"{what}: still {heard} after {patience.timeout_seconds:.0f} s")
        clock.sleep(_PAUSE_SECONDS)


def _look(look: Callable[[], Seen], clock: Clock) -> Seen:
    began = clock.monotonic()
    while True:
        try:
            return look()
        except AwsError as error:
            silent = clock.monotonic() - began > _WITHOUT_ANSWER_SECONDS
            if silent or not passes(error):
                raise
        clock.sleep(_PAUSE_SECONDS)


@contextmanager
def leaving(left: Callable[[bool], Sequence[str]]) -> Generator[None]:
    """Say what is left when the block fails or is interrupted.

    ``left`` is told whether it is unknown if the last request was carried out.
    """
    try:
        yield
    except AwsError as error:
        raise OperationFailedError(str(error), *left(error.reason is Reason.UNREACHABLE)) from None
    except OperationFailedError as error:
        raise OperationFailedError(*error.lines, *left(False)) from None
    except KeyboardInterrupt:
        raise OperationInterruptedError("Interrupted.", *left(True)) from None
