"""The ways in which what shows a plan writes, prints and ends."""

from collections.abc import Iterable
from json import dumps
from pathlib import Path

import typer
from rich.console import RenderableType

from workbench.cli.plan.rules_view import rules_lines
from workbench.cli.shared.console import data_console, talk
from workbench.errors import OperatorError
from workbench.files import write_whole
from workbench.review.plan_document import PlanDocument
from workbench.review.rules.report import Report


def save_plan(plan: PlanDocument, path: Path) -> None:
    """Write a plan to the file that ``--save`` names.

    Raises:
        OperatorError: when it cannot be written.
    """
    try:
        write_whole(path, dumps(plan.as_json(), indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    except OSError as error:
        raise OperatorError(f"--save: {path}: {error.strerror}") from None


def print_parts(parts: Iterable[RenderableType]) -> None:
    """Print the parts of a view to stdout."""
    console = data_console()
    for part in parts:
        console.print(part)


def end(report: Report, *, check: bool, json: bool) -> None:
    """End with 1 where ``--check`` asked for it and the report does not pass; JSON leaves it to stderr to say why."""
    if not check or report.passes:
        return
    if json:
        talk(*rules_lines(report))
    raise typer.Exit(1)
