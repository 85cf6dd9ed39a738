"""Services that are no processes, on a clock that does not run by itself: for the tests of the runner's own rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.local_dev.model import Condition, HealthCheck, Service
from tests.local_dev.runner import Runner

ASKED = HealthCheck(test=("CMD", "true"), interval=2, timeout=1, start_period=10, retries=5)
"""Unhealthy after twenty seconds without a success."""


def service(name: str, *, check: HealthCheck | None = ASKED, **waits_for: Condition) -> Service:
    """Return a service that waits for others."""
    return Service(name=name, image=name, health_check=check, waits_for=waits_for)


@dataclass
class Clock:
    """A clock that moves as somebody pauses."""

    now: float = 0.0

    def read(self) -> float:
        """Return the time."""
        return self.now

    def pause(self, seconds: float) -> None:
        """Let time go by."""
        self.now += seconds


@dataclass
class Behaviour:
    """What a service does, in seconds after its start; None: never."""

    healthy_after: float | None = 0.1
    ends_after: float | None = None
    code: int = 0
    heeds_signals: bool = True


@dataclass
class FakeProcess:
    """A service that was started at a time."""

    behaviour: Behaviour
    clock: Clock
    started_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.started_at = self.clock.now

    def ended(self) -> int | None:
        """Return the exit code after its time."""
        return self.behaviour.code if self._is_over(self.behaviour.ends_after) else None

    def begin_check(self) -> None:
        """Do nothing: the answer is known at once."""

    def checked(self) -> bool | None:
        """Return whether it has become healthy."""
        return self._is_over(self.behaviour.healthy_after)

    def last_words(self) -> str:
        """Return what a program might say."""
        return "it says why"

    def last_words_of_check(self) -> str:
        """Return what a check might say."""
        return "nobody answers"

    def stop(self) -> int | None:
        """End, or have to be killed."""
        return 0 if self.behaviour.heeds_signals else None

    def _is_over(self, after: float | None) -> bool:
        return after is not None and self.clock.now - self.started_at >= after


def runner_of(services: Sequence[Service], **behaviours: Behaviour) -> tuple[Runner, Clock]:
    """Return a runner of services, of which some behave in their own way, and its clock."""
    clock = Clock()
    return (
        Runner(
            {each.name: each for each in services},
            lambda each: FakeProcess(behaviours.get(each.name, Behaviour()), clock),
            clock=clock.read,
            pause=clock.pause,
        ),
        clock,
    )
