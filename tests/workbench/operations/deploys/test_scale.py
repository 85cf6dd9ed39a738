"""The number of tasks of a service, and what becomes of it."""

from dataclasses import replace
from typing import Any, cast

import pytest

from tests.workbench.operations.failing import refused
from tests.workbench.operations.seen import service
from tests.workbench.operations.shop import STEADY
from workbench.aws.application_auto_scaling import ScalingRange
from workbench.aws.ecs.services import Service
from workbench.operations.deploys.scale import ScalePlan, plan_scale, scale


class Scaling:
    """A service and the range that it is scaled between."""

    def __init__(self, is_there: Service, bounds: tuple[int, int] | None) -> None:
        self.is_there = is_there
        self.bounds = None if bounds is None else ScalingRange(minimum=bounds[0], maximum=bounds[1])
        self.asked: list[tuple[str, int]] = []

    def services(self, names: list[str]) -> dict[str, Service]:
        return {self.is_there.name: self.is_there} if self.is_there.name in names else {}

    def range_of(self, name: str) -> ScalingRange | None:
        assert name == "shop-api"
        return self.bounds

    def set_desired_count(self, name: str, count: int) -> None:
        self.asked.append((name, count))

    def plan(self, tasks: int) -> ScalePlan:
        mine = cast("Any", self)
        return plan_scale("shop-api", tasks, maximum=4, ecs=mine, scaling=mine)


@pytest.mark.parametrize(
    ("bounds", "tasks", "lines"),
    [
        (None, 1, ["shop-api: 2 tasks wanted now, 1 task from then on"]),
        (None, 4, ["shop-api: 2 tasks wanted now, 4 tasks from then on"]),
        (
            (2, 6),
            6,
            [
                "shop-api: 2 tasks wanted now, 6 tasks from then on",
                "Automatic scaling goes on between 2 and 6, so that the number may change again by itself.",
            ],
        ),
        (
            (2, 6),
            0,
            [
                "shop-api: 2 tasks wanted now, 0 tasks from then on",
                "With 0 tasks it answers nobody, and automatic scaling leaves it at that.",
            ],
        ),
    ],
)
def test_scaling_says_what_becomes_of_the_number(bounds: tuple[int, int] | None, tasks: int, lines: list[str]) -> None:
    aws = Scaling(service(STEADY, desired=2), bounds)
    plan = aws.plan(tasks)
    assert plan.lines() == lines
    wanted_range = None if bounds is None else {"minimum": bounds[0], "maximum": bounds[1]}
    assert plan.document() == {"service": "shop-api", "before": 2, "after": tasks, "range": wanted_range}
    scale(plan, ecs=cast("Any", aws))
    assert aws.asked == [("shop-api", tasks)]


@pytest.mark.parametrize(
    ("bounds", "tasks", "allowed"),
    [(None, 5, "1 to 4"), (None, -1, "1 to 4"), ((2, 6), 1, "2 to 6"), ((2, 6), 7, "2 to 6")],
)
def test_number_outside_the_range_is_refused(bounds: tuple[int, int] | None, tasks: int, allowed: str) -> None:
    assert refused(Scaling(service(STEADY), bounds).plan, tasks) == [
        f"--tasks: came {tasks}; allowed for shop-api: 0 or {allowed}, as its stack file says"
    ]


@pytest.mark.parametrize("is_there", [service(STEADY, status="INACTIVE"), replace(service(STEADY), name="other")])
def test_service_that_is_not_there_is_not_scaled(is_there: Service) -> None:
    assert refused(Scaling(is_there, None).plan, 1) == ["service: shop-api is not in ECS; `pulumi up` makes it"]
