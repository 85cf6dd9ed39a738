"""How every command ends: exit codes, one clear line for the operator's own errors, a reader that leaves early."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.cli.conftest import Project
from workbench.cli.main import all_commands, run
from workbench.files import write_whole


def test_version_is_printed(project: Project) -> None:
    completed = project.run("--version")
    assert (completed.exit_code, completed.stdout, completed.stderr) == (0, "zelly 0.1.0\n", "")


def test_starting_loads_nothing_slow() -> None:
    slow = {"boto3", "moto", "pulumi", "pydantic", "rich"}
    code = f"import sys, workbench.cli.main; print(sorted({slow} & set(sys.modules)))"
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert completed.stdout == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["destroy"], "No such command 'destroy'"),
        (["plan", "live", "--fast"], "No such option: --fast"),
        (["plan", "live", "trial"], "Got unexpected extra argument(s) (trial)"),
    ],
)
def test_wrong_usage_is_explained_with_exit_code_2(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(arguments)
    captured = capsys.readouterr()
    assert (ended.value.code, captured.out) == (2, "")
    assert complaint in captured.err


def test_stack_without_a_file_is_one_line_that_names_the_stacks(project: Project) -> None:
    completed = project.run("plan", "preview")
    assert (completed.exit_code, completed.stdout, completed.stderr) == (
        2,
        "",
        "stack: preview; allowed: live, trial\n",
    )


def test_every_wrong_value_of_a_stack_file_is_one_line(project: Project) -> None:
    project.change("trial", network__cidr="10.21.0.0/33", clickhouse__volume_gib="300")
    completed = project.run("sandbox", "up", "trial")
    assert (completed.exit_code, completed.stdout, completed.stderr.splitlines()) == (
        2,
        "",
        [
            'Pulumi.trial.yaml: sample:env.network.cidr: came "10.21.0.0/33"; allowed: a private IPv4 range of /16 to '
            "/23 without host bits, e.g. 10.0.0.0/16",
            'Pulumi.trial.yaml: sample:env.clickhouse.volume_gib: came "300"; allowed: a whole number',
        ],
    )


def test_outside_a_project_there_is_nothing_to_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        run(["plan", "live"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"no Pulumi.yaml in {tmp_path} or above it: run zelly inside the project\n"


def test_fault_of_the_program_keeps_its_traceback(project: Project) -> None:
    project.program("1 / 0")
    completed = project.run_apart("plan", "live")
    assert completed.returncode == 1
    assert "Traceback" in completed.stderr
    assert completed.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_reader_that_leaves_early_sees_no_traceback(project: Project) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as closed:
        completed = project.run_apart("plan", "live", "--json", stdout=closed)
    assert (completed.returncode, completed.stderr) == (1, "")


def test_stack_names_are_completed(project: Project) -> None:
    asked = {"_SAMPLE_COMPLETE": "complete_bash", "COMP_WORDS": "sample plan t", "COMP_CWORD": "2"}
    completed = project.run_apart(variables=asked)
    assert completed.stdout.split() == ["trial"]


def test_stack_is_named_either_way_and_the_command_line_comes_before_the_environment(project: Project) -> None:
    by_argument, by_option, both = (
        project.run("plan", "--json", *way, ZELLY_STACK="live")
        for way in (["trial"], ["--stack", "trial"], ["trial", "-s", "trial"])
    )
    assert '"stack": "trial"' in by_argument.stdout
    assert by_argument.stdout == by_option.stdout == both.stdout
    differing = project.run("plan", "trial", "-s", "live")
    assert (differing.exit_code, differing.stdout, differing.stderr) == (
        2,
        "",
        "stack: came trial and --stack live; allowed: one of them\n",
    )


def _commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command and every group with the words that lead to it."""
    yield words, command
    for name, below in getattr(command, "commands", {}).items():
        yield from _commands(below, (*words, name))


STACK_AFTER_A_FILE = {("adopt", "estate")}
"""Its first argument is always there and no stack, so that the second can only be one."""


def test_every_command_on_one_stack_takes_it_as_its_argument_unless_it_has_another() -> None:
    ways: dict[str, set[tuple[str, ...]]] = {}
    for words, command in _commands(all_commands()):
        options = [one for one in command.params if one.name == "stack"]
        if not options:
            continue
        assert [one.opts for one in options] == [["--stack", "-s"]], words
        arguments = tuple(one.name for one in command.params if one.param_type_name == "argument")
        ways.setdefault("alone" if "stack_argument" in arguments else "beside", set()).add(words)
        if words in STACK_AFTER_A_FILE:
            assert arguments[1:] == ("stack_argument",), words
        else:
            assert arguments == ("stack_argument",) or (arguments and "stack_argument" not in arguments), words
    assert {("plan",), ("cost", "estimate"), ("status",), ("sandbox", "up"), ("state", "locks")} <= ways["alone"]
    assert {("service", "status"), ("service", "deploy"), ("secrets", "push")} <= ways["beside"]


def test_short_help_is_there_on_every_level(capsys: pytest.CaptureFixture[str]) -> None:
    for words, _ in _commands(all_commands()):
        with pytest.raises(SystemExit) as ended:
            run([*words, "-h"])
        assert (ended.value.code, "Usage:" in capsys.readouterr().out) == (0, True), words


@pytest.mark.parametrize("arguments", [("plan", "live"), ("diagram", "live"), ("--help",)])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has the device that is always full")
def test_full_disk_behind_standard_output_is_one_line(project: Project, arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        completed = project.run_apart(*arguments, stdout=full)
        untold = project.run_apart("plan", "prod", stdout=full, stderr=full)
    assert (completed.returncode, completed.stderr) == (1, "standard output: No space left on device\n")
    assert untold.returncode == 2


def test_file_that_cannot_be_read_is_one_line(project: Project) -> None:
    stack_file = project.folder / "Pulumi.trial.yaml"
    stack_file.unlink()
    stack_file.mkdir()
    completed = project.run("plan", "trial")
    assert (completed.exit_code, completed.stdout, completed.stderr) == (
        2,
        "",
        "Pulumi.trial.yaml: Is a directory; a file that can be read is required\n",
    )


def test_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "plan.json"
    file.write_text("before")
    file.chmod(0o640)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left") as failed:
            write_whole(file, "after")
    assert (failed.value.filename, file.read_text(), list(tmp_path.iterdir())) == (str(file), "before", [file])
    write_whole(file, "after")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode), list(tmp_path.iterdir())) == ("after", 0o640, [file])
