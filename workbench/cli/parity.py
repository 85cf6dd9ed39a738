"""``parity``: the differences between two stacks of one program that ought to be twins."""

from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.plan.evaluation import planned
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, print_json
from workbench.cli.shared.program import program_of, project_root
from workbench.config.stack_file import read_stack_file
from workbench.program import Program
from workbench.review.parity.allowed import PARITY_FILE, read_allowed
from workbench.review.parity.compare import Parity, Side, compared
from workbench.review.parity.wording import document, lines

app = App()

EveryOption = Annotated[bool, typer.Option("--all", help="List also what may differ, with the reasons.")]


@app.command()
def parity(every: EveryOption = False, json: JsonOption = False) -> None:
    """Compare the two stacks that are twins; exit 1 when they differ in anything but what policy/parity.toml allows.

    Both are evaluated on this machine, and AWS is not asked. The environment's name and the region in names and values
    do not count.
    """
    root = project_root()
    program = program_of(root)
    assert program is not None and program.twins is not None  # noqa: S101, PT018 (the command is only there with them)
    found = parity_of(program, root)
    if json:
        print_json(document(found))
    else:
        for line in lines(found, every=every):
            typer.echo(line)
    raise typer.Exit(0 if found.holds else 1)


def parity_of(program: Program[Any], root: Path) -> Parity:
    """Evaluate a program's twins and return what differs between them.

    Raises:
        OperatorError: when a stack file, or the list of what may differ, has mistakes.
    """
    assert program.twins is not None  # noqa: S101 (as above)
    allowed = read_allowed(root / PARITY_FILE)
    first, second = (_side(program, stack, root) for stack in program.twins)
    return compared(first, second, allowed)


def _side(program: Program[Any], stack: str, root: Path) -> Side:
    file = read_stack_file(program, stack, root)
    return Side(stack=stack, region=file.region, resources=planned(file, root).resources)
