"""Things in words: how many, and which."""

from collections.abc import Sequence


def counted(count: float, thing: str) -> str:
    """Return how many there are of something: ``1 line``, ``2 lines``, ``0.5 lines``."""
    number = f"{count:g}" if isinstance(count, float) else f"{count}"
    return f"{number} {thing}" if count == 1 else f"{number} {thing}s"


def listed(things: Sequence[str]) -> str:
    """Return things as part of a sentence: ``a``, ``a and b``, ``a, b and c``; of none, ``nothing``."""
    *others, last = things or ["nothing"]
    return f"{', '.join(others)} and {last}" if others else last
