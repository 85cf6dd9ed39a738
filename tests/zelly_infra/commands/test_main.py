"""How every command ends: exit codes, one clear line for the operator's own errors, a reader that leaves early."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.zelly_infra.commands.conftest import Project
from tests.zelly_infra.stack_files import environment_of, with_changes, write_stack_file
from zelly_infra.commands.main import run


def test_version_is_printed(project: Project) -> None:
    completed = project.run("--version")
    assert (completed.returncode, completed.stdout, completed.stderr) == (0, "zelly 0.1.0\n", "")


def test_starting_loads_nothing_slow() -> None:
    slow = {"boto3", "moto", "pulumi", "pydantic", "rich"}
    code = f"import sys, zelly_infra.commands.main; print(sorted({slow} & set(sys.modules)))"
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert completed.stdout == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["destroy"], "No such command 'destroy'"),
        (["plan", "production", "--fast"], "No such option: --fast"),
        (["plan"], "Missing argument 'STACK'"),
    ],
)
def test_wrong_usage_is_explained_with_exit_code_2(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZELLY_STACK", raising=False)
    with pytest.raises(SystemExit) as ended:
        run(arguments)
    captured = capsys.readouterr()
    assert (ended.value.code, captured.out) == (2, "")
    assert complaint in captured.err


def test_stack_without_a_file_is_one_line_that_names_the_stacks(project: Project) -> None:
    completed = project.run("plan", "preproduction")
    assert (completed.returncode, completed.stdout, completed.stderr) == (
        2,
        "",
        "stack: preproduction; allowed: production, staging\n",
    )


def test_every_wrong_value_of_a_stack_file_is_one_line(project: Project) -> None:
    environment = with_changes(environment_of("staging"), {"redis/engine_version": "6.2", "dns/ttl_seconds": "300"})
    write_stack_file(project.folder, "staging", environment)
    completed = project.run("sandbox", "up", "staging")
    assert (completed.returncode, completed.stdout, completed.stderr.splitlines()) == (
        2,
        "",
        [
            'Pulumi.staging.yaml: zelly:env.redis.engine_version: came "6.2"; '
            "allowed: a minor version of Redis 7, e.g. 7.1",
            'Pulumi.staging.yaml: zelly:env.dns.ttl_seconds: came "300"; allowed: 60 to 86400 seconds',
        ],
    )


def test_outside_a_project_there_is_nothing_to_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        run(["plan", "production"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"no Pulumi.yaml in {tmp_path} or above it: run zelly inside the project\n"


def test_fault_of_the_program_keeps_its_traceback(project: Project) -> None:
    project.program("1 / 0")
    completed = project.run("plan", "production")
    assert completed.returncode == 1
    assert "Traceback" in completed.stderr
    assert completed.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_reader_that_leaves_early_sees_no_traceback(project: Project) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as closed:
        completed = subprocess.run(
            project.command("plan", "production", "--json"),
            cwd=project.folder,
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (completed.returncode, completed.stderr) == (1, "")


def test_stack_names_are_completed(project: Project) -> None:
    completed = project.run(_ZELLY_COMPLETE="complete_bash", COMP_WORDS="zelly plan s", COMP_CWORD="2")
    assert completed.stdout.split() == ["staging"]
