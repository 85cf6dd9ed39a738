"""Concurrent readings, each of which may fail without the others."""

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, ParamSpec, TypeVar

from workbench.aws.shared.errors import AwsError

_T = TypeVar("_T")
_P = ParamSpec("_P")

_THREADS = 8
"""Below the ten connections that a client of boto3 keeps (``max_pool_connections``)."""


@dataclass(frozen=True)
class Unread:
    """What AWS did not let be read: refused, throttled, not reached."""

    why: str
    """The call, of what, and what came back, in one line."""
    kind: str = ""
    """What is the same of all calls that fail alike."""


def all_alike(unread: Sequence[Unread]) -> str | None:
    """Return in one line why nothing at all could be read, or None when the reasons differ."""
    if not unread or len({one.kind or one.why for one in unread}) > 1:
        return None
    return f"Nothing could be read; every call failed alike, as this one: {unread[0].why}"


@dataclass(frozen=True)
class Unclear:
    """A source other than AWS that gave no usable answer."""

    why: str


def attempt(read: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T | Unread:
    """Read one thing now, and return it, or why it was not read."""
    try:
        return read(*args, **kwargs)
    except AwsError as error:
        return Unread(error.lines[0], error.kind)


class Reading(Generic[_T]):
    """One thing that is being read."""

    def __init__(self, future: Future[_T | Unread]) -> None:
        self._future = future

    def outcome(self) -> _T | Unread:
        """Wait for it and return it, or why it was not read. What is a fault of ours is raised."""
        return self._future.result()


class Readers:
    """Threads that read. Clients are made beforehand: boto3's sessions are not for several threads, clients are."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def start(self, read: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> Reading[_T]:
        """Begin to read one thing."""
        return Reading(self._pool.submit(attempt, read, *args, **kwargs))


@contextmanager
def readers() -> Generator[Readers]:
    """Give threads to the block. When it is left by an exception, what was not begun is not read any more."""
    pool = ThreadPoolExecutor(_THREADS)
    try:
        yield Readers(pool)
    finally:
        pool.shutdown(cancel_futures=True)
