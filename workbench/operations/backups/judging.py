"""The judgement of an environment's dumps: for its row of status, and for doctor's check. Pure functions."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from workbench.operations.backups.listing import Backup, newest_drill
from workbench.operations.stores.points import words

OLDEST_VERIFIED = timedelta(hours=26)
"""A night's dump is due 24 hours after the last one; the alarm rings at the same age."""
OLDEST_DRILL = timedelta(days=8)
"""A drill is due every week."""


def problems(backups: Sequence[Backup], *, now: datetime) -> list[str]:
    """Return what is wrong with dumps and drills; nothing where both are young and good."""
    found: list[str] = []
    verified = [backup for backup in backups if backup.is_verified]
    if not backups:
        return ["THERE IS NO BACKUP"]
    if not verified:
        found.append("no backup was restored before it was kept")
    elif now - verified[0].taken_at > OLDEST_VERIFIED:
        found.append(f"THE NEWEST VERIFIED BACKUP IS {words(now - verified[0].taken_at)} OLD")
    last = newest_drill(backups)
    if last is None:
        found.append("no backup was ever drilled")
    elif not last[1].is_restored:
        found.append(f"the last drill, of {last[0].key}, failed: {last[1].reason}")
    elif now - _moment(last[1].at) > OLDEST_DRILL:
        found.append(f"the last drill is {words(now - _moment(last[1].at))} old")
    return found


def summary(backups: Sequence[Backup], *, now: datetime) -> str:
    """Return in one line how dumps and drills stand where nothing is wrong."""
    verified = next(backup for backup in backups if backup.is_verified)
    last = newest_drill(backups)
    drilled = "" if last is None else f", drilled {words(now - _moment(last[1].at))} ago"
    return f"{len(backups)} kept, the newest verified one {verified.age(now)} old{drilled}"


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
