"""The parts that restorations of all kinds of stores share: where, of what, the plan, and its outcome."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from workbench import words
from workbench.operations.stores.waiting import Patience
from workbench.operations.times import utc


@dataclass(frozen=True, kw_only=True)
class RestoreChoice:
    """The choice of what is restored."""

    source: str | None
    """As it was typed; None: the newest."""
    again: bool = False
    """Whether to restore it although it was before."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The environment in which a store is restored."""

    program: str
    stack: str
    region: str
    store: str | None = None
    """The store's label, where the environment has several of its kind."""

    @property
    def origin_tag(self) -> str:
        """The tag that tells a copy from what is live, with what it was made of as its value."""
        return f"{self.program}:restored-from"

    def command(self, verb: str, option: str, source: str) -> str:
        """Return the command that restores something, to be named in a text."""
        which = [] if self.store is None else ["--store", shlex.quote(self.store)]
        return words.command("restore", verb, *which, "--stack", self.stack, option, source)


@dataclass(frozen=True, kw_only=True)
class RestorePlan:
    """A copy beside what is live."""

    stack: str
    region: str
    store: str
    """Its label, which is its chapter of the page too."""
    source: str
    """What is restored: a cluster, or the name of a snapshot."""
    moment: datetime
    """What was written later is not in the copy."""
    target: str
    """What the copy is called."""
    exists: bool
    """The copy was begun before: there is less to do, or nothing."""
    makes: tuple[str, ...]
    """What is made, in words."""
    settings: Mapping[str, Any]
    """How, in the words of the wrapper; the same as what is live."""
    command: str
    """What to type to go on with this very copy."""
    page: str = "docs/recovery.md"
    """The documentation's page that tells how a copy takes over."""

    def lines(self) -> list[str]:
        """Return what is going to happen, for the operator to read."""
        begun = [f"{self.target} was begun before; what is missing of it is made."] if self.exists else []
        return [
            f"{self.store} in {self.stack}: {self.source} as of {utc(self.moment)}; nothing that was written later",
            *begun,
            *(f"  makes {thing}" for thing in self.makes),
            *(f"    {name}: {_said(value)}" for name, value in self.settings.items()),
            "What is live is left as it is.",
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {
            "store": self.store,
            "source": self.source,
            "moment": utc(self.moment),
            "target": self.target,
            "exists": self.exists,
            "makes": list(self.makes),
            "settings": dict(self.settings),
        }

    def aws(self, arguments: str) -> str:
        """Return a call of AWS's command line in the stack's region."""
        return f"aws {arguments} --region {self.region}"


@dataclass(frozen=True, kw_only=True)
class Restored:
    """The outcome of a restoration."""

    id: str
    """AWS's name of the copy."""
    said: str | None = None
    """Its name to the operator; None: the id."""
    is_complete: bool
    """False: AWS goes on making it, and nobody waited."""
    endpoint: str | None = None
    differences: tuple[str, ...] = ()
    """Where the copy is set otherwise than what is live."""
    next_steps: tuple[str, ...] = ()
    """How to look at it, and how to be rid of it."""

    def lines(self, plan: RestorePlan) -> list[str]:
        """Return what was done and what comes next, for the operator to read."""
        state = "is there" if self.is_complete else "is being made; the same command again shows how far it is"
        return [
            f"{self.said or self.id} {state}.",
            *(f"Differs from what is live: {difference}" for difference in self.differences),
            *self.next_steps,
            f"Taking it over: {plan.page}, “{plan.store}”.",
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {
            "id": self.id,
            "complete": self.is_complete,
            "endpoint": self.endpoint,
            "differences": list(self.differences),
            "next_steps": list(self.next_steps),
        }


@dataclass(frozen=True, kw_only=True)
class Restoration:
    """A plan, and the function that carries it out."""

    plan: RestorePlan
    execute: Callable[[Patience], Restored]


def settings_document(settings: Any) -> Mapping[str, Any]:
    """Return a dataclass of settings as plain data."""
    return {
        name: list(value) if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownArgumentType]
        for name, value in asdict(settings).items()
    }


def differences(live: Any, copy: Any) -> tuple[str, ...]:
    """Return where two dataclasses of one class differ, in words."""
    return tuple(
        f"{field.name}: {_said(getattr(copy, field.name))} instead of {_said(getattr(live, field.name))}"
        for field in fields(live)
        if getattr(copy, field.name) != getattr(live, field.name)
    )


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(item) for item in value) or "none"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return "none" if value is None else str(value)
