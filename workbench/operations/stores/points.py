"""Restore points of stores, and whether they are as recent as their schedules promise. Pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from workbench.counting import counted
from workbench.operations.times import utc


@dataclass(frozen=True, kw_only=True)
class Point:
    """One moment that a store can be restored to."""

    id: str
    moment: datetime
    kind: str

    def document(self, now: datetime) -> Mapping[str, Any]:
        """Return it for ``--json``."""
        return {
            "id": self.id,
            "moment": utc(self.moment),
            "kind": self.kind,
            "age_seconds": max(0, int((now - self.moment).total_seconds())),
        }


@dataclass(frozen=True, kw_only=True)
class FoundPoints:
    """The points of one store, as they were read."""

    name: str
    """AWS's name of what is backed up."""
    points: tuple[Point, ...]
    """The newest first. A continuous backup has two: its end and its beginning."""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StorePoints(FoundPoints):
    """The points of one store, judged."""

    store: str
    """The verb of the command that restores it; of several of a kind, the label as well."""

    def document(self, now: datetime) -> Mapping[str, Any]:
        """Return it for ``--json``."""
        return {
            "store": self.store,
            "name": self.name,
            "points": [point.document(now) for point in self.points],
            "problems": list(self.problems),
        }


def judged(store: str, found: FoundPoints, *, now: datetime, oldest: timedelta) -> StorePoints:
    """Return what was found, with a problem more where the newest point is older than its schedule allows."""
    problems = [*found.problems]
    if not found.points:
        problems.append("THERE IS NOTHING TO RESTORE")
    elif now - found.points[0].moment > oldest:
        age = words(now - found.points[0].moment)
        problems.append(f"THE NEWEST POINT IS {age} OLD; its schedule allows {words(oldest)}")
    return StorePoints(store=store, name=found.name, points=found.points, problems=tuple(problems))


def words(age: timedelta) -> str:
    """Return an age as operators read it: minutes, hours or days, rounded down."""
    minutes = max(0, int(age.total_seconds() // 60))
    for size, unit in ((24 * 60, "days"), (60, "hours")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}"
    return counted(minutes, "minute")
