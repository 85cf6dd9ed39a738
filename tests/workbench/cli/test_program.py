"""Which program a command is for, and where its project is: by the word that is typed, the folder and ``--project``."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.support import sample
from tests.workbench.cli.conftest import own_variables
from workbench.cli.shared.program import installed as programs

BIN = Path(sys.executable).parent
Said: TypeAlias = Callable[..., tuple[int, str]]


_INSTALLED = sorted({*programs(), sample.PROGRAM.name})


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Return a repository whose root is another project's, with the sample among its programs."""
    program = tmp_path / "programs" / "shop"
    program.mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    (tmp_path / "Pulumi.yaml").write_text('# The one at the root.\nname: "house"\nruntime: python\n')
    for name in ("Pulumi.yaml", "Pulumi.trial.yaml"):
        shutil.copy(sample.FOLDER / name, program)
    return tmp_path


@pytest.fixture
def said(installed: Mapping[str, str]) -> Said:
    """Return how a command ended, and the first line that it said."""
    environment = {**own_variables(), **installed}
    environment["PATH"] = os.pathsep.join([environment["PATH"], str(BIN)])

    def run(word: str, folder: Path, *arguments: str) -> tuple[int, str]:
        ran = subprocess.run(
            [word, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        return _ended(ran, folder)

    return run


def _ended(ran: "subprocess.CompletedProcess[str]", folder: Path) -> tuple[int, str]:
    return ran.returncode, (ran.stdout + ran.stderr).splitlines()[0].replace(str(folder), ".")


TEMPLATE = ("secrets", "template", "--stack", "trial")


@pytest.mark.parametrize(
    ("word", "folder", "arguments"),
    [
        ("sample", "programs/shop", ()),
        ("sample", "docs", ()),
        ("sample", ".", ("--project", "programs/shop")),
        ("workbench", "programs/shop", ()),
        ("workbench", "docs", ("--project", "../programs/shop")),
    ],
)
def test_program_is_found_by_word_and_folder(
    said: Said, house: Path, word: str, folder: str, arguments: tuple[str, ...]
) -> None:
    code, line = said(word, house / folder, *arguments, *TEMPLATE)
    assert (code, line[: line.find(".")]) == (0, f"# What operators fill in trial, for `{word} secrets push`")


@pytest.mark.parametrize(
    ("word", "folder", "arguments", "line"),
    [
        ("sample", ".", ("--project", "."), "--project: came . of the project house; allowed: the project sample"),
        ("sample", ".", ("--project", "docs"), "--project: came ./docs; allowed: a folder with a Pulumi.yaml"),
        (
            "workbench",
            ".",
            (),
            f"./Pulumi.yaml: the project house describes nothing to operate; allowed: {', '.join(_INSTALLED)}",
        ),
    ],
)
def test_project_of_another_program_is_one_line(
    said: Said, *, house: Path, word: str, folder: str, arguments: tuple[str, ...], line: str
) -> None:
    assert said(word, house / folder, *arguments, "service", "list") == (2, line)


def test_project_above_of_another_program_is_one_line(said: Said, house: Path) -> None:
    shutil.rmtree(house / "programs")
    assert said("sample", house, *TEMPLATE) == (
        2,
        "./Pulumi.yaml: came the project house; allowed: sample, in a folder above or that of --project",
    )


def test_programs_own_nouns_are_offered_in_its_project_alone(said: Said, house: Path) -> None:
    assert said("workbench", house, "clickhouse", "init", "--help")[0] == 2
    assert said("workbench", house, "--project", "programs/shop", "clickhouse", "init", "--help")[0] == 0
