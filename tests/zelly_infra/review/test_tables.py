"""The tables of the review know everything that Zelly's stacks have, so that no line of a review says "unknown"."""

import pytest

from tests.workbench.review.danger.test_refusals import unknown_of_a_moved_network
from tests.workbench.review.sizes.test_measure import unknown_references
from tests.zelly_infra.evaluations import STACKS, evaluation_of, evaluation_with
from workbench.review.danger.stakes import STATEFUL
from workbench.review.difference.ignored import TAKEN_OVER

CIDR = {"production": "10.3.0.0/16", "staging": "10.4.0.0/16"}


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_is_unknown_to_the_tables(stack: str) -> None:
    evaluation = evaluation_of(stack)
    ignored = {(resource.type, path) for resource in evaluation.resources for path in resource.ignore_changes}
    protected = {resource.type for resource in evaluation.custom() if resource.protect}
    # A volume's id without its hyphen, in the boot document.
    references = {each for each in unknown_references(evaluation) if not each.endswith("clickhouse-data.id}")}
    assert (ignored - TAKEN_OVER.keys(), protected - STATEFUL.keys(), references) == (set(), set(), set())


@pytest.mark.parametrize("stack", STACKS)
def test_of_everything_that_a_moved_network_changes_it_is_known_what_aws_makes_of_it(stack: str) -> None:
    moved = evaluation_with(stack, {"network/cidr": CIDR[stack]})
    assert unknown_of_a_moved_network(evaluation_of(stack), moved) == set()
