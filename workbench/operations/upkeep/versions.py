"""Versions of stores: those that run against those that the stack file pins. Pure functions."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Difference(StrEnum):
    """The relation of a version that runs to the pinned one."""

    AHEAD = "ahead"
    """AWS upgraded it."""
    BEHIND = "behind"
    """An upgrade was written down and not carried out yet."""
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class VersionDifference:
    """A store that runs another version than the stack file pins."""

    store: str
    running: str
    pinned: str
    setting: str
    """Key and value that pin what runs, as the stack file takes them."""
    difference: Difference
    downgrade: str
    """The outcome of a downgrade, as part of a sentence."""
    shown: tuple[str, str] | None = None
    """The two versions as a screen has room for them; None: as they are."""

    @property
    def consequence(self) -> str:
        """The outcome of an ``up`` that knows which version runs."""
        return {
            Difference.AHEAD: "the next `up` that reads what AWS has (--refresh) asks for a downgrade, "
            f"{self.downgrade}",
            Difference.BEHIND: "an upgrade waits for `up`, or for the maintenance window",
            Difference.OTHER: "the next `up` that reads what AWS has (--refresh) asks for the pinned one",
        }[self.difference]

    @property
    def line(self) -> str:
        """The difference and its consequence, in one line."""
        return f"{self.store} runs {self.running}, the stack file pins {self.pinned}: {self.consequence}"

    @property
    def short(self) -> str:
        """The difference and its consequence, short enough for a screen."""
        running, pinned = self.shown or (self.running, self.pinned)
        said = {
            Difference.AHEAD: "the next `up --refresh` asks for a downgrade",
            Difference.BEHIND: "an upgrade waits",
            Difference.OTHER: "the next `up --refresh` changes it",
        }[self.difference]
        return f"{running} runs, {pinned} is pinned: {said}"


def compared(running: tuple[int, ...] | None, pinned: tuple[int, ...] | None) -> Difference:
    """Compare the numbers of two versions; None: they are no numbers."""
    if running is None or pinned is None or running == pinned:
        return Difference.OTHER
    return Difference.AHEAD if running > pinned else Difference.BEHIND


def numbers(version: str) -> tuple[int, ...] | None:
    """Return the numbers of a version with dots; None: it has other parts."""
    return tuple(map(int, version.split("."))) if re.fullmatch(r"\d+(\.\d+)*", version) else None


@dataclass(frozen=True, kw_only=True)
class Version:
    """The version that a store runs."""

    said: str
    """With its product's name."""
    difference: VersionDifference | None
    """None: it is the pinned one."""
