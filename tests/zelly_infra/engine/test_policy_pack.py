"""The policy pack on the real engine, which asks it about every resource and about the whole stack."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.zelly_infra.engine.conftest import quick
from tests.zelly_infra.engine.stack import Stack, prepare
from tests.zelly_infra.evaluations import STACKS, evaluation_of
from tests.zelly_infra.stack_files import ROOT
from workbench.engine.pulumi_cli import Engine, engine_session
from workbench.review.rules.exceptions import EXCEPTIONS_FILE
from workbench.review.rules.recorded import stack_of
from workbench.review.rules.report import findings
from workbench.review.rules.table import RULES

_VIOLATION = re.compile(r"\[mandatory\] \[severity: (\w+)\]\s+(\S+)\s+\(\S+: (\S+)\)")


@pytest.fixture(scope="module", params=STACKS)
def stack(request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that has nothing yet; production's program runs on the SDK as it is."""
    folder = tmp_path_factory.mktemp(request.param)
    runs_on = engine if request.param == "production" else quick(engine, folder)
    with engine_session(ROOT, folder, engine=runs_on) as session:
        stack = Stack(name=request.param, session=session)
        prepare(stack)
        yield stack


def test_engine_asks_the_pack_and_finds_nothing_in_either_stack(stack: Stack) -> None:
    completed = stack.session.run("preview", "--policy-pack", str(ROOT / "policy"), "--stack", stack.name)
    assert completed.returncode == 0, completed.stdout[-3000:] + completed.stderr[-3000:]
    assert f"✅ zelly@v1.0.0 (local: {ROOT / 'policy'})" in completed.stdout


NOT_KNOWN_IN_A_PREVIEW = frozenset({"container-read-only"})
"""Container definitions name secrets and images that are not made yet, so that the whole of them is unknown."""


def test_engine_finds_without_exceptions_what_the_plan_finds(stack: Stack, tmp_path: Path) -> None:
    pack = shutil.copytree(ROOT / "policy", tmp_path / "policy")
    (tmp_path / EXCEPTIONS_FILE).write_text("")
    completed = stack.session.run("preview", "--policy-pack", str(pack), "--stack", stack.name)
    planned = findings(stack_of(evaluation_of(stack.name)), RULES)
    assert sorted(_VIOLATION.findall(completed.stdout)) == sorted(
        (finding.severity.value, finding.rule, finding.name)
        for finding in planned
        if finding.rule not in NOT_KNOWN_IN_A_PREVIEW
    )
    assert completed.returncode != 0
