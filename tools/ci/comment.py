"""The one comment of a program on a pull request: made by the first run, edited by the next ones."""

import re
from pathlib import Path
from typing import Annotated

import typer

from tools.ci.actions import BOT, run
from tools.ci.github import GitHub
from workbench.errors import OperatorError

_MARKER = re.compile(r"<!-- [a-z][a-z0-9-]* review -->(?=\n)")


def marker_of(body: str) -> str | None:
    """Return the first line of what a program's ``review`` writes, which names the program; None: it is no review."""
    found = _MARKER.match(body)
    return None if found is None else found[0]


def post(github: GitHub, pull_request: int, body: str, marker: str) -> str:
    """Edit the workflow's own comment, or make it; return what was done in words.

    A comment of somebody else's that begins with the marker is left alone.

    Raises:
        OperationFailedError: when GitHub refuses.
    """
    for comment in github.listed(f"/issues/{pull_request}/comments"):
        if comment["user"]["login"] == BOT and comment["body"].startswith(marker):
            if comment["body"] == body:
                return f"comment {comment['id']} says so already"
            github.change(f"/issues/comments/{comment['id']}", {"body": body})
            return f"comment {comment['id']} edited"
    made = github.create(f"/issues/{pull_request}/comments", {"body": body})
    return f"comment {made['id']} made"


def main(
    file: Annotated[Path, typer.Argument()],
    pull_request: Annotated[int, typer.Option(min=1)],
) -> None:
    """Post a file as the comment."""
    try:
        body = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"{file}: {error}") from None
    marker = marker_of(body)
    if marker is None:
        raise OperatorError(f"{file}: does not begin with <!-- PROGRAM review -->: the next run could not find it")
    typer.echo(post(GitHub.of_this_run(), pull_request, body, marker))


if __name__ == "__main__":
    run(main)
