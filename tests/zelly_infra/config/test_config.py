"""The environment config: what the repository's stack files have in common, and what the models do by themselves."""

from itertools import combinations

import pytest
from pydantic import ValidationError

from tests.zelly_infra.evaluations import STACKS, config_of

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


@pytest.mark.parametrize("changes", [{"engine_version": "8.0.mysql_aurora.3.10.12"}, {"minimum_capacity_acu": 2.0}])
def test_long_lived_releases_and_statistics_where_there_is_room_are_accepted(changes: dict[str, object]) -> None:
    values = {**PRODUCTION.aurora.model_dump(), **changes, "performance_insights": "minimum_capacity_acu" in changes}
    assert type(PRODUCTION.aurora).model_validate(values).model_dump().items() >= changes.items()
