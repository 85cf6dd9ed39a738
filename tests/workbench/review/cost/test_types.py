"""The types that have a price, and those that have a reason to have none."""

from workbench.review.cost.types import COUNTED_TOGETHER, FREE, PRICED, is_known


def test_no_type_is_both_priced_and_free() -> None:
    assert FREE.keys() & (PRICED.keys() | COUNTED_TOGETHER) == set()


def test_every_reason_says_something() -> None:
    assert [name for name, reason in FREE.items() if len(reason) < 10] == []


def test_a_type_that_nobody_thought_of_is_not_known() -> None:
    assert not is_known("aws:sqs/queue:Queue")
