"""``docs/reference/cli.md``: what ``--help`` says of every command."""

import re
from typing import Any

import typer
from typer.cli import get_docs_for_click

from workbench.cli.main import all_commands
from workbench.words import named, word

_INTRODUCTION = """\
<!-- written by make docs from the commands themselves -->

Data goes to stdout, talk to stderr. A command exits with 0 when it is done, with 1 when something failed and with 2
when the operator has to change something first, which one line says. `PROGRAM plan --against` tells more by its code.

The stack is given in one way everywhere: `--stack STACK` (`-s`), else the environment variable `PROGRAM_STACK`, \
else the
one that `pulumi stack select` chose. A command that has no other argument also takes it as its argument: `PROGRAM plan
staging`, `PROGRAM status staging`; beside another argument it is an option only: `PROGRAM service status api
--stack staging`. `-h` is `--help`, on every level.
"""


def page() -> str:
    """Return the page."""
    command: Any = all_commands()
    text = get_docs_for_click(obj=command, ctx=typer.Context(command, info_name=word()), name=word())
    title, rest = text.split("\n", 1)
    # A list of commands cuts each description short; the commands themselves follow with the whole one.
    rest = re.sub(r"(?m)^(\* `([^`]+)`): .*\.\.\.$", r"\1", rest)
    return f"{title}\n\n{named(_INTRODUCTION)}{rest.rstrip()}\n"
