"""The policy pack on the real engine, which asks it about every resource and about the whole stack."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.stack import Stack, prepare
from tests.zelly_infra.evaluations import STACKS
from tests.zelly_infra.stack_files import ROOT
from zelly_infra.engine.pulumi_cli import Engine, engine_session
from zelly_infra.review.rules.exceptions import EXCEPTIONS_FILE

_VIOLATION = re.compile(r"\[(\w+)\]\s+(\S+)\s+\((\S+): (\S+)\)")


@pytest.fixture(scope="module", params=STACKS)
def stack(request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that has nothing yet."""
    with engine_session(ROOT, tmp_path_factory.mktemp(request.param), engine=engine) as session:
        stack = Stack(name=request.param, session=session)
        prepare(stack)
        yield stack


def _preview(stack: Stack, pack: Path) -> tuple[int, list[tuple[str, str, str, str]], str]:
    """Return the exit code, the violations as level, policy, type and name, and everything that was said."""
    completed = stack.session.run("preview", "--policy-pack", str(pack), "--stack", stack.name)
    said = completed.stdout + completed.stderr
    return completed.returncode, sorted(_VIOLATION.findall(said)), said


def test_engine_asks_the_pack_and_finds_nothing_in_either_stack(stack: Stack) -> None:
    code, violations, said = _preview(stack, ROOT / "policy")
    assert (code, violations) == (0, []), said[-3000:]
    assert "zelly@v1.0.0" in said


def test_engine_finds_without_exceptions_what_the_plan_finds(stack: Stack, tmp_path: Path) -> None:
    pack = tmp_path / "policy"
    shutil.copytree(ROOT / "policy", pack)
    (tmp_path / EXCEPTIONS_FILE).write_text("")
    code, violations, said = _preview(stack, pack)
    Path("/tmp/pol/said.txt").write_text(said)
    print(violations)
    assert code != 0
