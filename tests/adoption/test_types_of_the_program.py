"""The table of types has all that both stacks make."""

import pytest

from tests.zelly_infra.evaluations import STACKS, evaluation_of
from workbench.adopt.types import row_of


@pytest.mark.parametrize("stack", STACKS)
def test_every_type_of_a_stack_has_a_row(stack: str) -> None:
    tokens = {resource.type for resource in evaluation_of(stack).custom()}
    assert {token for token in tokens if row_of(token) is None} == {"pulumi:providers:aws"}
