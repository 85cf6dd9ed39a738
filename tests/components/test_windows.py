import pytest
from hypothesis import given
from hypothesis import strategies as st

from zelly_components.limits.errors import LimitError
from zelly_components.limits.windows import check_windows, windows_overlap

minutes = st.integers(min_value=0, max_value=24 * 60 - 1)


def clock(moment: int) -> str:
    return f"{moment // 60:02}:{moment % 60:02}"


@given(start=minutes, length=st.integers(30, 600), day=st.integers(0, 6), offset=minutes, weekly=st.integers(30, 1440))
def test_window_overlap_is_found_minute_by_minute(start: int, length: int, day: int, offset: int, weekly: int) -> None:
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    week = 7 * 1440
    daily = {(d * 1440 + start + minute) % week for d in range(7) for minute in range(length)}
    begin = day * 1440 + offset
    weekly_minutes = {(begin + minute) % week for minute in range(weekly)}
    end = (begin + weekly) % week
    daily_text = f"{clock(start)}-{clock((start + length) % 1440)}"
    weekly_text = f"{days[day]}:{clock(offset)}-{days[end // 1440]}:{clock(end % 1440)}"
    assert windows_overlap(daily_text, weekly_text) == bool(daily & weekly_minutes)


@pytest.mark.parametrize(
    ("daily", "weekly", "message"),
    [
        ("19:00-19:29", "sun:20:00-sun:21:00", "window: came 19:00-19:29; allowed a window of at least 30 minutes"),
        (
            "19:00-20:00",
            "sun:23:45-mon:00:00",
            "maintenance_window: came sun:23:45-mon:00:00; allowed a window of at least 30 minutes",
        ),
        (
            "23:30-00:30",
            "mon:00:00-mon:01:00",
            "window: came 23:30-00:30; allowed a window outside maintenance_window (mon:00:00-mon:01:00)",
        ),
        ("19:00", "sun:20:00-sun:21:00", "window: came 19:00; allowed a window in UTC, e.g. 19:00-20:00"),
        (
            "19:00-20:00",
            "21:00-22:00",
            "maintenance_window: came 21:00-22:00; allowed a window in UTC, e.g. sun:20:30-sun:21:30",
        ),
    ],
)
def test_windows_that_aws_would_refuse_are_refused(daily: str, weekly: str, message: str) -> None:
    with pytest.raises(LimitError) as raised:
        check_windows("window", daily, weekly, shortest=30)
    assert str(raised.value) == message
