"""A copy that takes over from what is live, as kinds of stores share it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class Readers:
    """Whoever reads a store's secret, and what was released to them."""

    services: Mapping[str, Sequence[str]]
    """The services by the secrets that they read when they start."""
    restarts: Mapping[str, str]
    """By service, the command that starts it anew; of several it may be the same one."""
    migrations_after: Callable[[datetime], Sequence[str] | None]
    """Returns the migrations that were released after a moment, the oldest first; None: that is not known."""


class SwitchPlan(Protocol):
    """What is going to be changed, and what is left to do."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to be changed."""
        ...

    def lines(self) -> list[str]:
        """Return what is going to happen, for the operator to read."""
        ...

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        ...

    def next_steps(self) -> list[str]:
        """Return what is left to do, in this order."""
        ...


@dataclass(frozen=True, kw_only=True)
class Switching:
    """A plan, and the function that carries it out."""

    plan: SwitchPlan
    execute: Callable[[], None]
