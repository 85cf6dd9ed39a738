"""Two stacks held against each other: what counts as the same, what differs, and what may differ."""

from pathlib import Path
from typing import Any

import pytest

from workbench.errors import OperatorError
from workbench.evaluate import RecordedResource
from workbench.review.parity.allowed import AllowedDifference, read_allowed
from workbench.review.parity.compare import Side, compared
from workbench.review.parity.wording import document, lines

REGIONS = {"test": "eu-west-1", "live": "eu-central-1"}


def resource(name: str, inputs: dict[str, Any], *, protect: bool = False) -> RecordedResource:
    return RecordedResource(
        urn=f"urn:pulumi:test::shop::aws:sqs/queue:Queue::{name}",
        type="aws:sqs/queue:Queue",
        name=name,
        parent=None,
        inputs=inputs,
        plain_inputs=inputs,
        depends_on=(),
        protect=protect,
        ignore_changes=(),
        retain_on_delete=False,
        delete_before_replace=False,
        replacement_trigger=None,
        plain_replacement_trigger=None,
        custom=True,
        property_dependencies={},
        aliases=(),
        provider=None,
        replace_on_changes=(),
    )


def side(stack: str, *resources: RecordedResource) -> Side:
    return Side(stack=stack, region=REGIONS[stack], resources=resources)


def both(test: dict[str, Any], live: dict[str, Any], *, protect: bool = False) -> tuple[Side, Side]:
    return side("test", resource("shop-test-jobs", test)), side(
        "live", resource("shop-live-jobs", live, protect=protect)
    )


MAY_BE_LONGER = AllowedDifference(
    resources="shop-{environment}-jobs", properties=["retention", "rules[].days"], reason="Live keeps for longer."
)


@pytest.mark.parametrize(
    ("test", "live"),
    [
        ({"name": "shop-test-jobs"}, {"name": "shop-live-jobs"}),
        ({"arn": "arn:aws:sqs:eu-west-1:1:a"}, {"arn": "arn:aws:sqs:eu-central-1:1:a"}),
        # A word that is the other stack's name, and means something else.
        ({"mode": "live"}, {"mode": "live"}),
        ({"policy": '{"a": "/shop/test/x", "b": 1}'}, {"policy": '{"b": 1, "a": "/shop/live/x"}'}),
    ],
)
def test_environment_and_region_make_no_difference(test: dict[str, Any], live: dict[str, Any]) -> None:
    assert compared(*both(test, live), []).differences == ()


@pytest.mark.parametrize(
    ("test", "live", "path", "values"),
    [
        ({"retention": 1}, {"retention": 2}, "retention", (1, 2)),
        ({}, {"retention": 2}, "retention", (None, 2)),
        # Part of a longer word is not the environment.
        ({"name": "latest"}, {"name": "lalive"}, "name", ("latest", "lalive")),
        ({"policy": '{"a": [{"b": 1}]}'}, {"policy": '{"a": [{"b": 2}]}'}, "policy.a[0].b", (1, 2)),
    ],
)
def test_what_differs_is_named_to_the_value(
    test: dict[str, Any], live: dict[str, Any], path: str, values: tuple[Any, Any]
) -> None:
    [one] = compared(*both(test, live), []).unexpected
    assert (one.name, one.path, one.values) == ("shop-{environment}-jobs", path, values)


def test_protection_counts() -> None:
    [one] = compared(*both({}, {}, protect=True), []).unexpected
    assert one.values == (None, True)


def test_what_may_differ_is_listed_with_its_reason() -> None:
    found = compared(*both({"rules": [{"days": 1}]}, {"rules": [{"days": 2}]}), [MAY_BE_LONGER])
    assert (found.holds, found.unexpected) == (True, ())
    assert list(lines(found, every=True)) == [
        "test and live: 1 resource of both compared, 0 differences that nothing allows, 1 that may be",
        "  Live keeps for longer.",
        "    shop-{environment}-jobs (aws:sqs/queue:Queue): rules[0].days: 1 in test, 2 in live",
    ]


def test_a_resource_of_one_stack_is_a_difference_unless_it_is_listed_as_a_whole() -> None:
    first, second = side("test", resource("shop-test-jobs", {})), side("live")
    found = compared(first, second, [MAY_BE_LONGER])
    assert list(lines(found, every=False)) == [
        "test and live: 0 resources of both compared, 1 difference that nothing allows, 0 that may be",
        "  shop-{environment}-jobs (aws:sqs/queue:Queue): only in test",
        "  needless: shop-{environment}-jobs (retention, rules[].days): no difference needs it any more",
    ]
    whole = AllowedDifference(resources="shop-{environment}-*", reason="Only test has a queue of its own.")
    allowed = compared(first, second, [whole])
    assert (allowed.holds, document(allowed)["differences"]) == (
        True,
        [
            {
                "resource": "shop-{environment}-jobs",
                "type": "aws:sqs/queue:Queue",
                "property": None,
                "only_in": "test",
                "values": None,
                "reason": "Only test has a queue of its own.",
            }
        ],
    )


def test_mistakes_in_the_list_are_said_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "parity.toml"
    path.write_text('[[difference]]\nresources = "a"\nreason = "short"\n[[diference]]\n', encoding="utf-8")
    with pytest.raises(OperatorError) as raised:
        read_allowed(path)
    assert str(raised.value).splitlines() == [
        f"{path}: diference: unknown; allowed: difference",
        f"{path}: difference 1: reason: came 'short'; String should have at least 20 characters",
    ]
    assert read_allowed(tmp_path / "none.toml") == ()
