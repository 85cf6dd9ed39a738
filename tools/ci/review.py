"""What a pull request changes in each stack of a program: its ``review`` against the base, and what the run is told.

A plan that destroys something is no failure, since it may be meant: it is a warning, and on top of the comment. A
program that cannot be planned and a broken rule are.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from tools.ci.actions import add_to_summary, annotate, run
from workbench.errors import OperationFailedError

PROGRAMS = Path(sys.executable).parent
"""The folder of the programs' commands."""

_SAME, _CHANGES, _DESTRUCTIVE = 0, 3, 4


def arguments(stacks: list[str], against: str, output: Path) -> list[str]:
    """Return what the program's command is asked."""
    return ["review", *stacks, "--against", against, "--output", str(output)]


def review(
    program: Annotated[str, typer.Argument()],
    stacks: Annotated[list[str], typer.Argument()],
    against: Annotated[str, typer.Option()],
    output: Annotated[Path, typer.Option()],
) -> None:
    """Write the review, and exit with 1 where a stack has no plan or breaks a rule.

    Raises:
        OperationFailedError: where there is no review at all.
    """
    ran = subprocess.run([str(PROGRAMS / program), *arguments(stacks, against, output)], check=False)  # noqa: S603 (our own)
    try:
        found: list[dict[str, Any]] = json.loads((output / "review.json").read_text(encoding="utf-8"))["stacks"]
    except FileNotFoundError:
        raise OperationFailedError(f"{program} review ended with {ran.returncode} and wrote nothing") from None
    add_to_summary((output / "comment.md").read_text(encoding="utf-8"))
    for one in found:
        if one["exit_code"] == _DESTRUCTIVE:
            annotate("warning", one["stack"], "The change destroys something, or AWS would refuse it.")
        elif one["exit_code"] not in (_SAME, _CHANGES):
            annotate("error", one["stack"], "There is no plan, or a rule is broken; the summary says which.")
    if ran.returncode not in (_SAME, _CHANGES, _DESTRUCTIVE):
        raise typer.Exit(1)


if __name__ == "__main__":
    run(review)
