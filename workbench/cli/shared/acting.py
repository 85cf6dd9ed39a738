"""The steps between plan and action: show the plan, ask the operator, report the result."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.shared.console import print_json, talk
from workbench.errors import OperatorError

if TYPE_CHECKING:
    from workbench.operations.plan import Plan

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show what would be done and do nothing.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def approved(plan: "Plan", *, dry_run: bool, json: bool, yes: bool, question: str | None = None) -> bool:
    """Show a plan, and return whether to carry it out.

    With ``dry_run`` the plan is the command's result: it goes to stdout, and nothing is carried out. Otherwise it
    goes to stderr. If there is a ``question``, the operator is asked it unless ``yes`` was given.

    Raises:
        OperatorError: when there is a question and no terminal.
        typer.Exit: when the operator says no.
    """
    if dry_run:
        if json:
            print_json({"executed": False, "plan": plan.document()})
        else:
            typer.echo("\n".join(plan.lines()))
        return False
    talk(*plan.lines())
    if question is not None and not yes:
        if not sys.stdin.isatty():
            raise OperatorError(f"{question} Without a terminal nobody can say so; --yes is required")
        if not typer.confirm(question, err=True):
            talk("Nothing was done.")
            raise typer.Exit(1)
    return True


def report(result: Mapping[str, Any], *, json: bool, lines: list[str]) -> None:
    """Print the result to stdout: one JSON object, or lines."""
    if json:
        print_json({"executed": True, **result})
    else:
        typer.echo("\n".join(lines))
