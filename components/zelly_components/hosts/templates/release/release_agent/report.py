"""The one JSON document that an action ends with, and its talk."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

    from release_agent.units import State


@dataclass
class Stage:
    """One stage of an action."""

    name: str
    seconds: float = 0.0
    detail: str = ""


@dataclass
class Report:
    """What an action says of itself."""

    action: str
    environment: str
    release: str | None
    service: str
    outcome: str = "failed"
    reason: str | None = None
    stages: list[Stage] = field(default_factory=list)
    services: dict[str, State] = field(default_factory=dict)
    unconfirmed_until: str | None = None
    history: list[dict[str, Any]] | None = None

    @contextmanager
    def stage(self, name: str) -> Generator[Stage, None, None]:
        """Measure a stage, and say when it begins and ends."""
        stage = Stage(name)
        self.stages.append(stage)
        say(f"{name} …")
        started = time.monotonic()
        try:
            yield stage
        finally:
            stage.seconds = round(time.monotonic() - started, 1)
        say(f"{name}: {stage.detail}")

    def document(self) -> dict[str, Any]:
        """Return the document."""
        document: dict[str, Any] = {
            "action": self.action,
            "environment": self.environment,
            "release": self.release,
            "service": self.service,
            "outcome": self.outcome,
            "stage": self.stages[-1].name if self.stages else None,
            "reason": self.reason,
            "stages": [vars(stage) for stage in self.stages],
            "services": {name: vars(state) for name, state in self.services.items()},
            "unconfirmed_until": self.unconfirmed_until,
        }
        return document if self.history is None else {**document, "history": self.history}


def say(line: str) -> None:
    """Tell people something, in one line."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
