"""The URNs that a resource may have had before, against those that the SDK itself works out."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.runtime.resource import all_aliases

from workbench.evaluate import Evaluation, evaluate

TOPIC = "aws:sns/topic:Topic"
URN = "urn:pulumi:test::test::"


class Component(pulumi.ComponentResource):
    """A component with no alias of its own."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None) -> None:
        super().__init__(f"shop:index:{type(self).__name__}", name, None, opts)

    def child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)


class Part(Component):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None, of_children: list[Any]) -> None:
        super().__init__(name, opts)
        options = pulumi.ResourceOptions.merge(self.child(), pulumi.ResourceOptions(aliases=of_children))
        aws.sns.Topic(f"{name}-alarms", opts=options)
        aws.sns.Topic("fixed", opts=options)


SHAPES: dict[str, tuple[list[Any], list[Any]]] = {
    "none": ([], []),
    "the component's name": ([pulumi.Alias(name="old")], []),
    "two names": ([pulumi.Alias(name="old"), pulumi.Alias(name="older")], []),
    "the component's type": ([pulumi.Alias(type_="shop:index:Piece")], []),
    "a URN": ([f"{URN}shop:index:Part::old"], [f"{URN}{TOPIC}::old"]),
    "no parent": ([], [pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]),
    "another parent": ([], [pulumi.Alias(parent=f"{URN}shop:index:Other::other")]),
    "the child's name and type": ([], [pulumi.Alias(name="topic", type_="aws:sns/old:Old")]),
    "both": ([pulumi.Alias(name="old")], [pulumi.Alias(name="new-topic")]),
}


def recorded(evaluation: Evaluation) -> dict[str, set[str]]:
    return {resource.name: set(resource.aliases) for resource in evaluation.of_type(TOPIC)}


@pytest.mark.parametrize("shape", SHAPES)
def test_aliases_are_the_ones_of_the_sdk(shape: str) -> None:
    of_component, of_children = SHAPES[shape]
    expected: dict[str, set[str]] = {"new-alarms": set(), "fixed": set()}

    def program() -> None:
        part = Part("new", pulumi.ResourceOptions(aliases=of_component), of_children)
        for name, found in expected.items():
            aliases = pulumi.Output.all(*all_aliases(of_children, name, TOPIC, part))
            pulumi.export(name, aliases.apply(found.update))

    evaluation = evaluate(program)
    own = {resource.urn for resource in evaluation.resources}
    assert recorded(evaluation) == {name: found - own for name, found in expected.items()}
    assert any(expected.values()) is (shape != "none")


def test_an_alias_may_be_of_another_stack_and_project() -> None:
    def program() -> None:
        Part("new", None, [pulumi.Alias(stack="before", project="earlier")])

    assert recorded(evaluate(program)) == {
        name: {f"urn:pulumi:before::earlier::shop:index:Part${TOPIC}::{name}"} for name in ("new-alarms", "fixed")
    }


def test_aliases_go_down_to_what_is_in_a_component_inside() -> None:
    class Whole(Component):
        def __init__(self, name: str, opts: pulumi.ResourceOptions) -> None:
            super().__init__(name, opts)
            Part(f"{name}-part", self.child(), [])

    def program() -> None:
        Whole("new", pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old")]))

    inside = f"{URN}shop:index:Whole$shop:index:Part${TOPIC}::"
    # "fixed" has the same URN whatever its component is called: names of parents are no part of it.
    assert recorded(evaluate(program)) == {"new-part-alarms": {f"{inside}old-part-alarms"}, "fixed": set()}
