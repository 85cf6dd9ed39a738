"""Ctrl-C, the end of the input and closed standard streams: how every command ends then, in one line."""

import io
import shlex
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from typing import Any, NoReturn

import pytest
import typer

from tests.support import sample
from tests.workbench.cli.conftest import Project
from workbench.cli.main import all_commands, run
from workbench.cli.shared import program
from workbench.cli.shared.app import App
from workbench.errors import OperationFailedError, OperationInterruptedError

REQUIRED: dict[str, tuple[str, ...]] = {
    "approval ask": ("worker",),
    "approval give": ("worker", "--commit", "1a2b3c4d"),
    "approval refuse": ("worker", "--commit", "1a2b3c4d"),
    "adopt defaults": ("--folder", "{sql}"),
    "adopt estate": ("{sql}/1.sql",),
    "adopt rest": ("--folder", "{sql}"),
    "adopt verify": ("--folder", "{sql}"),
    "clickhouse init": ("{sql}",),
    "cost refresh": ("--dry-run",),
    "dev shell": ("web",),
    "image keep": ("worker",),
    "image list": ("worker",),
    "image push": ("worker", "--context", "{sql}", "--dockerfile", "{sql}/1.sql"),
    "notify monday": ("--stage", "trial", "--state", "deployed", "--commit", "1a2b3c4d", "--build", "https://ci/1"),
    "notify sentry": ("--environment", "trial", "--commit", "1a2b3c4d", "--build", "https://ci/1"),
    "notify slack": ("--event", "started", "--commit", "1a2b3c4d", "--build", "https://ci/1"),
    "plan": ("trial",),
    "restore aurora": ("--at", "latest"),
    "restore clickhouse": ("--snapshot", "latest"),
    "restore efs": ("--recovery-point", "latest"),
    "restore redis": ("--snapshot", "latest"),
    "review": ("trial", "--against", "HEAD", "--output", "{sql}/review"),
    "sandbox image": ("worker", "--tag", "trial-1a2b3c4d"),
    "secrets push": ("{sql}/1.sql",),
    "secrets restore": ("sample/web/env",),
    "secrets set": ("sample/web/env", "SESSION_KEY", "--stdin"),
    "service deploy": ("worker", "--tag", "trial-1a2b3c4d"),
    "service events": ("worker",),
    "service exec": ("worker",),
    "service logs": ("worker",),
    "service promote": ("worker",),
    "service restart": ("worker",),
    "service continue": ("worker",),
    "service rollback": ("worker",),
    "service run": ("worker", "--", "ls"),
    "service scale": ("worker", "--tasks", "1"),
}
"""What each command cannot do without, beside the stack."""


def commands(group: Any, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the words of every command below a group."""
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        words = (*before, name)
        found += commands(command, words) if hasattr(command, "commands") else [words]
    return found


with sample.as_current_program(), chdir(sample.FOLDER):
    COMMANDS = commands(all_commands())


def interrupt(*_given: object, **_named: object) -> NoReturn:
    raise KeyboardInterrupt


def interrupt_whoever_asks_for_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Ctrl-C at the first thing that each command asks for; which commands there are is known before."""
    for module in [*sys.modules.values()]:
        if hasattr(module, "project_root") and module is not program:
            monkeypatch.setattr(module, "project_root", interrupt)


def ended(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[Any, str, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        run(arguments)
    said = capsys.readouterr()
    return end.value.code, said.out, said.err


@pytest.mark.usefixtures("sample_commands")
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_ctrl_c_ends_every_command_with_130_and_one_line(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(sample.FOLDER)
    (tmp_path / "1.sql").write_text("SELECT 1;")
    (tmp_path / "session-manager-plugin").write_text("#!/bin/sh\necho 1.2.700.0\n")
    (tmp_path / "session-manager-plugin").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    given = [word.format(sql=tmp_path) for word in REQUIRED.get(" ".join(words), ())]
    interrupt_whoever_asks_for_the_project(monkeypatch)
    monkeypatch.setattr("workbench.cli.cost.refresh.read_prices", interrupt)
    monkeypatch.setattr("workbench.cli.image.read_source", interrupt)
    code, output, complaint = ended([*words, *given], capsys)
    assert (code, output) == (130, "")
    acts = "; what was done until then stays, and --dry-run shows what is left"
    assert complaint in {"Interrupted.\n", f"Interrupted{acts}.\n"}
    assert ("--dry-run" in complaint) is (takes_dry_run(words) and "--dry-run" not in given)


def takes_dry_run(words: tuple[str, ...]) -> bool:
    command: Any = all_commands()
    for word in words:
        command = command.commands[word]
    return any("--dry-run" in parameter.opts for parameter in command.params)


ASKING = App()


@ASKING.command()
def ask(dry_run: bool = False) -> None:
    """Ask whether to do something."""
    typer.confirm("Do it?", err=True)
    raise AssertionError(dry_run)


@pytest.mark.parametrize(
    ("pressed", "error", "line"),
    [
        (KeyboardInterrupt, OperationInterruptedError, "Interrupted; nothing was done."),
        (EOFError, OperationFailedError, "Nothing was done."),
    ],
)
def test_ctrl_c_and_ctrl_d_at_a_question(
    pressed: type[BaseException], error: type[Exception], line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Keyboard(io.StringIO):
        def readline(self, *_size: object) -> str:
            raise pressed

    monkeypatch.setattr(sys, "stdin", Keyboard())
    with pytest.raises(error) as ended:
        ASKING([])
    assert str(ended.value) == line


CLOSED_OUTPUT = "standard output: closed; a terminal, a file or a pipe is required\n"


@pytest.mark.parametrize(
    ("arguments", "closed", "code", "complaint"),
    [
        (["--version"], ">&-", 2, CLOSED_OUTPUT),
        (["secrets", "set", "sample/web/env", "SESSION_KEY", "--stdin"], "<&- >&-", 2, CLOSED_OUTPUT),
        (["plan", "prod"], "2>&- <&-", 2, ""),
        (["plan", "prod"], "<&- >&- 2>&-", 2, ""),
        (["plan", "prod"], "<&-", 2, "stack: prod; allowed: live, trial\n"),
    ],
)
def test_closed_standard_streams(
    project: Project, arguments: list[str], closed: str, code: int, complaint: str
) -> None:
    completed = subprocess.run(
        ["/bin/sh", "-c", f"exec {shlex.join(project.command(*arguments))} {closed}"],
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (completed.returncode, completed.stdout, completed.stderr) == (code, "", complaint)


def test_closed_standard_input_is_an_empty_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SystemExit):
        run(["--version"])
    capsys.readouterr()
    assert (sys.stdin.read(), sys.stdin.isatty()) == ("", False)
