"""Files and folders that somebody else closed, which root never meets: one line each, exit code 2, no secret."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.zelly_infra.stack_files import ROOT

VALUE = "hunter2-of-a-test"
SECRET = "zelly/fastify-nova/env"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project in whose folder nobody may write, with files that nobody may read."""
    for name in ("Pulumi.yaml", "Pulumi.staging.yaml", "Pulumi.production.yaml", "__main__.py"):
        shutil.copy(ROOT / name, tmp_path)
    for folder in ("usage", "policy"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / ".sandbox").mkdir()
    for name in ("values.yaml", "plan.json", "sql/1.sql", ".sandbox/state.json", ".sandbox/lock"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{SECRET}: {{JWT_SECRET: {VALUE}}}\n")
        file.chmod(0o000)
    (tmp_path / "unlisted").mkdir()
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path / "unlisted")
    (tmp_path / "unlisted").chmod(0o111)
    for name in [name for name in os.environ if name.startswith(("AWS_", "ZELLY_", "PULUMI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o555)
    yield tmp_path
    for path in (tmp_path, tmp_path / "unlisted"):
        path.chmod(0o755)


def told(arguments: list[str], folder: Path, *, prepare: str = "") -> str:
    """Return what a command ends with for somebody without rights: exit code, what it printed, what it complained.

    ``prepare`` is code that runs before it.
    """
    program = f"""
from tests.support.another_user import drop_roots_rights
from workbench.cli.main import main
{prepare}
drop_roots_rights()
main()
"""
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{ended.returncode}\n{ended.stdout}{ended.stderr}"


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("plan staging --against plan.json", "--against: plan.json: Permission denied"),
        ("plan staging --save saved.json", "--save: saved.json: Permission denied"),
        ("plan staging --html plan.html", "--html: plan.html: Permission denied"),
        ("diagram staging --output picture.svg", "--output: picture.svg: Permission denied"),
        ("review staging --against plan.json --output reviewed", "--output: reviewed: Permission denied"),
        (
            "secrets template --stack staging --output values.new.yaml",
            "values.new.yaml: Permission denied; a file that can be written is required",
        ),
        ("clickhouse init sql --stack staging", "sql/1.sql: Permission denied"),
        ("sandbox up staging --detach", "{}/.sandbox/lock: Permission denied"),
        ("sandbox down", "{}/.sandbox/lock: Permission denied"),
        ("sandbox status", "{}/.sandbox/state.json: Permission denied"),
        ("sandbox env", "{}/.sandbox/state.json: Permission denied"),
    ],
)
def test_what_is_closed_is_one_line(project: Path, typed: str, line: str) -> None:
    assert told(typed.split(), project) == f"2\n{line.format(project)}\n"


def test_nothing_is_written_of_another_environment_where_one_file_cannot_be(project: Path) -> None:
    said = told(["environment", "add", "preproduction", "--from", "staging", "--region", "eu-west-1"], project)
    assert said.startswith("2\n")
    assert said.endswith("Pulumi.preproduction.yaml: Permission denied; nothing was changed\n"), said
    assert sorted(path.name for path in project.glob("*/preproduction.yaml")) == []


def test_folder_that_cannot_be_listed_is_not_taken_for_one_without_stacks(project: Path) -> None:
    closed = project / "unlisted"
    assert told(["plan", "staging"], closed) == f"2\n{closed}: Permission denied\n"


@pytest.mark.parametrize(
    "arguments", [["push", "values.yaml", "--yes"], ["set", SECRET, "JWT_SECRET", "--file", "values.yaml"]]
)
def test_secrets_file_of_somebody_else(project: Path, arguments: list[str]) -> None:
    # Nothing is asked of AWS before the file is read.
    without_aws = "from workbench.cli.secrets import changes; changes.open_environment = lambda stack: None"
    said = told(["secrets", *arguments], project, prepare=without_aws)
    assert said == "2\nvalues.yaml: Permission denied; a file that can be read is required\n"
    assert VALUE not in said
