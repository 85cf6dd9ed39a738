"""Running hours as expressions of EventBridge Scheduler and CloudWatch: pure functions on days and times of day."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from zelly_components.limits.errors import LimitError

WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")

MARGIN_MINUTES = 15
"""By how much what services need is started before them and stopped after them. An Aurora cluster takes some minutes to
start, and tasks that find none are started over and over."""

_MOMENT = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_HOUR = 60
_DAY = 24 * _HOUR


@dataclass(frozen=True, kw_only=True)
class MuteWindow:
    """A time without alarms, which begins with the stop on some days."""

    weekdays: Sequence[str]
    """On which it begins."""
    duration: str
    """Until a margin after the next start, in ISO 8601."""


def check_hours(weekdays: Sequence[str], start: str, stop: str) -> None:
    """Refuse days and hours that are not possible.

    Raises:
        LimitError: naming the argument, in one line.
    """
    unknown = [day for day in weekdays if day not in WEEKDAYS]
    if unknown or not weekdays or len(set(weekdays)) != len(weekdays):
        came = ", ".join(weekdays) or "none"
        raise LimitError("weekdays", came, f"one or more of {', '.join(WEEKDAYS)}, each once")
    for field, moment in (("start", start), ("stop", stop)):
        if not _MOMENT.fullmatch(moment):
            raise LimitError(field, repr(moment), "a time of day, e.g. 08:00")
    if _minutes(start) < MARGIN_MINUTES:
        raise LimitError("start", start, "from 00:15 on, as what services need starts before, the same day")
    if _minutes(stop) + MARGIN_MINUTES >= _DAY:
        raise LimitError("stop", stop, "until 23:44, as what services need stops after, the same day")
    if _minutes(stop) - _minutes(start) < _HOUR:
        raise LimitError("stop", stop, f"at least an hour after start ({start})")


def shifted(moment: str, minutes: int) -> str:
    """Return the time of day that is some minutes later, or earlier, on the same day."""
    hour, minute = divmod(_minutes(moment) + minutes, _HOUR)
    return f"{hour:02}:{minute:02}"


def cron(weekdays: Sequence[str], moment: str) -> str:
    """Return a cron expression of EventBridge Scheduler, which has six fields."""
    hour, minute = divmod(_minutes(moment), _HOUR)
    return f"cron({minute} {hour} ? * {','.join(_in_order(weekdays))} *)"


def mute_cron(weekdays: Sequence[str], moment: str) -> str:
    """Return a cron expression of a mute rule, which has five fields ("PutAlarmMuteRule")."""
    hour, minute = divmod(_minutes(moment), _HOUR)
    return f"cron({minute} {hour} * * {','.join(_in_order(weekdays))})"


def mute_windows(weekdays: Sequence[str], start: str, stop: str) -> list[MuteWindow]:
    """Return the windows from each stop to a margin after the next start. Days with windows of one length share one."""
    running = [WEEKDAYS.index(day) for day in _in_order(weekdays)]
    by_minutes: dict[int, list[str]] = {}
    for position, day in enumerate(running):
        days_off = (running[(position + 1) % len(running)] - day - 1) % 7 + 1
        minutes = days_off * _DAY + _minutes(start) - _minutes(stop) + MARGIN_MINUTES
        by_minutes.setdefault(minutes, []).append(WEEKDAYS[day])
    return [MuteWindow(weekdays=days, duration=_duration(minutes)) for minutes, days in by_minutes.items()]


def _in_order(weekdays: Sequence[str]) -> list[str]:
    return sorted(weekdays, key=WEEKDAYS.index)


def _minutes(moment: str) -> int:
    hour, minute = moment.split(":")
    return int(hour) * _HOUR + int(minute)


def _duration(minutes: int) -> str:
    days, rest = divmod(minutes, _DAY)
    hours, rest = divmod(rest, _HOUR)
    date = f"{days}D" if days else ""
    clock = (f"{hours}H" if hours else "") + (f"{rest}M" if rest else "")
    return f"P{date}" + (f"T{clock}" if clock else "")
