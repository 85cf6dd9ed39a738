"""``secrets template``: the file that takes the values of all secrets."""

from json import dumps
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, print_json, talk
from workbench.cli.shared.program import current_program, project_root
from workbench.cli.shared.stack import StackOption, selected_stack
from workbench.config.stack_file import check_stack_name
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
    if output is None:
        if json:
            print_json(template(current_program()))
        else:
            typer.echo(template_text(current_program(), name), nl=False)
        return
    text = f"{dumps(template(current_program()), indent=2)}\n" if json else template_text(current_program(), name)
    write_private(output, text, replace=False, otherwise="it may hold values, and stays; another name is required")
    count = sum(map(len, template(current_program()).values()))
    talk(
        f"{output}: written, mode 600; {count} keys of {len(template(current_program()))} secrets to fill. Then:",
        command("secrets push", quote(str(output)), "--stack", name),
    )
