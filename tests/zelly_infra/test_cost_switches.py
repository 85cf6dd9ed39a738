"""Switches of Zelly's stack files that save."""

import pytest

from tests.zelly_infra.stack_files import environment_of
from workbench.review.cost.savings import changes_of
from zelly_infra.cost_switches import SWITCHES


@pytest.mark.parametrize(
    ("stack", "on"),
    [("production", set[str]()), ("staging", {"Container Insights off", "Aurora pauses at 0 ACU"})],
)
def test_every_switch_is_of_the_configuration(stack: str, on: set[str]) -> None:
    assert {switch.name for switch in SWITCHES if not changes_of(switch, environment_of(stack))} == on


def test_what_stops_services_is_marked_and_nights_off_are_reckoned_from_the_hours_of_a_week() -> None:
    assert [switch.name for switch in SWITCHES if switch.interrupts] == [
        "Fargate Spot",
        "Aurora pauses at 0 ACU",
        "nightly stop, weekends too",
    ]
    weeks = 365 / 7 / 12
    tasks, others = round(5 * 12 * weeks), round(5 * 12.5 * weeks)
    assert SWITCHES[-1].usage == {
        "services/task_hours_per_month": _always(tasks),
        "aurora/running_hours_per_month": _always(others),
        "host_hours_per_month": _always(others),
    }


def test_nat_instance_that_is_configured_stays_as_it_is() -> None:
    (switch,) = [switch for switch in SWITCHES if switch.name == "NAT instance instead of the gateway"]
    own = {"network": {"nat_gateways": "one", "nat_instance": {"instance_type": "t4g.nano"}}}
    assert changes_of(switch, own) == {"network/nat_gateways": "none"}


def _always(hours: int) -> dict[str, int]:
    return {"low": hours, "expected": hours, "high": hours}
