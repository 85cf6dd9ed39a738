"""The check of a store that has a snapshot taken daily. A pure function."""

from datetime import datetime, timedelta

from workbench.operations.doctor.facts import Where
from workbench.operations.doctor.report import Judgement, broken, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.operations.times import utc

_NEWEST_SNAPSHOT = timedelta(days=2)
"""They are taken daily: one may be late, not two."""


def daily_snapshot(where: Where, taken: datetime | Unread | None, command: str) -> Judgement:
    """Check that the newest snapshot is fresh; ``command`` tells more where it is not."""
    then = f"{command} --region {where.description.region}"
    if isinstance(taken, Unread):
        return unread(taken)
    if taken is None:
        return to_do("no snapshot yet: the first comes within a day; if none does, something is wrong", then=then)
    said = f"the newest snapshot is of {utc(taken)}"
    return done(said) if where.at - taken <= _NEWEST_SNAPSHOT else broken(f"{said}, and they are daily", then=then)
