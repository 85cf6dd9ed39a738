from collections import Counter

import pulumi
import pulumi_aws as aws

from workbench.evaluate import evaluate
from workbench.review.tree import ComponentNode, component_tree, count_by_type
from zelly_components.base import Component


class Inner(Component):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        key = aws.kms.Key(f"{name}-key", opts=self.child())
        aws.kms.Alias(f"{name}-alias", target_key_id=key.id, opts=pulumi.ResourceOptions(parent=key))


class Outer(Component):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        aws.ec2.Vpc(f"{name}-vpc", opts=self.child())
        Inner(f"{name}-inner", self.child())


def program() -> None:
    aws.Provider("aws", region="eu-west-1")
    Outer("shop-b")
    Inner("shop-a")


def inner(name: str) -> ComponentNode:
    own = Counter({"aws:kms/key:Key": 1, "aws:kms/alias:Alias": 1})
    names = frozenset({f"{name}-key", f"{name}-alias"})
    return ComponentNode(type="Inner", name=name, own=own, names=names, components=())


def test_tree_holds_each_component_with_its_own_resources_in_order() -> None:
    assert component_tree(evaluate(program)) == ComponentNode(
        type="Stack",
        name="test-test",
        own=Counter(),
        names=frozenset(),
        components=(
            inner("shop-a"),
            ComponentNode(
                type="Outer",
                name="shop-b",
                own=Counter({"aws:ec2/vpc:Vpc": 1}),
                names=frozenset({"shop-b-vpc"}),
                components=(inner("shop-b-inner"),),
            ),
        ),
    )


def test_what_is_made_is_counted_at_any_depth_and_without_providers() -> None:
    evaluation = evaluate(program)
    assert component_tree(evaluation).total == len(component_tree(evaluation).resource_names) == 5
    assert count_by_type(evaluation) == {"aws:kms/key:Key": 2, "aws:kms/alias:Alias": 2, "aws:ec2/vpc:Vpc": 1}
