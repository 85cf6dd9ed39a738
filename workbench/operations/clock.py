"""The clock by which operations wait."""

import time as _time
from typing import Protocol


class Clock(Protocol):
    """The passing of time, as far as operations wait for something."""

    def monotonic(self) -> float:
        """Return seconds that never go backwards."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Wait."""
        ...


CLOCK: Clock = _time
"""Time itself."""
