"""Backup and maintenance windows of RDS and ElastiCache: their length, and that they do not overlap."""

import re
from datetime import timedelta

from zelly_components.limits.errors import LimitError

SHORTEST_DATABASE_WINDOW = 30
"""Minutes ("CreateDBCluster", RDS API reference)."""

SHORTEST_CACHE_WINDOW = 60
"""Minutes ("CreateReplicationGroup", ElastiCache API reference)."""

_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_WEEKDAY_TIME = rf"(mon|tue|wed|thu|fri|sat|sun):{_TIME}"
DAILY_WINDOW = rf"^{_TIME}-{_TIME}$"
WEEKLY_WINDOW = rf"^{_WEEKDAY_TIME}-{_WEEKDAY_TIME}$"

DAY = int(timedelta(days=1).total_seconds()) // 60
_WEEK = 7 * DAY
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def window_minutes(window: str) -> int:
    """Return the length of a daily window (``19:00-20:00``) or of a weekly one (``sun:20:30-sun:21:30``)."""
    start, end = window.split("-")
    if window.startswith(_WEEKDAYS):
        return (_weekday_minutes(end) - _weekday_minutes(start)) % _WEEK
    return (_minutes(end) - _minutes(start)) % DAY


def windows_overlap(daily: str, weekly: str) -> bool:
    """Tell whether a daily window (``19:00-20:00``) overlaps a weekly one (``sun:20:30-sun:21:30``)."""
    daily_start, daily_end = (_minutes(moment) for moment in daily.split("-"))
    weekly_start, weekly_end = (_weekday_minutes(moment) for moment in weekly.split("-"))
    daily_length = (daily_end - daily_start) % DAY
    weekly_length = (weekly_end - weekly_start) % _WEEK
    starts = [day * DAY + daily_start for day in range(7)]
    return any(
        (start - weekly_start) % _WEEK < weekly_length or (weekly_start - start) % _WEEK < daily_length
        for start in starts
    )


def check_windows(field: str, daily: str, maintenance: str, *, shortest: int) -> None:
    """Check a store's daily window, the ``field``, and its ``maintenance_window``; AWS refuses two that overlap.

    Raises:
        LimitError: with the field, what came and what is allowed.
    """
    for name, window, pattern, example in (
        (field, daily, DAILY_WINDOW, "19:00-20:00"),
        ("maintenance_window", maintenance, WEEKLY_WINDOW, "sun:20:30-sun:21:30"),
    ):
        if re.fullmatch(pattern, window) is None:
            raise LimitError(name, window, f"a window in UTC, e.g. {example}")
        if window_minutes(window) < shortest:
            raise LimitError(name, window, f"a window of at least {shortest} minutes")
    if windows_overlap(daily, maintenance):
        raise LimitError(field, daily, f"a window outside maintenance_window ({maintenance})")


def _minutes(moment: str) -> int:
    hours, minutes = moment.split(":")
    return int(hours) * 60 + int(minutes)


def _weekday_minutes(moment: str) -> int:
    weekday, time = moment.split(":", 1)
    return _WEEKDAYS.index(weekday) * DAY + _minutes(time)
