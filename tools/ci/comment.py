"""The one comment of a pull request: made by the first run, edited by the next ones."""

from pathlib import Path
from typing import Annotated

import typer

from tools.ci.actions import BOT, run
from tools.ci.github import GitHub
from workbench.errors import OperatorError
from zelly_infra.names import PLATFORM

MARKER = f"<!-- {PLATFORM} review -->"
"""The first line of what `zelly review` writes."""


def post(github: GitHub, pull_request: int, body: str) -> str:
    """Edit the workflow's own comment, or make it; return what was done in words.

    A comment of somebody else's that begins with the marker is left alone.

    Raises:
        OperationFailedError: when GitHub refuses.
    """
    for comment in github.listed(f"/issues/{pull_request}/comments"):
        if comment["user"]["login"] == BOT and comment["body"].startswith(MARKER):
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
    if not body.startswith(MARKER):
        raise OperatorError(f"{file}: does not begin with {MARKER}: the next run could not find it")
    typer.echo(post(GitHub.of_this_run(), pull_request, body))


if __name__ == "__main__":
    run(main)
