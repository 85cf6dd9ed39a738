"""The environment config: what the repository's stack files have in common, and what the models do by themselves."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.zelly_infra.evaluations import STACKS, config_of
from workbench.config.types import windows_overlap

PRODUCTION = config_of("production")


def test_stacks_know_each_others_ranges() -> None:
    configs = {stack: config_of(stack) for stack in STACKS}
    for name, environment in configs.items():
        others = {other: config.network.cidr for other, config in configs.items() if other != name}
        assert environment.network.other_environments == others
    vpns = {environment.bastion.vpn_cidr for environment in configs.values()}
    ranges = [*(environment.network.cidr for environment in configs.values()), *vpns]
    assert not any(one.overlaps(other) for one, other in combinations(ranges, 2))


def test_config_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        PRODUCTION.region = "eu-west-1"  # pyright: ignore[reportAttributeAccessIssue]


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


@pytest.mark.parametrize("changes", [{"engine_version": "8.0.mysql_aurora.3.10.12"}, {"minimum_capacity_acu": 2.0}])
def test_long_lived_releases_and_statistics_where_there_is_room_are_accepted(changes: dict[str, object]) -> None:
    values = {**PRODUCTION.aurora.model_dump(), **changes, "performance_insights": "minimum_capacity_acu" in changes}
    assert type(PRODUCTION.aurora).model_validate(values).model_dump().items() >= changes.items()
