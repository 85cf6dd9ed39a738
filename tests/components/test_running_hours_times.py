import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zelly_components.limits.running_hours import (
    WEEKDAYS,
    MuteWindow,
    check_hours,
    cron,
    mute_cron,
    mute_windows,
    shifted,
)

WORKING_DAYS = ("MON", "TUE", "WED", "THU", "FRI")


def test_expressions_have_the_fields_of_their_services() -> None:
    assert cron(["FRI", "MON"], "08:05") == "cron(5 8 ? * MON,FRI *)"
    assert mute_cron(["FRI", "MON"], "20:00") == "cron(0 20 * * MON,FRI)"


@pytest.mark.parametrize(
    ("moment", "minutes", "expected"), [("08:00", -15, "07:45"), ("23:44", 15, "23:59"), ("00:15", -15, "00:00")]
)
def test_times_are_shifted_within_the_day(moment: str, minutes: int, expected: str) -> None:
    assert shifted(moment, minutes) == expected


@pytest.mark.parametrize(
    ("weekdays", "expected"),
    [
        (
            WORKING_DAYS,
            [
                MuteWindow(weekdays=["MON", "TUE", "WED", "THU"], duration="PT12H15M"),
                MuteWindow(weekdays=["FRI"], duration="P2DT12H15M"),
            ],
        ),
        (WEEKDAYS, [MuteWindow(weekdays=list(WEEKDAYS), duration="PT12H15M")]),
        (("WED",), [MuteWindow(weekdays=["WED"], duration="P6DT12H15M")]),
        (
            ("SUN", "MON", "THU"),
            [
                MuteWindow(weekdays=["MON", "THU"], duration="P2DT12H15M"),
                MuteWindow(weekdays=["SUN"], duration="PT12H15M"),
            ],
        ),
    ],
)
def test_alarms_are_muted_from_a_stop_to_a_quarter_after_the_next_start(
    weekdays: tuple[str, ...], expected: list[MuteWindow]
) -> None:
    assert mute_windows(weekdays, "08:00", "20:00") == expected


def minutes(duration: str) -> int:
    """Read an ISO 8601 duration of days, hours and minutes."""
    days, _, clock = duration.removeprefix("P").partition("T")
    hours, _, rest = clock.rpartition("H") if "H" in clock else ("0", "", clock)
    return int(days.removesuffix("D") or 0) * 1440 + int(hours) * 60 + int(rest.removesuffix("M") or 0)


@given(
    weekdays=st.sets(st.sampled_from(WEEKDAYS), min_size=1),
    start=st.integers(15, 1200),
    length=st.integers(60, 1400),
)
def test_muted_and_told_times_make_up_the_week(weekdays: set[str], start: int, length: int) -> None:
    stop = min(start + length, 1424)
    if stop - start < 60:
        return
    windows = mute_windows(sorted(weekdays), f"{start // 60:02}:{start % 60:02}", f"{stop // 60:02}:{stop % 60:02}")
    assert sorted(itertools.chain.from_iterable(window.weekdays for window in windows)) == sorted(weekdays)
    muted = sum(minutes(window.duration) * len(window.weekdays) for window in windows)
    # Every running day tells from a quarter of an hour after its start on.
    assert muted + len(weekdays) * (stop - start - 15) == 7 * 1440


@pytest.mark.parametrize(
    ("weekdays", "start", "stop", "message"),
    [
        (
            [],
            "08:00",
            "20:00",
            "weekdays: came none; allowed one or more of MON, TUE, WED, THU, FRI, SAT, SUN, each once",
        ),
        (
            ["MON", "mon"],
            "08:00",
            "20:00",
            "weekdays: came MON, mon; allowed one or more of MON, TUE, WED, THU, FRI, SAT, SUN, each once",
        ),
        (["MON"], "8:00", "20:00", "start: came '8:00'; allowed a time of day, e.g. 08:00"),
        (["MON"], "08:00", "24:00", "stop: came '24:00'; allowed a time of day, e.g. 08:00"),
        (
            ["MON"],
            "00:14",
            "20:00",
            "start: came 00:14; allowed from 00:15 on, as what services need starts before, the same day",
        ),
        (
            ["MON"],
            "08:00",
            "23:45",
            "stop: came 23:45; allowed until 23:44, as what services need stops after, the same day",
        ),
        (
            ["MON"],
            "08:00",
            "23:59",
            "stop: came 23:59; allowed until 23:44, as what services need stops after, the same day",
        ),
        (
            ["MON"],
            "00:00",
            "20:00",
            "start: came 00:00; allowed from 00:15 on, as what services need starts before, the same day",
        ),
        (["MON"], "20:00", "08:00", "stop: came 08:00; allowed at least an hour after start (20:00)"),
        (["MON"], "08:00", "08:59", "stop: came 08:59; allowed at least an hour after start (08:00)"),
    ],
)
def test_hours_that_cannot_be_are_refused_in_one_line(weekdays: list[str], start: str, stop: str, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        check_hours(weekdays, start, stop)
    assert str(error.value) == message


@pytest.mark.parametrize(("start", "stop"), [("00:15", "01:15"), ("22:44", "23:44")])
def test_hours_at_the_ends_of_the_day_are_taken(start: str, stop: str) -> None:
    check_hours(["MON"], start, stop)
