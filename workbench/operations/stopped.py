"""Parts of an environment that are stopped outside its running hours, and so as they should be. Pure functions."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from workbench.operations.status.screen import Row, State
from workbench.operations.times import utc

if TYPE_CHECKING:
    from workbench.running_hours import RunningHours

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

STOPPED = frozenset({"stopped", "stopping"})
"""Of an EC2 instance and of an Aurora cluster."""


def stopped_until(hours: "RunningHours | None", at: datetime) -> datetime | None:
    """Return when an environment starts next whose alarms are muted at ``at``; None: it is to run.

    As its alarms do, it has a quarter of an hour from its start on until it has to run.
    """
    if hours is None:
        return None
    zone = ZoneInfo(hours.time_zone)
    today = at.astimezone(zone).date()
    start, stop = time.fromisoformat(hours.start), time.fromisoformat(hours.stop)
    # From one running day to the next there is a week at most.
    days = [day for ahead in range(8) if _WEEKDAYS[(day := today + timedelta(days=ahead)).weekday()] in hours.weekdays]
    day = next(day for day in days if at < datetime.combine(day, stop, tzinfo=zone))
    starts = datetime.combine(day, start, tzinfo=zone)
    return starts if at < starts + hours.starting else None


def as_stopped(row: Row, until: datetime | None) -> Row:
    """Return the row of a part that is stopped outside the running hours as well; any other as it is."""
    is_stopped = _IS_STOPPED.get(row.section)
    if until is None or is_stopped is None or row.state is not State.BROKEN or not is_stopped(row.details):
        return row
    return replace(
        row,
        state=State.WELL,
        what=f"stopped until {utc(until)} (running_hours); {row.what}",
        details={**row.details, "stopped_until": utc(until)},
    )


def _has_no_tasks(details: Mapping[str, Any]) -> bool:
    # An image that is gone is missed when the tasks are to start.
    return details.get("desired") == 0 and details["rollout_state"] != "FAILED" and not details["missing_images"]


def _has_no_targets(details: Mapping[str, Any]) -> bool:
    targets = details.get("targets")
    return bool(targets) and details["status"] == "active" and not any(one["registered"] for one in targets)


_IS_STOPPED: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "Services": _has_no_tasks,
    "Load balancers": _has_no_targets,
    "Stores": lambda details: details.get("status") in STOPPED,
    "Hosts": lambda details: details.get("instance_state") in STOPPED,
}
"""Tells from a row's details whether the part was stopped, by the screen's sections."""
