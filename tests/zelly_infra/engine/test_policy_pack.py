"""The policy pack on the real engine, which asks it about every resource and about the whole stack."""

import re
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.support.engine.running import quick
from tests.support.engine.stacks import Stack
from tests.zelly_infra.engine.stack import prepared
from tests.zelly_infra.evaluations import evaluation_of
from tests.zelly_infra.stack_files import ROOT
from workbench.engine.pulumi_cli import Engine, engine_session
from workbench.review.rules.exceptions import EXCEPTIONS_FILE
from workbench.review.rules.recorded import stack_of
from workbench.review.rules.report import findings
from workbench.review.rules.table import RULES

_VIOLATION = re.compile(r"\[mandatory\] \[severity: (\w+)\]\s+(\S+)\s+\(\S+: (\S+)\)")

NOT_KNOWN_IN_A_PREVIEW = frozenset({"container-read-only"})
"""Container definitions name secrets and images that are not made yet, so that the whole of them is unknown."""


@contextmanager
def _nothing_yet(name: str, engine: Engine, folder: Path) -> Generator[Stack]:
    with engine_session(ROOT, folder, engine=engine) as session:
        yield prepared(name, session)


def test_engine_asks_the_pack_and_finds_nothing_that_is_not_excepted(engine: Engine, tmp_path: Path) -> None:
    with _nothing_yet("staging", quick(engine, tmp_path), tmp_path / "session") as stack:
        completed = stack.session.run("preview", "--policy-pack", str(ROOT / "policy"), "--stack", stack.name)
    assert completed.returncode == 0, completed.stdout[-3000:] + completed.stderr[-3000:]
    assert f"✅ zelly@v1.0.0 (local: {ROOT / 'policy'})" in completed.stdout


def test_engine_finds_without_exceptions_what_the_plan_finds(engine: Engine, tmp_path: Path) -> None:
    # Production has more than staging of every kind; its program runs on the SDK as it is.
    pack = shutil.copytree(ROOT / "policy", tmp_path / "policy")
    (tmp_path / EXCEPTIONS_FILE).write_text("")
    with _nothing_yet("production", engine, tmp_path / "session") as stack:
        completed = stack.session.run("preview", "--policy-pack", str(pack), "--stack", stack.name)
    planned = findings(stack_of(evaluation_of("production")), RULES)
    assert sorted(_VIOLATION.findall(completed.stdout)) == sorted(
        (finding.severity.value, finding.rule, finding.name)
        for finding in planned
        if finding.rule not in NOT_KNOWN_IN_A_PREVIEW
    )
    assert completed.returncode != 0
