"""``secrets template``: an empty file for the values of all secrets."""

from json import dumps
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, print_json, talk
from workbench.cli.shared.program import current_program, project_root
from workbench.cli.shared.stack import StackOption, selected_stack
from workbench.config.stack_file import check_stack_name, read_stack_file
from workbench.operations.private_files import write_private
from workbench.operations.secrets.template import template, template_text
from workbench.words import command

app = App()


@app.command("template")
def print_template(
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write it into a file that only you may read; one that is there stays."),
    ] = None,
    stack: StackOption = None,
    json: JsonOption = False,
) -> None:
    """Print the file that `push` takes: every key, empty, with who reads it. Nothing is read from AWS.

    In YAML, which has room for comments; with --json without them. push refuses what is still empty.
    """
    root = project_root()
    name = selected_stack(stack, root)
    check_stack_name(name, root)
    program, is_owner = current_program(), _is_owner(name, root)
    empty = template(program, is_owner=is_owner)
    if output is None:
        if json:
            print_json(empty)
        else:
            typer.echo(template_text(program, name, is_owner=is_owner), nl=False)
        return
    text = f"{dumps(empty, indent=2)}\n" if json else template_text(program, name, is_owner=is_owner)
    write_private(output, text, replace=False, otherwise="it may hold values, and stays; another name is required")
    count = sum(map(len, empty.values()))
    talk(
        f"{output}: written, mode 600; {count} keys of {len(empty)} secrets to fill. Then:",
        command("secrets push", quote(str(output)), "--stack", name),
    )


def _is_owner(stack: str, root: Path) -> bool:
    """Return whether a stack has what the account has once; its file is only read where that makes a difference."""
    program = current_program()
    return not program.secrets.once or read_stack_file(program, stack, root).description.shared.is_owner
