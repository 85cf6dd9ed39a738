"""What a step has from GitHub Actions, and what it tells it: variables, outputs, the run's summary, annotations."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import typer

from workbench.errors import OperatorError

BOT = "github-actions[bot]"
"""Who a workflow's own token writes as."""


def run(step: Callable[..., Any]) -> None:
    """Run a step as a command, and exit as ``zelly`` does: an operator's error is its lines on stderr."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(step)
    run_app(app)


def run_app(app: typer.Typer) -> None:
    """Run one of several steps in the same way."""
    try:
        app()
    except OperatorError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)


def variable(name: str) -> str:
    """Return a variable of the environment.

    Raises:
        OperatorError: when it is not set, or empty.
    """
    value = os.environ.get(name)
    if not value:
        raise OperatorError(f"{name}: not set; it is there in a step of GitHub Actions")
    return value


def set_outputs(outputs: Mapping[str, str]) -> None:
    """Set the step's outputs. Each value is one line.

    Raises:
        OperatorError: for a value that would be read as further outputs.
    """
    for name, value in outputs.items():
        if "\n" in value or "\r" in value:
            raise OperatorError(f"output {name}: came several lines; allowed: one")
    _append("GITHUB_OUTPUT", "".join(f"{name}={value}\n" for name, value in outputs.items()))


def add_to_summary(markdown: str) -> None:
    """Add to the page of the run; GitHub takes 1 MiB of each step ("Workflow commands", job summaries)."""
    _append("GITHUB_STEP_SUMMARY", f"{markdown}\n")


def annotate(kind: str, title: str, message: str) -> None:
    """Annotate the run: ``notice``, ``warning`` or ``error``."""
    typer.echo(f"::{kind} title={_property(title)}::{_data(message)}")


def _append(file_variable: str, text: str) -> None:
    with Path(variable(file_variable)).open("a", encoding="utf-8") as file:
        file.write(text)


# As the toolkit's own escapeData and escapeProperty do (actions/toolkit, packages/core/src/command.ts).
def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
