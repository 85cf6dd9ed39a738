"""The page about any program: its program and its commands are run, and print what the page says."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "any-program.md"
_FILE = re.compile(r"(?m)^`([\w.]+)`:\n\n```\w+\n(.*?)^```", re.DOTALL)
_SESSION = re.compile(r"(?m)^```console\n(.*?)^```", re.DOTALL)
_LEFT_OUT = "…"


def _commands() -> Iterator[tuple[str, str]]:
    """Yield every command of the page with what it prints."""
    for session in _SESSION.findall(PAGE.read_text(encoding="utf-8")):
        for part in re.split(r"(?m)^\$ ", session)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def _pattern(output: str) -> str:
    """Return a pattern in which an ellipsis stands for anything, and lines may end with blanks."""
    lines = [re.escape(line.rstrip()).replace(_LEFT_OUT, ".*") + "[ ]*" for line in output.splitlines()]
    return "\n".join(lines) + "\n?"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a repository that holds the page's program."""
    for name, content in _FILE.findall(PAGE.read_text(encoding="utf-8")):
        (tmp_path / name).write_text(content, encoding="utf-8")
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "t"],
    ):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)  # noqa: S607 (git of the PATH, as the command's)
    return tmp_path


def test_commands_print_what_the_page_says(project: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "WORKBENCH_"))}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    commands = list(_commands())
    assert len(commands) > 8
    for command, expected in commands:
        ran = subprocess.run(
            ["bash", "-c", command],  # noqa: S607
            cwd=project,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert re.fullmatch(_pattern(expected), ran.stdout, re.DOTALL), f"$ {command}\n{ran.stdout}"
