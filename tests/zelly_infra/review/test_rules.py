"""Zelly and the rules: what it breaks is excepted, each exception covers something, and none is for a stack by name."""

import pytest

from tests.zelly_infra.evaluations import STACKS, evaluation_of
from tests.zelly_infra.stack_files import ROOT, environment_of, with_changes
from workbench.review.rules.exceptions import EXCEPTIONS_FILE, read_exceptions
from workbench.review.rules.recorded import report_on

EXCEPTIONS = read_exceptions(ROOT / EXCEPTIONS_FILE)


@pytest.mark.parametrize("stack", STACKS)
def test_stack_breaks_no_rule_without_a_reasoned_exception_that_holds(stack: str) -> None:
    report = report_on(evaluation_of(stack), ROOT)
    assert (report.broken, report.expired, report.stale, report.passes) == ((), (), (), True)


def test_what_is_protected_has_none_of_the_exceptions_of_what_is_not() -> None:
    public = with_changes(environment_of("staging"), {"deletion_protection": True, "registry/create": True})
    without = {exception.rule for exception in EXCEPTIONS if exception.concerns("staging", environment_of("staging"))}
    protected = {exception.rule for exception in EXCEPTIONS if exception.concerns("production", public)}
    assert without - protected == {
        "aurora-deletion-protection",
        "aurora-final-snapshot",
        "aurora-private",
        "balancer-deletion-protection",
        "bucket-kept-with-objects",
        "cluster-container-insights",
        "secret-recoverable",
        "stateful-protected",
    }
    assert protected - without == {"stateful-replaced-in-order"}


def test_no_exception_is_for_stacks_by_name() -> None:
    # A third environment has what it is for as much as the first two.
    assert [each.rule for each in EXCEPTIONS if each.stacks is not None] == []
