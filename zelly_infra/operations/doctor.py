"""What a check of an environment comes to, and how all of them are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from zelly_infra.operations.readings import Unread
from zelly_infra.operations.times import utc

_VERDICT_WIDTH = 12


class Verdict(StrEnum):
    """How a step or an invariant stands."""

    DONE = "done"
    TO_DO = "to do"
    BROKEN = "broken"
    CANNOT_TELL = "can't tell"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a check found."""

    verdict: Verdict
    seen: tuple[str, ...]
    """What was seen, in lines."""
    next: str | None = None
    """The command to run."""
    is_unread: bool = False
    """Whether AWS did not let it be read: somebody else's credentials, or a later run, could tell."""


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

    def lines(self) -> list[tuple[str, Verdict | None]]:
        """Return it for people to read: each line, and the verdict that begins on it."""
        counts = {
            verdict: sum(finding.judgement.verdict is verdict for finding in self._findings) for verdict in Verdict
        }
        said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
        return [
            (f"{self.stack} in {self.region} at {utc(self.at)}: {said}", None),
            ("The steps to a running environment, in their order", None),
            *(line for finding in self.steps for line in self._lines(finding)),
            ("What has to stay true", None),
            *(line for finding in self.invariants for line in self._lines(finding)),
        ]

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

    def _lines(self, finding: Finding) -> list[tuple[str, Verdict | None]]:
        judgement = finding.judgement
        width = max(len(other.name) for other in self._findings) + 2
        first, *others = judgement.seen
        beginning = f"  {judgement.verdict:<{_VERDICT_WIDTH}}{finding.name:<{width}}"
        lines: list[tuple[str, Verdict | None]] = [(f"{beginning}{first}", judgement.verdict)]
        rest = [*others, *([f"next: {judgement.next}"] if judgement.next else [])]
        return [*lines, *((f"{'':{len(beginning)}}{line}", None) for line in rest)]


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
    return Judgement(verdict=Verdict.CANNOT_TELL, seen=seen, is_unread=True)
