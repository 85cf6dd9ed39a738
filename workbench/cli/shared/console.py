"""Data to stdout, talk to stderr: what every command takes and prints alike."""

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import typer
from rich.console import Console

from workbench import words
from workbench.cli.shared.program import project_root
from workbench.config.stack_file import stack_names
from workbench.config.types import REGIONS
from workbench.errors import OperatorError
from workbench.operations.lines import COLUMNS

INTERRUPTED = 130
"""The exit code of what Ctrl-C ended: 128 and the number of SIGINT, as shells count."""

_UNBOUNDED_COLUMNS = 10_000


def complete_stack(incomplete: str) -> list[str]:
    """Return the stacks whose names begin like that, for the shell's completion."""
    try:
        return [name for name in stack_names(project_root()) if name.startswith(incomplete)]
    except OperatorError:
        return []


STACK_VARIABLE = words.variable("STACK")
"""The environment variable that names the stack where the command line does not."""

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else to stdout.")]


def checked_region(region: str) -> str:
    """Return what was given to ``--region``.

    Raises:
        OperatorError: when it is no region of AWS's.
    """
    if (allowed := REGIONS.instead_of(region)) is not None:
        raise OperatorError(f"--region: came {region}; allowed: {allowed}")
    return region


def command_word() -> str:
    """Return how the command is typed: by its name where the shell finds it, else by the path that was."""
    return words.word() if shutil.which(words.word()) else sys.argv[0]


def talk(*lines: str) -> None:
    """Print lines for the operator to stderr."""
    for line in lines:
        typer.echo(line, err=True)


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON object to stdout, its keys sorted, so that the same result is the same text."""
    typer.echo(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False))


def print_json_line(document: Mapping[str, Any]) -> None:
    """Print one JSON object on one line to stdout: one of many, as they come."""
    typer.echo(json.dumps(document, sort_keys=True, ensure_ascii=False))


def data_console() -> Console:
    """Return a console for stdout: in colour on a terminal, plain lines of any length when piped."""
    return _console(stderr=False)


def report_columns() -> int:
    """Return how wide a report on stdout is: as the terminal, and where there is none, as one that is not narrow."""
    console = data_console()
    return console.width if console.is_terminal else COLUMNS


def talk_console() -> Console:
    """Return the same for stderr."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, emoji=False, markup=False, soft_wrap=True)
    if not console.is_terminal:
        # A pipe has no width; 80 columns would be assumed and long lines cut.
        console.width = _UNBOUNDED_COLUMNS
    return console


def output_lines(value: Any, indentation: str = "  ") -> list[str]:
    """Return a stack's outputs as lines: one per value, what lies inside a mapping or a list further to the right."""
    if isinstance(value, Mapping):
        items = sorted(cast(Mapping[str, Any], value).items())
    else:
        items = [("-", item) for item in cast(Sequence[Any], value)]
    lines: list[str] = []
    for key, item in items:
        label = f"{indentation}{key}" if key == "-" else f"{indentation}{key}:"
        if isinstance(item, Mapping | list):
            lines += [label, *output_lines(item, f"{indentation}  ")]
        else:
            lines.append(f"{label} {item if isinstance(item, str) else json.dumps(item)}")
    return lines
