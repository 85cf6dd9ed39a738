"""Alarms of stores on hosts of their own. That the hosts publish what these read, the hosts' own tests hold."""

import pytest

from zelly_components.alarms.alarm import Alarm
from zelly_components.alarms.redis_host import RedisHostTarget, redis_host_alarms
from zelly_components.alarms.search import SearchHostTarget, search_host_alarms
from zelly_components.limits.sizes import ALARM_DESCRIPTION

ALARMS = {
    alarm.name: alarm
    for alarm in (
        *redis_host_alarms(RedisHostTarget(label="redis", host_name="shop-redis"), memory_percent=80),
        *search_host_alarms(SearchHostTarget(label="search", host_name="shop-search"), backup_hours=26),
    )
}


def minutes(alarm: Alarm) -> float:
    return alarm.period_seconds * alarm.breaching_periods / 60


@pytest.mark.parametrize(
    ("name", "threshold", "after_minutes", "silence"),
    [
        ("redis-redis-memory", 80, 5, "breaching"),
        ("redis-redis-persistence", 1, 2, "notBreaching"),
        ("redis-redis-rejected-connections", 1, 5, "notBreaching"),
        ("search-failed-tasks", 1, 5, "notBreaching"),
        ("search-backup", 26, 15, "breaching"),
    ],
)
def test_alarm_rings_for_so_much_after_so_long(name: str, threshold: float, after_minutes: float, silence: str) -> None:
    alarm = ALARMS[name]
    assert (alarm.threshold, minutes(alarm), alarm.missing_data) == (threshold, after_minutes, silence)
    assert ALARM_DESCRIPTION.excess(alarm.description) is None
    assert "First: " in alarm.description


def test_one_alarm_of_each_server_rings_for_its_silence() -> None:
    assert sorted(name for name, alarm in ALARMS.items() if alarm.missing_data == "breaching") == [
        "redis-redis-memory",
        "search-backup",
    ]
    assert len(ALARMS) == 5
