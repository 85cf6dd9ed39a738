"""Runs of what an operation takes only so many of at a time."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

_Item = TypeVar("_Item")


def batches(items: Sequence[_Item], size: int) -> Iterator[Sequence[_Item]]:
    """Yield ``items`` in order, ``size`` at a time, the last ones fewer."""
    return (items[first : first + size] for first in range(0, len(items), size))
