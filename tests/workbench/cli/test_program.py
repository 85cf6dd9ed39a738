"""Which program a command is for, and where its project is: by the word that is typed, the folder and ``--project``."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.zelly_infra.stack_files import ROOT

BIN = Path(sys.executable).parent


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Return a repository whose root is another project's, with Zelly among its programs."""
    program = tmp_path / "programs" / "shop"
    program.mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    (tmp_path / "Pulumi.yaml").write_text('# The one at the root.\nname: "house"\nruntime: python\n')
    for name in ("Pulumi.yaml", "Pulumi.staging.yaml"):
        shutil.copy(ROOT / name, program)
    return tmp_path


def said(word: str, folder: Path, *arguments: str) -> tuple[int, str]:
    """Return how a command ended, and the first line that it said."""
    ran = subprocess.run([BIN / word, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return ran.returncode, (ran.stdout + ran.stderr).splitlines()[0].replace(str(folder), ".")


TEMPLATE = ("secrets", "template", "--stack", "staging")


@pytest.mark.parametrize(
    ("word", "folder", "arguments"),
    [
        ("zelly", "programs/shop", ()),
        ("zelly", "docs", ()),
        ("zelly", ".", ("--project", "programs/shop")),
        ("workbench", "programs/shop", ()),
        ("workbench", "docs", ("--project", "../programs/shop")),
    ],
)
def test_program_is_found_by_word_and_folder(house: Path, word: str, folder: str, arguments: tuple[str, ...]) -> None:
    code, line = said(word, house / folder, *arguments, *TEMPLATE)
    assert (code, line[: line.find(".")]) == (0, f"# What operators fill in staging, for `{word} secrets push`")


@pytest.mark.parametrize(
    ("word", "folder", "arguments", "line"),
    [
        ("zelly", ".", ("--project", "."), "--project: came . of the project house; allowed: the project zelly"),
        ("zelly", ".", ("--project", "docs"), "--project: came ./docs; allowed: a folder with a Pulumi.yaml"),
        (
            "workbench",
            ".",
            (),
            "./Pulumi.yaml: the project house describes nothing to operate; allowed: zelly",
        ),
    ],
)
def test_project_of_another_program_is_one_line(
    house: Path, word: str, folder: str, arguments: tuple[str, ...], line: str
) -> None:
    assert said(word, house / folder, *arguments, "service", "list") == (2, line)


def test_project_above_of_another_program_is_one_line(house: Path) -> None:
    shutil.rmtree(house / "programs")
    assert said("zelly", house, *TEMPLATE) == (
        2,
        "./Pulumi.yaml: came the project house; allowed: zelly, in a folder above or that of --project",
    )


def test_programs_own_nouns_are_offered_in_its_project_alone(house: Path) -> None:
    assert said("workbench", house, "vpn", "peers", "--help")[0] == 2
    assert said("workbench", house, "--project", "programs/shop", "vpn", "peers", "--help")[0] == 0
