"""The row of a database's dumps on the status screen. A pure function."""

from collections.abc import Sequence
from datetime import datetime

from workbench.operations.backups.judging import problems, summary
from workbench.operations.backups.listing import Backup
from workbench.operations.readings import Unread
from workbench.operations.status.screen import Row, State, unread

SECTION, NAME = "Backups", "dumps"


def backup_rows(backups: Sequence[Backup] | Unread, *, now: datetime) -> list[Row]:
    """Return the row of an environment's dumps."""
    if isinstance(backups, Unread):
        return unread(SECTION, [NAME], backups)
    wrong = problems(backups, now=now)
    details = {"newest": backups[0].document(now) if backups else None, "problems": wrong}
    what = "; ".join(wrong) if wrong else summary(backups, now=now)
    state = State.BROKEN if wrong else State.WELL
    return [Row(section=SECTION, name=NAME, state=state, what=what, details=details)]
