"""What a terminal shows of a plan and of a difference, where a component is one line."""

import io
from collections.abc import Iterable

import pulumi
import pulumi_aws as aws
from rich.console import Console, RenderableType

from tests.support import sample
from tests.workbench.review.plans import compared
from workbench.cli.plan.comparison_view import comparison_view
from workbench.cli.plan.estimates import cost_of
from workbench.cli.plan.view import short_view
from workbench.review.danger.assessment import assess
from zelly_components.base import Component


def printed(parts: Iterable[RenderableType]) -> list[str]:
    console = Console(file=io.StringIO(), width=1000, soft_wrap=True, highlight=False)
    for part in parts:
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


class Alarms(Component):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        aws.sns.Topic(f"{name}-topic", opts=self.child())


class Shop(Component):
    def __init__(self, name: str, *, alarms: bool) -> None:
        super().__init__(name)
        aws.s3.Bucket(f"{name}-files", opts=self.child())
        aws.s3.Bucket(f"{name}-logs", opts=self.child())
        if alarms:
            Alarms(f"{name}-alarms", opts=self.child())


def test_components_that_are_new_are_a_line_each() -> None:
    def after() -> None:
        Shop("old", alarms=True)
        Shop("new", alarms=True)

    assessment = assess(compared(lambda: Shop("old", alarms=False), after))
    asked: list[list[str]] = []

    def cost(names: Iterable[str]) -> str:
        asked.append(sorted(names))
        return "1.00 USD a month"

    assert printed(comparison_view(assessment, cost, full=False)) == [
        "test in eu-west-1 against before: 4 added, 2 unchanged",
        "Nothing dangerous is known of it",
        "",
        "test",
        "├── added Shop new: 3 resources (2 Bucket, 1 Topic), 1.00 USD a month",
        "└── old",
        "    └── added Alarms old-alarms: 1 resource (1 Topic), 1.00 USD a month",
    ]
    assert asked == [["new-alarms-topic", "new-files", "new-logs"], ["old-alarms-topic"]]
    full = printed(comparison_view(assessment, cost, full=True))
    assert [line for line in full if "added" in line][1:] == [
        "│   ├── added new-files (aws:s3/bucket:Bucket)",
        "│   ├── added new-logs (aws:s3/bucket:Bucket)",
        "│       └── added new-alarms-topic (aws:sns/topic:Topic)",
        "        └── added old-alarms-topic (aws:sns/topic:Topic)",
    ]


def test_a_plan_has_a_line_for_each_component_with_its_cost() -> None:
    evaluation = sample.evaluation_of("live")
    cost = cost_of("live", "ap-south-1", evaluation.resources, sample.FOLDER)
    lines = printed(short_view(evaluation, "ap-south-1", cost))
    assert "├── RedisNode sample-live-redis: 9 resources, 29.93 USD a month" in lines
    assert len(lines) < 40


def test_a_plan_goes_on_without_assumptions_about_use() -> None:
    evaluation = sample.evaluation_of("live")
    cost = cost_of("live", "ap-south-1", evaluation.resources, sample.FOLDER / "nowhere")
    assert cost(["sample-live-redis"]) == "cost not estimated"
