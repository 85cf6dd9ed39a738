"""Starts the services of a resolved compose model in compose's order, and writes down what happened."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from tests.local_dev.model import Condition, Service
from tests.local_dev.rules import State, in_order, startable, stopped_by

_BETWEEN_LOOKS_SECONDS = 0.02
_BETWEEN_CHECKS_SECONDS = 0.2
"""Oftener than any interval of a compose file, so that nobody waits for the next one; what a service is given until its
first success is the file's."""


class Process(Protocol):
    """A service that was started."""

    def ended(self) -> int | None:
        """Return the exit code; None: it runs."""
        ...

    def begin_check(self) -> None:
        """Run the command of the health check."""
        ...

    def checked(self) -> bool | None:
        """Return whether the check that was begun succeeded; None: it runs."""
        ...

    def last_words(self) -> str:
        """Return the last line that it wrote."""
        ...

    def last_words_of_check(self) -> str:
        """Return the last line that its last check wrote."""
        ...

    def stop(self) -> int | None:
        """Send the stop signal and wait; return the exit code, or None where it had to be killed."""
        ...


@dataclass(frozen=True)
class Event:
    """The moment in which a service came into a state."""

    service: str
    state: State


@dataclass
class _Started:
    process: Process
    at: float
    next_check: float
    checking: bool = False
    starts: int = 1


class Runner:
    """The services of one model, and how far each has come."""

    def __init__(
        self,
        services: Mapping[str, Service],
        start: Callable[[Service], Process],
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        in_order(services)
        self.services = dict(services)
        self.states = dict.fromkeys(services, State.WAITING)
        self.events: list[Event] = []
        self._start, self._clock, self._pause = start, clock, pause
        self._started: dict[str, _Started] = {}

    def up(self, *, late: Collection[str] = ()) -> dict[str, str]:
        """Start what may start, until nothing more can happen without those that come late.

        Returns: what went wrong, by service; empty: nothing.
        """
        while True:
            self._look()
            for name in startable(self.services, self.states, late):
                self._begin(name)
            if State.STARTING not in self.states.values():
                return self._what_went_wrong()
            self._pause(_BETWEEN_LOOKS_SECONDS)

    def stop(self, names: Iterable[str] | None = None) -> list[str]:
        """Stop some services, or all, each before those that it waits for; return those that had to be killed."""
        wanted = self.services if names is None else set(names)
        killed: list[str] = []
        for name in reversed(in_order(self.services)):
            started = self._started.pop(name, None) if name in wanted else None
            if started:
                if started.process.ended() is None and started.process.stop() is None:
                    killed.append(name)
                self.states[name] = State.WAITING
        return killed

    def replace(self, services: Mapping[str, Service]) -> None:
        """Go over to another model, as ``up`` with a changed file does: what changed is stopped, and starts anew."""
        in_order(services)
        self.stop(name for name, service in self.services.items() if services.get(name) != service)
        self.services = dict(services)
        self.states = {name: self.states.get(name, State.WAITING) for name in services}

    def _begin(self, name: str, *, starts: int = 1) -> None:
        now = self._clock()
        self._started[name] = _Started(self._start(self.services[name]), at=now, next_check=now, starts=starts)
        self._enter(name, State.STARTING if self._is_awaited(name) else State.RUNNING)

    def _look(self) -> None:
        """Take note of what ended, and of what became healthy or was not in its time."""
        for name, started in list(self._started.items()):
            code = started.process.ended()
            if code is not None:
                if self.states[name] not in {State.COMPLETED, State.FAILED}:
                    self._enter(name, State.COMPLETED if code == 0 else State.FAILED)
                    if code != 0 and started.starts <= self.services[name].restarts:
                        self._begin(name, starts=started.starts + 1)
            elif self.states[name] is State.STARTING and self.services[name].health_check:
                self._check(name, started)

    def _check(self, name: str, started: _Started) -> None:
        now = self._clock()
        check = self.services[name].health_check
        assert check is not None
        if not started.checking:
            if now >= started.next_check:
                started.process.begin_check()
                started.checking = True
            return
        healthy = started.process.checked()
        if healthy is None:
            return
        started.checking, started.next_check = False, now + _BETWEEN_CHECKS_SECONDS
        if healthy:
            self._enter(name, State.HEALTHY)
        elif now - started.at >= check.patience:
            self._enter(name, State.UNHEALTHY)

    def _is_awaited(self, name: str) -> bool:
        return self.services[name].health_check is not None or any(
            service.waits_for.get(name) is Condition.COMPLETED for service in self.services.values()
        )

    def _enter(self, name: str, state: State) -> None:
        self.states[name] = state
        self.events.append(Event(name, state))

    def _what_went_wrong(self) -> dict[str, str]:
        wrong: dict[str, str] = {}
        for name, state in self.states.items():
            ended_early = state is State.COMPLETED and self.services[name].restarts
            if ended_early or state in {State.FAILED, State.UNHEALTHY}:
                process = self._started[name].process
                checked = process.last_words_of_check() if state is State.UNHEALTHY else ""
                wrong[name] = f"{state}: {checked or process.last_words()}"
        return wrong | {name: f"waits for {other}" for name, other in stopped_by(self.services, self.states).items()}
