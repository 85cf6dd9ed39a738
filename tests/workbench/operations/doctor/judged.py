"""Cases of the doctor's checks: what was read of an environment, and how it is judged."""

from collections.abc import Sequence

import pytest

from workbench.operations.doctor.checks import invariants, steps
from workbench.operations.doctor.facts import Facts, Where
from workbench.operations.doctor.report import Judgement

Case = tuple[str, Where, Facts, Judgement]
"""The name of a check, what it is given, and its judgement."""


def each(cases: Sequence[Case]) -> pytest.MarkDecorator:
    """Run a test for each case, which is its only parameter."""
    return pytest.mark.parametrize("case", cases, ids=[f"{name}: {expected.seen[0]}" for name, _, _, expected in cases])


def judgement(case: Case) -> Judgement:
    """Return what the check that a case names makes of it."""
    name, where, facts, _ = case
    return {**steps(where), **invariants(where)}[name](where, facts)
