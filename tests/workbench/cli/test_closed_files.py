"""Files and folders that somebody else closed, which root never meets: one line each, exit code 2, no secret."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support import sample
from tests.support.commands_apart import CommandsApart, commands_apart
from tests.workbench.cli.conftest import Project

VALUE = "hunter2-of-a-test"
SECRET = "sample/web/env"

WITHOUT_RIGHTS = """
from tests.support.another_user import drop_roots_rights
from workbench.cli.secrets import changes
# Nothing is asked of AWS before a file of secrets is read.
changes.open_environment = lambda stack: None
drop_roots_rights()
"""


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory, installed: Mapping[str, str]) -> Iterator[Project]:
    """A project in whose folder nobody may write, with files that nobody may read."""
    folder = tmp_path_factory.mktemp("closed")
    project = Project.made(folder, installed)
    for name in ("values.yaml", "plan.json", "sql/1.sql", ".sandbox/state.json", ".sandbox/lock"):
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{SECRET}: {{SESSION_KEY: {VALUE}}}\n")
        file.chmod(0o000)
    unlisted = folder / "unlisted"
    unlisted.mkdir()
    shutil.copy(sample.FOLDER / "Pulumi.yaml", unlisted)
    unlisted.chmod(0o111)
    folder.chmod(0o555)
    yield project
    for path in (folder, unlisted):
        path.chmod(0o755)


@pytest.fixture(scope="module")
def somebody(closed: Project) -> Iterator[CommandsApart]:
    """Somebody without rights in the project's folder."""
    with commands_apart(closed.folder, closed.environment, imports=sample.ROOT, prepare=WITHOUT_RIGHTS) as commands:
        yield commands


def told(somebody: CommandsApart, *arguments: str, folder: Path | None = None) -> str:
    """Return what a command ends with: exit code, what it printed, what it complained."""
    ended = somebody.run(*arguments, folder=folder)
    return f"{ended.exit_code}\n{ended.stdout}{ended.stderr}"


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("plan trial --against plan.json", "--against: plan.json: Permission denied"),
        ("plan trial --save saved.json", "--save: saved.json: Permission denied"),
        ("plan trial --html plan.html", "--html: plan.html: Permission denied"),
        ("diagram trial --output picture.svg", "--output: picture.svg: Permission denied"),
        ("review trial --against plan.json --output reviewed", "--output: reviewed: Permission denied"),
        (
            "secrets template --stack trial --output values.new.yaml",
            "values.new.yaml: Permission denied; a file that can be written is required",
        ),
        ("clickhouse init sql --stack trial", "sql/1.sql: Permission denied"),
        ("sandbox up trial --detach", "{}/.sandbox/lock: Permission denied"),
        ("sandbox down", "{}/.sandbox/lock: Permission denied"),
        ("sandbox status", "{}/.sandbox/state.json: Permission denied"),
        ("sandbox env", "{}/.sandbox/state.json: Permission denied"),
    ],
)
def test_what_is_closed_is_one_line(closed: Project, somebody: CommandsApart, typed: str, line: str) -> None:
    assert told(somebody, *typed.split()) == f"2\n{line.format(closed.folder)}\n"


def test_folder_that_cannot_be_listed_is_not_taken_for_one_without_stacks(
    closed: Project, somebody: CommandsApart
) -> None:
    unlisted = closed.folder / "unlisted"
    assert told(somebody, "plan", "trial", folder=unlisted) == f"2\n{unlisted}: Permission denied\n"


@pytest.mark.parametrize(
    "arguments", [["push", "values.yaml", "--yes"], ["set", SECRET, "SESSION_KEY", "--file", "values.yaml"]]
)
def test_secrets_file_of_somebody_else(somebody: CommandsApart, arguments: list[str]) -> None:
    said = told(somebody, "secrets", *arguments)
    assert said == "2\nvalues.yaml: Permission denied; a file that can be read is required\n"
    assert VALUE not in said
