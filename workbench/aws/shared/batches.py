"""Lists cut to what one call takes."""

from collections.abc import Iterator, Sequence


def batches(items: Sequence[str], size: int) -> Iterator[list[str]]:
    """Yield ``items`` in order, ``size`` at a time, the last ones fewer."""
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
