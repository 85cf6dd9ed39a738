"""A command plans, then acts: what is shown before, who is asked, what is printed after."""

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
    """Show a plan and tell whether it is to be carried out.

    With ``dry_run`` it is the command's result, on stdout, and nothing is to be done. Otherwise it goes to stderr. With
    a ``question`` the operator is asked it unless ``yes`` was given.

    Raises:
        OperatorError: when nobody is there to be asked.
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
    """Print what was done: one JSON object, or lines to read, to stdout."""
    if json:
        print_json({"executed": True, **result})
    else:
        typer.echo("\n".join(lines))
