"""Components that a change adds as a whole."""

import pytest

from workbench.review.difference.new_components import NewComponent, new_components
from workbench.review.plan_document import PlanDocument, PlannedResource

STACK = "urn:stack"


def resource(
    name: str, parent: str | None, kind: str = "component", of_type: str = "aws:a/topic:Topic"
) -> PlannedResource:
    return PlannedResource(
        urn=f"urn:{name}", type="zelly:index:Part" if kind == "component" else of_type, name=name, parent=parent,
        custom=kind != "component", inputs={}, secret_digests={}, depends_on=[], property_dependencies={}, aliases=[],
        provider=None, protect=False, ignore_changes=[], replace_on_changes=[], replacement_trigger=None,
        retain_on_delete=False, delete_before_replace=False,
    )  # fmt: skip


def plan() -> PlanDocument:
    """Return two components, one in the other, with a rule of the outer one's topic, a provider, and one beside."""
    resources = [
        resource("stack", None),
        resource("outer", STACK),
        resource("topic", "urn:outer", "own"),
        resource("rule", "urn:topic", "own", "aws:a/rule:Rule"),
        resource("other-rule", "urn:outer", "own", "aws:a/rule:Rule"),
        resource("provider", "urn:outer", "own", "pulumi:providers:aws"),
        resource("inner", "urn:outer"),
        resource("queue", "urn:inner", "own", "aws:a/queue:Queue"),
        resource("alone", STACK, "own"),
        resource("beside", STACK),
        resource("bucket", "urn:beside", "own", "aws:a/bucket:Bucket"),
        resource("empty", STACK),
    ]
    return PlanDocument(format="zelly plan", version=1, stack="s", region="r", resources=resources, outputs={})


OUTER = {"urn:topic", "urn:rule", "urn:other-rule", "urn:queue"}


@pytest.mark.parametrize(
    ("added", "paths"),
    [
        (set[str](), []),
        ({"urn:alone"}, []),
        # The provider of a component is none of its resources.
        (OUTER, [("outer",)]),
        (OUTER | {"urn:bucket"}, [("beside",), ("outer",)]),
        # One of it was there before.
        (OUTER - {"urn:rule"}, [("outer", "inner")]),
        (OUTER - {"urn:queue"}, []),
    ],
)
def test_only_the_outermost_of_which_all_is_new_counts(added: set[str], paths: list[tuple[str, ...]]) -> None:
    assert [one.path for one in new_components(plan(), added)] == paths


def test_it_says_what_it_holds_the_most_first() -> None:
    (found,) = new_components(plan(), OUTER)
    counts = {"Rule": 2, "Queue": 1, "Topic": 1}
    names = frozenset({"topic", "rule", "other-rule", "queue"})
    assert found == NewComponent(path=("outer",), type="Part", urns=frozenset(OUTER), names=names, counts=counts)
    assert found.name == "outer"
    assert found.counted == "4 resources (2 Rule, 1 Queue, 1 Topic)"


def test_one_resource_is_counted_in_the_singular() -> None:
    (found,) = new_components(plan(), {"urn:bucket"})
    assert found.counted == "1 resource (1 Bucket)"
