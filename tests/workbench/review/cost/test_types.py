"""No resource of the program is forgotten: it has a price, or a reason to have none."""

import pytest

from tests.zelly_infra.evaluations import STACKS, evaluation_of
from workbench.review.cost.types import COUNTED_TOGETHER, FREE, PRICED, is_known
from workbench.review.tree import count_by_type


@pytest.mark.parametrize("stack", STACKS)
def test_every_type_of_the_program_is_priced_or_explained(stack: str) -> None:
    assert [name for name in sorted(count_by_type(evaluation_of(stack))) if not is_known(name)] == []


def test_no_type_is_both_priced_and_free() -> None:
    assert FREE.keys() & (PRICED.keys() | COUNTED_TOGETHER) == set()


def test_every_reason_says_something() -> None:
    assert [name for name, reason in FREE.items() if len(reason) < 10] == []


def test_a_type_that_nobody_thought_of_is_not_known() -> None:
    assert not is_known("aws:sqs/queue:Queue")
