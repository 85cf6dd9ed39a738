"""The table of commands: lists say of a command what it says itself, and only the one that is typed is loaded."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from workbench.cli.main import all_commands, app


def helps(group: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield the first paragraph of each command's help, by its words."""
    for name, command in group.commands.items():
        first = (command.help or "").split("\n\n")[0]
        yield " ".join([*words, name]), " ".join(first.split())
        yield from helps(command, (*words, name)) if hasattr(command, "commands") else ()


def test_lists_say_what_the_commands_say_themselves() -> None:
    assert dict(helps(typer.main.get_command(app))) == dict(helps(all_commands()))


@pytest.mark.parametrize("arguments", [["--help"], ["service", "--help"], ["sandbox", "--help"]])
def test_lists_load_no_command(arguments: list[str]) -> None:
    code = (
        "import atexit, sys; from workbench.cli.main import run\n"
        "atexit.register(lambda: print(sorted(sys.modules)))\n"
        f"run({arguments})"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = ran.stdout.splitlines()[-1]
    assert "workbench.cli.lazily" in loaded
    assert not any(name in loaded for name in ("cli.service", "cli.sandbox", "cli.plan", "boto3", "pulumi"))


def test_mistyped_command_is_told_what_it_may_mean(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        app(["service", "deplyo"])
    assert ended.value.code == 2
    assert "No such command 'deplyo'. Did you mean 'deploy'?" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "name"), [(["cost", "staging"], "estimate"), (["cost", "refresh"], "refresh")])
def test_cost_of_a_stack_is_its_estimate(words: list[str], name: str) -> None:
    group: Any = all_commands().commands["cost"]
    context = group.make_context("cost", words[1:])
    assert group.resolve_command(context, [*context._protected_args, *context.args])[0] == name
