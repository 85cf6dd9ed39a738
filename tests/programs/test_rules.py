"""The rules and all programs: what each breaks is excepted, and no rule is for nobody."""

from itertools import chain

import pytest

from tests.programs.pakashop import evaluations as pakashop
from tests.programs.relay import evaluations as relay
from tests.zelly_infra import evaluations as zelly
from workbench.review.rules.recorded import report_on, stack_of
from workbench.review.rules.table import RULES


@pytest.mark.parametrize("stack", pakashop.STACKS)
def test_pakashop_breaks_no_rule_without_a_reasoned_exception_that_holds(stack: str) -> None:
    report = report_on(pakashop.evaluation_of(stack), pakashop.ROOT)
    assert (report.broken, report.expired, report.stale, report.passes) == ((), (), (), True)


@pytest.mark.parametrize("stack", relay.STACKS)
def test_relay_breaks_no_rule_without_a_reasoned_exception_that_holds(stack: str) -> None:
    report = report_on(relay.evaluation_of(stack), relay.ROOT)
    assert (report.broken, report.expired, report.stale, report.passes) == ((), (), (), True)


def test_rules_that_find_nothing_to_look_at_in_any_program_are_known() -> None:
    stacks = [stack_of(zelly.evaluation_of("production")), stack_of(pakashop.evaluation_of("live"))]
    looked_at = {rule.id for rule in RULES if list(chain.from_iterable(stack.of_types(rule.types) for stack in stacks))}
    assert {rule.id for rule in RULES} - looked_at == {"no-iam-users"}
