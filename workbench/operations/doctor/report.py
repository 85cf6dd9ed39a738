"""Judgements of the checks of an environment, and the report of all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from workbench.operations.lines import COLUMNS, wrapped
from workbench.operations.readings import Unread, all_alike
from workbench.operations.times import utc

_VERDICT_WIDTH = 12


class Verdict(StrEnum):
    """The verdict on a step or an invariant."""

    DONE = "done"
    TO_DO = "to do"
    BROKEN = "broken"
    CANNOT_TELL = "can't tell"


Line = tuple[str, Verdict | None]

_HEADINGS: Mapping[Verdict, str] = {
    Verdict.BROKEN: "Broken",
    Verdict.TO_DO: "To do, in this order",
    Verdict.CANNOT_TELL: "Not seen from here",
    Verdict.DONE: "Done",
}


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The judgement of a check."""

    verdict: Verdict
    seen: tuple[str, ...]
    """What was seen, in lines."""
    next: str | None = None
    """The command to run."""
    unread: tuple[Unread, ...] = ()
    """What AWS did not let be read: somebody else's credentials, or a later run, could tell."""

    @property
    def is_unread(self) -> bool:
        """Whether AWS did not let it be read."""
        return bool(self.unread)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A check and what it found."""

    name: str
    judgement: Judgement

    def document(self) -> Mapping[str, Any]:
        """Return it for ``--json``."""
        judgement = self.judgement
        return {
            "name": self.name,
            "verdict": judgement.verdict.value,
            "seen": list(judgement.seen),
            "next": judgement.next,
            "is_unread": judgement.is_unread,
        }


@dataclass(frozen=True, kw_only=True)
class Report:
    """Every finding of one environment at one time."""

    stack: str
    region: str
    at: datetime
    steps: tuple[Finding, ...]
    """In the order in which an environment is set up."""
    invariants: tuple[Finding, ...]

    @property
    def is_well(self) -> bool:
        """Whether nothing is to be done or broken, and AWS let everything be read.

        What cannot be told from outside at all does not count: it would never be well.
        """
        return not any(
            finding.judgement.verdict in (Verdict.TO_DO, Verdict.BROKEN) or finding.judgement.is_unread
            for finding in self._findings
        )

    def lines(self, columns: int = COLUMNS) -> list[Line]:
        """Return it for people to read: each line, and the verdict that begins on it.

        What is broken comes first, then what is to do in the order in which an environment is set up.
        """
        counts = {
            verdict: sum(finding.judgement.verdict is verdict for finding in self._findings) for verdict in Verdict
        }
        said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
        title = f"{self.stack} in {self.region} at {utc(self.at)}: {said}"
        lines: list[Line] = [(line, None) for line in wrapped("", title, columns=columns, hanging=2)]
        unread = [one for finding in self._findings for one in finding.judgement.unread]
        if counts[Verdict.CANNOT_TELL] == len(self._findings) and (why := all_alike(unread)):
            return [*lines, *((line, None) for line in wrapped("", why, columns=columns))]
        for verdict, heading in _HEADINGS.items():
            found = [finding for finding in self._findings if finding.judgement.verdict is verdict]
            if found:
                lines.append((heading, None))
                lines += [line for finding in found for line in self._lines(finding, columns)]
        return lines

    def document(self) -> Mapping[str, Any]:
        """Return it for ``--json``."""
        return {
            "stack": self.stack,
            "region": self.region,
            "at": utc(self.at),
            "is_well": self.is_well,
            "steps": [finding.document() for finding in self.steps],
            "invariants": [finding.document() for finding in self.invariants],
        }

    @property
    def _findings(self) -> tuple[Finding, ...]:
        return (*self.steps, *self.invariants)

    def _lines(self, finding: Finding, columns: int) -> list[Line]:
        judgement = finding.judgement
        width = max(len(other.name) for other in self._findings) + 2
        beginning = f"  {judgement.verdict:<{_VERDICT_WIDTH}}{finding.name:<{width}}"
        indentation = " " * len(beginning)
        first, *others = judgement.seen
        seen = [*wrapped(beginning, first, columns=columns)]
        seen += [line for other in others for line in wrapped(indentation, other, columns=columns)]
        # A command is never broken in two: it is there to be copied.
        seen += [f"{indentation}next: {judgement.next}"] if judgement.next else []
        return [(seen[0], judgement.verdict), *((line, None) for line in seen[1:])]


def done(*seen: str) -> Judgement:
    """Return that it is as it should be."""
    return Judgement(verdict=Verdict.DONE, seen=seen)


def to_do(*seen: str, then: str) -> Judgement:
    """Return that it was not done yet, and the command that does it."""
    return Judgement(verdict=Verdict.TO_DO, seen=seen, next=then)


def broken(*seen: str, then: str) -> Judgement:
    """Return that it is not as it should be, and the command to go on with."""
    return Judgement(verdict=Verdict.BROKEN, seen=seen, next=then)


def cannot_tell(*seen: str, then: str | None = None) -> Judgement:
    """Return that it cannot be seen from here."""
    return Judgement(verdict=Verdict.CANNOT_TELL, seen=seen, next=then)


def unread(*reasons: Unread) -> Judgement:
    """Return that AWS did not let it be read."""
    seen = tuple(dict.fromkeys(reason.why for reason in reasons))
    return Judgement(verdict=Verdict.CANNOT_TELL, seen=seen, unread=reasons)
