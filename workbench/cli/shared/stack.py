"""The stack that a command is for."""

import os
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.shared.console import STACK_VARIABLE, complete_stack
from workbench.cli.shared.program import project_name
from workbench.cli.shared.pulumi_selection import selected_in_pulumi
from workbench.config.stack_file import stack_names
from workbench.errors import OperatorError

StackOption = Annotated[
    str | None,
    typer.Option(
        "--stack",
        "-s",
        metavar="STACK",
        help=f"The stack, as in Pulumi.STACK.yaml; without it the one in {STACK_VARIABLE}, else the one that "
        "`pulumi stack select` chose.",
        autocompletion=complete_stack,
    ),
]

StoreOption = Annotated[
    str | None,
    typer.Option("--store", metavar="STORE", help="The store's name, where the stack has several of its kind."),
]


def selected_stack(stack: str | None, root: Path) -> str:
    """Return the stack that was named, else that of the environment variable, else Pulumi's selected one.

    Raises:
        OperatorError: when there is none.
    """
    chosen = stack or os.environ.get(STACK_VARIABLE) or selected_in_pulumi(root, project_name(root) or "")
    if chosen is None:
        raise OperatorError(
            f"stack: missing; allowed: --stack or {STACK_VARIABLE} with one of {', '.join(stack_names(root))}, "
            "or `pulumi stack select`"
        )
    return chosen
