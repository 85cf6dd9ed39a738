from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.components.aurora_arguments import CLUSTER, ENGINE_VERSION, OPEN, PRIVATE, record
from workbench.evaluate import Evaluation
from zelly_components.aurora_cluster import parameter_group_family
from zelly_components.limits.aurora_capacity import check_capacity

REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"cluster_identifier": "Shop"},
        "cluster_identifier: came Shop; allowed at most 60 lower-case letters, digits and single hyphens, starting "
        "with a letter",
    ),
    (
        {"cluster_identifier": "shop--production"},
        "cluster_identifier: came shop--production; allowed at most 60 lower-case letters, digits and single hyphens, "
        "starting with a letter",
    ),
    (
        {"cluster_identifier": "s" * 61},
        f"cluster_identifier: came {'s' * 61}; allowed at most 60 lower-case letters, digits and single hyphens, "
        "starting with a letter",
    ),
    ({"instance_count": 0}, "instance_count: came 0; allowed 1 to 16"),
    ({"instance_count": 17}, "instance_count: came 17; allowed 1 to 16"),
    ({"backup_retention_days": 0}, "backup_retention_days: came 0; allowed 1 to 35"),
    ({"backup_retention_days": 36}, "backup_retention_days: came 36; allowed 1 to 35"),
    (
        {"engine_version": "8.0"},
        "engine_version: came 8.0; allowed a full version such as 8.0.mysql_aurora.3.10.5",
    ),
    (
        {"engine_version": "5.7.mysql_aurora.2.11.2"},
        "engine_version: came 5.7.mysql_aurora.2.11.2; allowed a full version such as 8.0.mysql_aurora.3.10.5",
    ),
    (
        {"minimum_capacity_acu": 0.7},
        "minimum_capacity_acu: came 0.7; allowed 0 to 256 in steps of 0.5",
    ),
    (
        {"minimum_capacity_acu": -0.5},
        "minimum_capacity_acu: came -0.5; allowed 0 to 256 in steps of 0.5",
    ),
    (
        {"maximum_capacity_acu": 256.5},
        "maximum_capacity_acu: came 256.5; allowed 1 to 256 in steps of 0.5",
    ),
    (
        {"maximum_capacity_acu": 0.5},
        "maximum_capacity_acu: came 0.5; allowed 1 to 256 in steps of 0.5",
    ),
    (
        {"minimum_capacity_acu": 8.5},
        "minimum_capacity_acu: came 8.5; allowed at most maximum_capacity_acu (8)",
    ),
    (
        {"minimum_capacity_acu": 0, "engine_version": "8.0.mysql_aurora.3.07.1"},
        "minimum_capacity_acu: came 0 with 8.0.mysql_aurora.3.07.1; allowed from 8.0.mysql_aurora.3.08.0 on",
    ),
    (
        {"minimum_capacity_acu": 1.5},
        "performance_insights: came true with minimum_capacity_acu 1.5; allowed from 2 ACU on",
    ),
    (
        {"seconds_until_auto_pause": 300},
        "seconds_until_auto_pause: came 300 with minimum_capacity_acu 2; allowed null, "
        "as only a cluster with 0 ACU pauses",
    ),
    (
        {"minimum_capacity_acu": 0, "seconds_until_auto_pause": 299},
        "seconds_until_auto_pause: came 299; allowed 300 to 86400",
    ),
    (
        {"minimum_capacity_acu": 0, "seconds_until_auto_pause": 86_401},
        "seconds_until_auto_pause: came 86401; allowed 300 to 86400",
    ),
    (
        {"allowed_cidr_blocks": {"office": "203.0.113.0/24"}},
        "allowed_cidr_blocks: came 1 with publicly_accessible False; allowed one or more with True, none with False",
    ),
    (
        {"publicly_accessible": True},
        "allowed_cidr_blocks: came 0 with publicly_accessible True; allowed one or more with True, none with False",
    ),
    *(
        (
            {"publicly_accessible": True, "allowed_cidr_blocks": {"office": cidr_block}},
            f"allowed_cidr_blocks[office]: came {cidr_block}; allowed an IPv4 range without host bits, smaller than /0",
        )
        for cidr_block in ("0.0.0.0/0", "10.0.0.0/0", "203.0.113.7/24", "::/0", "office")
    ),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED)
def test_wrong_argument_is_refused_with_what_came_and_what_is_allowed(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="came") as refusal:
        record(replace(PRIVATE, **changes))
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("engine_version", "family"),
    [("8.0.mysql_aurora.3.10.12", "aurora-mysql8.0"), ("8.4.mysql_aurora.8.4.7", "aurora-mysql8.4")],
)
def test_parameter_group_family_follows_the_engine_version(engine_version: str, family: str) -> None:
    assert parameter_group_family(engine_version) == family


HALVES = [half / 2 for half in range(513)]
CAPACITIES = st.sampled_from(HALVES) | st.floats()


@given(minimum=CAPACITIES, maximum=CAPACITIES, pause=st.none() | st.integers(0, 100_000))
def test_capacity_is_accepted_exactly_when_aws_would(minimum: float, maximum: float, pause: int | None) -> None:
    in_range = minimum in HALVES and maximum in HALVES[2:] and minimum <= maximum
    may_pause = pause is None or (minimum == 0 and pause in range(300, 86_401))
    try:
        check_capacity(
            engine_version=ENGINE_VERSION,
            minimum_capacity_acu=minimum,
            maximum_capacity_acu=maximum,
            seconds_until_auto_pause=pause,
        )
    except ValueError:
        accepted = False
    else:
        accepted = True
    assert accepted == (in_range and may_pause)


@pytest.mark.parametrize("seconds", [300, 86_400])
def test_shortest_and_longest_wait_before_a_pause_are_accepted(seconds: int) -> None:
    cluster = record(replace(OPEN, seconds_until_auto_pause=seconds)).one(CLUSTER)
    assert cluster.inputs["serverlessv2ScalingConfiguration"]["secondsUntilAutoPause"] == seconds


@pytest.mark.parametrize("engine_version", ["3.02.0", "3.07.9"])
def test_engine_before_3_08_cannot_pause(engine_version: str) -> None:
    with pytest.raises(ValueError, match="came 0 with"):
        pausing(f"8.0.mysql_aurora.{engine_version}")


@pytest.mark.parametrize("engine_version", ["3.08.0", "3.10.1", "4.01.0"])
def test_engine_from_3_08_on_can_pause(engine_version: str) -> None:
    scaling = pausing(f"8.0.mysql_aurora.{engine_version}").one(CLUSTER).inputs["serverlessv2ScalingConfiguration"]
    assert scaling == {"minCapacity": 0, "maxCapacity": 8}


def pausing(engine_version: str) -> Evaluation:
    return record(replace(PRIVATE, engine_version=engine_version, minimum_capacity_acu=0, performance_insights=False))
