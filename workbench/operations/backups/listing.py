"""The dumps in an environment's bucket, as its keys and the documents beside them tell. The functions are pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from workbench.aws.s3_objects import FoundObject, S3Objects
from workbench.operations.stores.points import words
from workbench.operations.times import utc

PREFIXES = ("daily/", "production/", "monthly/")
MANIFEST, DRILL = ".manifest.json", ".drill.json"
"""The endings of what stands beside a dump: its inventory, and what came of its last drill."""

_OF_A_MONTH = 40
"""One a night, and some that were asked for."""

_KEY = re.compile(r"[a-z]+/[a-z0-9-]+-(\d{8}-\d{6})\.dump")


@dataclass(frozen=True, kw_only=True)
class Drill:
    """What came of restoring a dump from the bucket."""

    at: str
    is_restored: bool
    reason: str | None

    def document(self) -> Mapping[str, Any]:
        """Return a JSON object."""
        return {"at": self.at, "outcome": "restored" if self.is_restored else "failed", "reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A dump."""

    key: str
    taken_at: datetime
    size: int
    """In bytes."""
    is_verified: bool
    """Whether it was restored before it was kept: then its manifest stands beside it."""
    drill: Drill | None

    def age(self, now: datetime) -> str:
        """Return its age as operators read it."""
        return words(now - self.taken_at)

    def document(self, now: datetime) -> Mapping[str, Any]:
        """Return a JSON object."""
        return {
            "backup": self.key,
            "taken_at": utc(self.taken_at),
            "age_seconds": round((now - self.taken_at).total_seconds()),
            "bytes": self.size,
            "verified": self.is_verified,
            "drill": None if self.drill is None else self.drill.document(),
        }


def read_backups(bucket: S3Objects, *, limit: int | None = None) -> list[Backup]:
    """Return the dumps of a bucket, the newest first, with what came of their drills."""
    found = [each for prefix in PREFIXES for each in bucket.found(prefix)]
    backups = backups_among(found, {})[:limit]
    keys = {each.key for each in found}
    drilled = [backup.key for backup in backups if f"{backup.key}{DRILL}" in keys]
    drills = {key: bucket.get(f"{key}{DRILL}") for key in drilled}
    return backups_among(found, drills)[:limit]


def newest_backups(bucket: S3Objects) -> list[Backup]:
    """Return the dumps that tell how backups stand: those of a month, the newest first."""
    return read_backups(bucket, limit=_OF_A_MONTH)


def backups_among(found: Iterable[FoundObject], drills: Mapping[str, bytes | None]) -> list[Backup]:
    """Return the dumps among objects, the newest first; ``drills`` has the contents of drills' documents by dump."""
    by_key = {each.key: each for each in found}
    backups = [
        Backup(
            key=key,
            taken_at=datetime.strptime(name[1], "%Y%m%d-%H%M%S").replace(tzinfo=UTC),
            size=each.size,
            is_verified=f"{key}{MANIFEST}" in by_key,
            drill=_drill(drills.get(key)),
        )
        for key, each in by_key.items()
        if (name := _KEY.fullmatch(key)) is not None
    ]
    # The same dump may be kept for longer, too: the nearer place first.
    return sorted(backups, key=lambda backup: (-backup.taken_at.timestamp(), PREFIXES.index(_prefix(backup.key))))


def newest_drill(backups: Sequence[Backup]) -> tuple[Backup, Drill] | None:
    """Return the last drill of all and the dump that it restored."""
    drilled = [(backup, backup.drill) for backup in backups if backup.drill is not None]
    return max(drilled, key=lambda pair: pair[1].at, default=None)


def _prefix(key: str) -> str:
    return f"{key.partition('/')[0]}/"


def _drill(content: bytes | None) -> Drill | None:
    if content is None:
        return None
    try:
        document = cast("Mapping[str, Any]", json.loads(content))
        return Drill(at=str(document["at"]), is_restored=document["outcome"] == "restored", reason=document["reason"])
    except (ValueError, KeyError, TypeError):
        return Drill(at="", is_restored=False, reason="its result can't be read")
