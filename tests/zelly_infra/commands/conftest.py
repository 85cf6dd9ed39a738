"""A copy of the repository's own project, to which Zelly's commands write."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.operators import Completed, Operator, plan_once, without_variables
from tests.zelly_infra.stack_files import ROOT
from workbench.sandbox.embedded import STATE_FILE, stop_running


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A copy of the program, its stack files, policy and assumptions."""

    folder: Path
    operator: Operator

    def run(self, *arguments: str, **environment: str) -> Completed:
        """Run ``zelly`` in this process, in the copy's folder."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            return self.operator.run(*arguments)


def copy_to(folder: Path) -> None:
    for path in (*ROOT.glob("Pulumi*.yaml"), ROOT / "__main__.py"):
        shutil.copy(path, folder)
    for name in ("policy", "usage"):
        shutil.copytree(ROOT / name, folder / name)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Copy]:
    copy_to(tmp_path)
    without_variables(monkeypatch)
    monkeypatch.chdir(tmp_path)
    plan_once(monkeypatch)
    yield Copy(folder=tmp_path, operator=Operator(captured=capsys))
    stop_running(tmp_path / STATE_FILE)
