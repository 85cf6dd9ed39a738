import contextvars
from typing import Any, ClassVar

import pulumi
import pulumi_aws as aws
import pytest

from workbench.evaluate import evaluate
from zelly_components.base import Component, output_names, resolved_after


class Shelf(Component):
    kind: ClassVar[str] = "shelf"
    height_mm: int
    boards: tuple[str, ...]
    arns: dict[int, pulumi.Output[str]]
    _hidden: str


class NarrowShelf(Shelf):
    label: str | None


def outputs_of(make: type[Shelf], values: dict[str, Any]) -> dict[str, Any]:
    def program() -> None:
        shelf = make("shelf")
        for name, value in values.items():
            setattr(shelf, name, value)
        shelf.register_annotated_outputs()

    evaluation = evaluate(program)
    return evaluation.component_outputs[evaluation.one(make.component_type).urn]


def test_outputs_are_the_annotated_attributes_those_of_ancestors_first() -> None:
    values = {"height_mm": 2, "boards": ("top", "low"), "arns": {80: pulumi.Output.from_input("a")}, "label": "low"}
    found = outputs_of(NarrowShelf, {**values, "_hidden": "", "other": 1})
    # Pulumi's properties know neither tuples nor keys that are numbers.
    assert found == {"height_mm": 2, "boards": ["top", "low"], "arns": {"80": "a"}, "label": "low"}
    assert list(output_names(NarrowShelf)) == ["height_mm", "boards", "arns", "label"]


def test_an_output_that_is_never_set_is_named() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'arns'"):
        outputs_of(Shelf, {"height_mm": 2, "boards": ()})


class Unmade(pulumi.runtime.Mocks):
    """A preview in which nothing has an id yet."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        return None, {"arn": f"arn:{args.name}"}

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:  # noqa: ARG002 (the interface's own name)
        return {}


def test_what_waits_for_a_resource_is_known_before_that_has_an_id() -> None:
    known: list[bool] = []

    async def look(output: pulumi.Output[Any]) -> None:
        known.append(await output.is_known())

    def program() -> pulumi.Output[Any]:
        cluster, instance = aws.ecs.Cluster("cluster"), aws.ecs.Cluster("instance")
        return pulumi.Output.all(look(instance.id), look(resolved_after(cluster.arn, instance)))

    def run() -> None:
        pulumi.runtime.set_mocks(Unmade(), preview=True)
        pulumi.runtime.test(program)()  # pyright: ignore[reportUnknownMemberType] (the SDK leaves it untyped)

    contextvars.Context().run(run)
    assert known == [False, True]
