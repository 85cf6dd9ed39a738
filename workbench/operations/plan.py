"""What every plan of an operation has in common."""

import time as _time
from collections.abc import Mapping
from typing import Any, Protocol


class Plan(Protocol):
    """What an operation is going to do, before it does anything."""

    def lines(self) -> list[str]:
        """Return what is going to happen, for the operator to read."""
        ...

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        ...


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
