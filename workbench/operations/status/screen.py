"""The status of an environment on one screen: a line for each part, judged by what was read of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from workbench.operations.lines import COLUMNS, SCREEN_LINES, wrapped
from workbench.operations.readings import Unread, all_alike
from workbench.operations.times import utc

MAKES_IT = "not there; `pulumi up` makes it"

_STATE_WIDTH = 10


class State(StrEnum):
    """The state of a part."""

    WELL = "ok"
    CHANGING = "changing"
    """On its way from one good state to another by itself: a rollout, a backup, a start."""
    BROKEN = "broken"
    UNREAD = "unread"
    """AWS did not tell."""


Line = tuple[str, State | None]

_TROUBLE = (State.BROKEN, State.UNREAD, State.CHANGING)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One part."""

    section: str
    name: str
    state: State
    what: str
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The same as values, for ``--json``."""
    unread: Unread | None = None
    """Why it could not be read, of one that could not."""

    def document(self) -> Mapping[str, Any]:
        """Return it for ``--json``."""
        return {"name": self.name, "state": self.state.value, "what": self.what, **self.details}


@dataclass(frozen=True, kw_only=True)
class Screen:
    """The whole environment, as it was read at one time."""

    stack: str
    region: str
    at: datetime
    rows: tuple[Row, ...]

    @property
    def is_well(self) -> bool:
        """Whether nothing is broken and everything could be read."""
        return not any(row.state in (State.BROKEN, State.UNREAD) for row in self.rows)

    def lines(self, columns: int = COLUMNS) -> list[Line]:
        """Return it for people to read: each line, and the state of the part that begins on it.

        What is not well comes first, the worst of it at the top and in full.
        """
        title: list[Line] = [(line, None) for line in wrapped("", self._title(), columns=columns, hanging=2)]
        unread = [row.unread for row in self.rows if row.unread is not None]
        if len(unread) == len(self.rows) and (why := all_alike(unread)):
            return [*title, *((line, None) for line in wrapped("", why, columns=columns))]
        trouble = [line for state in _TROUBLE for line in self._trouble(state, columns)]
        overview = self._overview(columns) if len(trouble) >= SCREEN_LINES else []
        return [*title, *overview, *trouble, *self._well(columns)]

    def document(self) -> Mapping[str, Any]:
        """Return it for ``--json``."""
        sections = groupby(self.rows, key=lambda row: row.section)
        return {
            "stack": self.stack,
            "region": self.region,
            "at": utc(self.at),
            "is_well": self.is_well,
            **{section.lower().replace(" ", "_"): [row.document() for row in rows] for section, rows in sections},
        }

    def _trouble(self, state: State, columns: int) -> list[Line]:
        lines: list[Line] = []
        rows = [row for row in self.rows if row.state is state]
        for (section, what), grouped in groupby(rows, key=lambda row: (row.section, row.what)):
            names = ", ".join(row.name for row in grouped)
            beginning = f"  {state:<{_STATE_WIDTH}}"
            first, *others = wrapped(
                beginning, f"{section}, {names}: {what}", columns=columns, hanging=len(beginning) + 2
            )
            lines += [(first, state), *((line, None) for line in others)]
        return lines

    def _overview(self, columns: int) -> list[Line]:
        """Return what is broken by its names alone, for where all of it takes more than a screen."""
        names = ", ".join(row.name for row in self.rows if row.state is State.BROKEN)
        return [(line, None) for line in wrapped("Broken: ", names, columns=columns)] if names else []

    def _well(self, columns: int) -> list[Line]:
        lines: list[Line] = []
        well = [row for row in self.rows if row.state is State.WELL]
        for section, grouped in groupby(well, key=lambda row: row.section):
            rows = list(grouped)
            width = max(len(row.name) for row in rows) + 2
            lines.append((section, None))
            for row in rows:
                beginning = f"  {row.state:<{_STATE_WIDTH}}{row.name:<{width}}"
                first, *others = wrapped(beginning, row.what, columns=columns)
                lines += [(first, row.state), *((line, None) for line in others)]
        return lines

    def _title(self) -> str:
        counts = {state: sum(row.state is state for row in self.rows) for state in State}
        said = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
        return f"{self.stack} in {self.region} at {utc(self.at)}: {said}"


def unread(section: str, names: Sequence[str], reason: Unread) -> list[Row]:
    """Return the rows of parts that could not be read, all for one reason."""
    return [Row(section=section, name=name, state=State.UNREAD, what=reason.why, unread=reason) for name in names]


def worst(states: Sequence[State]) -> State:
    """Return the state of what consists of parts in these states."""
    return max(states, key=[State.WELL, State.CHANGING, State.UNREAD, State.BROKEN].index)
