"""The hours within which an environment runs, as tools read them."""

from datetime import timedelta
from typing import Protocol


class RunningHours(Protocol):
    """The hours within which an environment runs, in the time of one place."""

    @property
    def weekdays(self) -> tuple[str, ...]:
        """The days, ``mon`` to ``sun``."""
        ...

    @property
    def start(self) -> str:
        """The time of day at which it starts, ``08:00``."""
        ...

    @property
    def stop(self) -> str:
        """The time of the same day at which it stops."""
        ...

    @property
    def time_zone(self) -> str:
        """The place's, by its IANA name."""
        ...

    @property
    def starting(self) -> timedelta:
        """The time that starting may take."""
        ...
