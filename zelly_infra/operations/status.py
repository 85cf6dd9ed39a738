"""How an environment stands, on one screen: a line for each part, judged by what was read of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from zelly_infra.operations.readings import Unread
from zelly_infra.operations.times import utc

COLUMNS = 100
"""How wide the screen is. What is longer is cut; ``--json`` has all of it."""

MAKES_IT = "not there; `pulumi up` makes it"

_STATE_WIDTH = 10


class State(StrEnum):
    """How a part stands."""

    WELL = "ok"
    CHANGING = "changing"
    """On its way from one good state to another by itself: a rollout, a backup, a start."""
    BROKEN = "broken"
    UNREAD = "unread"
    """AWS did not tell."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One part."""

    section: str
    name: str
    state: State
    what: str
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The same as values, for ``--json``."""

    def document(self) -> Mapping[str, Any]:
        """Return it for ``--json``."""
        return {"name": self.name, "state": self.state.value, "what": self.what, **self.details}


@dataclass(frozen=True, kw_only=True)
class Screen:
    """Everything, as it was read at one time."""

    stack: str
    region: str
    at: datetime
    rows: tuple[Row, ...]

    @property
    def is_well(self) -> bool:
        """Whether nothing is broken and everything could be read."""
        return not any(row.state in (State.BROKEN, State.UNREAD) for row in self.rows)

    def lines(self) -> list[tuple[str, State | None]]:
        """Return it for people to read: each line, and the state of the part that it is about."""
        lines: list[tuple[str, State | None]] = [(self._title(), None)]
        for section, grouped in groupby(self.rows, key=lambda row: row.section):
            rows = list(grouped)
            width = max(len(row.name) for row in rows) + 2
            lines.append((section, None))
            lines += [(_cut(f"  {row.state:<{_STATE_WIDTH}}{row.name:<{width}}{row.what}"), row.state) for row in rows]
        return lines

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

    def _title(self) -> str:
        counts = {state: sum(row.state is state for row in self.rows) for state in State}
        said = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
        return f"{self.stack} in {self.region} at {utc(self.at)}: {said}"


def unread(section: str, names: Sequence[str], reason: Unread) -> list[Row]:
    """Return the rows of parts that could not be read, all for one reason."""
    return [Row(section=section, name=name, state=State.UNREAD, what=reason.why) for name in names]


def worst(states: Sequence[State]) -> State:
    """Return the state of what consists of parts in these states."""
    return max(states, key=[State.WELL, State.CHANGING, State.UNREAD, State.BROKEN].index)


def _cut(line: str) -> str:
    return line if len(line) <= COLUMNS else f"{line[: COLUMNS - 1]}…"
