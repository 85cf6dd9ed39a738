"""How long a first up of Zelly's stacks takes: no longer than Aurora does, and a tail."""

import pytest

from tests.zelly_infra.evaluations import STACKS, evaluation_of
from workbench.review.timeline import slowest_chain, timeline

LONGEST_TAIL_SECONDS = 10
"""After the slowest single chain: the secret with the database's address, the services that read it, their scaling."""


@pytest.mark.parametrize("stack", STACKS)
def test_first_up_takes_no_longer_than_its_slowest_chain_and_a_tail(stack: str) -> None:
    evaluation = evaluation_of(stack)
    slowest = slowest_chain(evaluation)
    assert slowest is not None
    assert slowest.resource.name == f"zelly-{stack}-aurora-instance-1"
    assert 0 <= timeline(evaluation).seconds - slowest.end <= LONGEST_TAIL_SECONDS
