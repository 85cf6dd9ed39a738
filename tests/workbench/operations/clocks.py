"""A clock for what waits: time passes only while somebody sleeps."""

from collections.abc import Callable
from dataclasses import dataclass, field

_LONGEST_WAIT_SECONDS = 86_400


@dataclass
class FakeClock:
    """Time that passes at once, and remembers how long each sleep was."""

    seconds: float = 0.0
    sleeps: list[float] = field(default_factory=list[float])
    meanwhile: list[Callable[[], object]] = field(default_factory=list[Callable[[], object]])
    """What happens during the next sleeps, one thing each."""

    def monotonic(self) -> float:
        """Return the seconds that were slept."""
        return self.seconds

    def sleep(self, seconds: float, /) -> None:
        """Let time pass."""
        self.seconds += seconds
        self.sleeps.append(seconds)
        assert self.seconds < _LONGEST_WAIT_SECONDS, "waited without end"
        if self.meanwhile:
            self.meanwhile.pop(0)()


def interrupt() -> None:
    """Press Ctrl-C."""
    raise KeyboardInterrupt
