"""What the server's process knows of itself: its own address, and what is to be done when it ends."""

from collections.abc import Callable
from contextlib import suppress

_ADDRESS: list[str] = []
_LAST: list[Callable[[], None]] = []


def be_at(url: str) -> None:
    """Note the address under which this process answers."""
    _ADDRESS[:] = [url]


def endpoint_url() -> str:
    """Return the address under which this process answers, for what it runs itself."""
    return _ADDRESS[0]


def at_end(act: Callable[[], None]) -> None:
    """Have something done before the process ends, unless it is killed."""
    _LAST.append(act)


def end() -> None:
    """Do it. What fails is nobody's business any more."""
    for act in _LAST:
        with suppress(Exception):
            act()
