"""What AWS has that the program does not say: an issue for each stack, open as long as there is something."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from tools.ci.actions import BOT, run, variable
from tools.ci.github import BODY_LIMIT, GitHub
from workbench.errors import OperationFailedError
from workbench.review.difference.fitting import cut

LABEL = "drift"

_SAME, _CHANGES, _DESTRUCTIVE = 0, 3, 4
"""What ``drift`` ends with (docs/review.md)."""


@dataclass(frozen=True)
class Looked:
    """The stack that is looked at."""

    program: str
    stack: str

    def __str__(self) -> str:
        """Return what people call it."""
        return f"{self.stack} of {self.program}"

    @property
    def marker(self) -> str:
        """The issue's first line, which nobody sees and by which it is found again."""
        return f"<!-- {self.program} drift {self.stack} -->"

    @property
    def command(self) -> list[str]:
        """The command that looks."""
        installed = shutil.which(self.program) or str(Path(sys.executable).with_name(self.program))
        return [installed, "drift", self.stack]


def look(looked: Looked) -> str | None:
    """Return how a stack differs from its program, None: it does not.

    Raises:
        OperationFailedError: when that could not be told.
    """
    ran = subprocess.run(looked.command, capture_output=True, text=True, check=False)  # noqa: S603 (the project's own)
    if ran.returncode == _SAME:
        return None
    typer.echo(ran.stdout + ran.stderr, err=True)
    if ran.returncode in (_CHANGES, _DESTRUCTIVE):
        return ran.stdout
    raise OperationFailedError(
        f"{looked}: drift ended with {ran.returncode}: whether it drifted is not known, no issue was touched"
    )


def body(looked: Looked, difference: str, run_url: str) -> str:
    """Return the issue's text; it fits what GitHub takes."""
    head = (
        f"{looked.marker}\n\n"
        f"What AWS has and what the program of `main` says are not the same ([the run]({run_url})). Either somebody "
        "changed it by hand, or what was merged has not been applied: a production plan may be waiting for its "
        "approval. `pulumi up` makes it as the program says; where the change is to stay, put it into the program.\n\n"
        "This issue is edited by the next look and closed by the first that finds nothing.\n\n``````text\n"
    )
    foot = "\n``````\n"
    return head + cut(difference.strip(), BODY_LIMIT - len(head) - len(foot)) + foot


def record(github: GitHub, looked: Looked, text: str | None) -> str:
    """Open, edit or close the stack's issue; return what was done in words. ``text`` None: there is no difference.

    Raises:
        OperationFailedError: when GitHub refuses.
    """
    issue = _open_issue(github, looked)
    if text is None:
        if issue is None:
            return f"{looked}: no drift"
        github.change(f"/issues/{issue['number']}", {"state": "closed", "state_reason": "completed"})
        return f"{looked}: no drift any more, issue {issue['number']} closed"
    if issue is None:
        title = f"{looked} has drifted"
        made = github.create("/issues", {"title": title, "body": text, "labels": [LABEL]})
        return f"{looked}: drift, issue {made['number']} opened"
    github.change(f"/issues/{issue['number']}", {"body": text})
    return f"{looked}: drift, issue {issue['number']} updated"


def _open_issue(github: GitHub, looked: Looked) -> Mapping[str, Any] | None:
    for issue in github.listed("/issues", state="open", labels=LABEL):
        is_ours = issue["user"]["login"] == BOT and "pull_request" not in issue
        if is_ours and (issue["body"] or "").startswith(looked.marker):
            return issue
    return None


def main(program: Annotated[str, typer.Argument()], stack: Annotated[str, typer.Argument()]) -> None:
    """Look at a stack, and open, edit or close its issue."""
    github = GitHub.of_this_run()
    run_url = (
        f"{variable('GITHUB_SERVER_URL')}/{variable('GITHUB_REPOSITORY')}/actions/runs/{variable('GITHUB_RUN_ID')}"
    )
    looked = Looked(program, stack)
    difference = look(looked)
    typer.echo(record(github, looked, None if difference is None else body(looked, difference, run_url)))


if __name__ == "__main__":
    run(main)
