"""Pulumi's command line: found on PATH, and run without input."""

from pathlib import Path

import pytest

from tests.support.fake_pulumi import asked, pulumi
from workbench.operations.pulumi_command import find_pulumi, run_pulumi


def test_pulumi_runs_in_the_projects_folder_and_is_given_no_input(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    ran = run_pulumi(pulumi(tmp_path, stdout="out", stderr="err", code=3), ["a", "b c"], root)
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, "out", "err")
    assert asked(tmp_path) == [str(root), "true", "a", "b c"]


def test_pulumi_is_found_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_pulumi() is None
    program = pulumi(tmp_path)
    assert find_pulumi() == program
