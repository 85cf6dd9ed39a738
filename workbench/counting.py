"""Things in words: how many, and which."""

from collections.abc import Sequence


def counted(count: int, thing: str) -> str:
    """Return how many there are of something: ``1 line``, ``2 lines``."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def listed(things: Sequence[str]) -> str:
    """Return things as part of a sentence: ``a``, ``a and b``, ``a, b and c``; of none, ``nothing``."""
    *others, last = things or ["nothing"]
    return f"{', '.join(others)} and {last}" if others else last
