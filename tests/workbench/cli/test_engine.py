import os
import re

import pytest

from tests.workbench.cli.conftest import Project
from workbench.engine.pulumi_cli import REPOSITORY, find_engine
from workbench.errors import OperatorError
from workbench.sandbox.lock import held


@pytest.fixture(scope="module", autouse=True)
def _engine() -> None:
    try:
        find_engine(REPOSITORY)
    except OperatorError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


def test_engine_makes_the_stack_and_leaves_nothing_when_there_is_no_terminal(project: Project) -> None:
    ran = project.run_apart("sandbox", "up", "live", "--engine")
    assert ran.returncode == 0, ran.stderr
    # The stack itself, the provider, the VPC and the password.
    assert "    + 4 created\n" in ran.stdout
    assert not (project.folder / ".sandbox" / "engine").exists()
    assert "encryptionsalt" not in (project.folder / "Pulumi.live.yaml").read_text()


def test_stack_that_the_engine_could_not_make_fails_the_command(project: Project) -> None:
    project.program("import pulumi\nraise pulumi.RunError('no luck')")
    ran = project.run_apart("sandbox", "up", "live", "--engine")
    assert ran.returncode == 1
    assert "    error: no luck\n" in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--all"],
        ["--detach", "live"],
        ["--json", "live"],
        ["--port", "5000", "live"],
        ["--replace", "live"],
    ],
)
def test_engine_takes_one_stack_alone(project: Project, arguments: list[str]) -> None:
    ran = project.run("sandbox", "up", "--engine", *arguments)
    assert ran.exit_code == 2
    assert ran.stderr == f"--engine: came with {arguments[0]}; allowed: one stack, in an embedded AWS of its own\n"


def test_plugins_are_for_the_engine(project: Project) -> None:
    ran = project.run("sandbox", "up", "live", "--plugins")
    assert (ran.exit_code, ran.stderr) == (2, "--plugins: came without --engine, which they are for\n")


def test_second_practice_is_refused_while_the_first_lasts(project: Project) -> None:
    folder = project.folder / ".sandbox" / "engine"
    folder.mkdir(parents=True)
    with held(folder.with_name("engine.lock"), command="zelly sandbox up trial --engine"):
        ran = project.run_apart("sandbox", "up", "live", "--engine")
    assert ran.returncode == 2
    assert re.sub(r"\d{4}-\S+ \S+ UTC", "…", ran.stderr) == (
        f"process {os.getpid()} (`zelly sandbox up trial --engine`, since …) is at work in {folder}; "
        "wait for it, or end it first\n"
    )
    assert folder.is_dir()
