"""The commands of the workflows, held against the programs that have to take them."""

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from typer._click.exceptions import UsageError

from tests.tools.steps import steps
from tools.ci.drift import Looked
from tools.ci.review import arguments
from workbench.cli.main import all_commands
from workbench.errors import OperatorError

_OPTIONAL_WORDS = re.compile(r"\$\{\w+:\+(.*?)\}")
_ENDS = {"|", "&&", "||", ";"}
_VALUES = {
    ".venv/bin/$PROGRAM": ".venv/bin/zelly",
    "$CONTAINER": "astro",
    "$DIGEST": "0" * 64,
    "$PULL_REQUEST": "7",
    "$SECOND": "production",
    "$SERVICE": "storefront",
    "$STACK": "staging",
    "$TAG": "staging-1a2b3c4d",
}
"""What stands in the place of variables, where the programs look at their values."""


def commands() -> Iterator[tuple[str, Sequence[str]]]:
    """Return every command with where it stands: of the steps, and what the programs of ``tools/ci`` start."""
    for where, step in steps():
        yield from ((where, words) for words in _split(step.get("run", "")))
    yield "tools/ci/review.py", ["zelly", *arguments(["production", "staging"], "origin/main...", Path("review"))]
    yield "tools/ci/drift.py", Looked("zelly", "staging").command


def of_program(name: str) -> list[tuple[str, list[str]]]:
    """Return the arguments of every command of one program."""
    return [(where, list(words[1:])) for where, words in commands() if words[0].rpartition("/")[2] == name]


def _split(script: str) -> Iterator[list[str]]:
    for line in _OPTIONAL_WORDS.sub(r"\1", script.replace("\\\n", " ")).splitlines():
        words: list[str] = []
        for word in [*shlex.split(line, comments=True), ";"]:
            if word not in _ENDS:
                words.append(_VALUES.get(word, word))
            elif words:
                yield words
                words = []


def refused_by_zelly(arguments: Sequence[str]) -> str | None:
    """Return what ``zelly``'s own parser has against a command, None: nothing. Nothing is run."""
    try:
        command: Any = all_commands()
        context = command.make_context("zelly", list(arguments))
        while hasattr(command, "commands"):
            # What a group keeps for its verbs; there is no public name for it.
            name, command, left = command.resolve_command(context, context._protected_args + context.args)
            context = command.make_context(name, left, parent=context)
    except (UsageError, OperatorError) as error:
        return error.format_message() if isinstance(error, UsageError) else str(error)
    return None
