"""What AWS has that the program does not say: an issue for each stack, open as long as there is something."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from tools.ci.actions import BOT, run, variable
from tools.ci.github import BODY_LIMIT, GitHub
from workbench.errors import OperationFailedError
from workbench.review.difference.fitting import cut

LABEL = "drift"

_SAME, _CHANGES, _DESTRUCTIVE = 0, 3, 4
"""What ``zelly drift`` ends with (docs/review.md)."""


def marker(stack: str) -> str:
    """Return the issue's first line, which nobody sees and by which it is found again."""
    return f"<!-- zelly drift {stack} -->"


def command(stack: str) -> list[str]:
    """Return the command that looks at a stack."""
    return [shutil.which("zelly") or str(Path(sys.executable).with_name("zelly")), "drift", stack]


def look(stack: str) -> str | None:
    """Return how a stack differs from its program, None: it does not.

    Raises:
        OperationFailedError: when that could not be told.
    """
    ran = subprocess.run(command(stack), capture_output=True, text=True, check=False)  # noqa: S603 (the project's own)
    if ran.returncode == _SAME:
        return None
    typer.echo(ran.stdout + ran.stderr, err=True)
    if ran.returncode in (_CHANGES, _DESTRUCTIVE):
        return ran.stdout
    raise OperationFailedError(
        f"{stack}: zelly drift ended with {ran.returncode}: whether it drifted is not known, no issue was touched"
    )


def body(stack: str, difference: str, run_url: str) -> str:
    """Return the issue's text; it fits what GitHub takes."""
    head = (
        f"{marker(stack)}\n\n"
        f"What AWS has and what the program of `main` says are not the same ([the run]({run_url})). Either somebody "
        "changed it by hand, or what was merged has not been applied: a production plan may be waiting for its "
        "approval. `pulumi up` makes it as the program says; where the change is to stay, put it into the program.\n\n"
        "This issue is edited by the next look and closed by the first that finds nothing.\n\n``````text\n"
    )
    foot = "\n``````\n"
    return head + cut(difference.strip(), BODY_LIMIT - len(head) - len(foot)) + foot


def record(github: GitHub, stack: str, text: str | None) -> str:
    """Open, edit or close the stack's issue; return what was done in words. ``text`` None: there is no difference.

    Raises:
        OperationFailedError: when GitHub refuses.
    """
    issue = _open_issue(github, stack)
    if text is None:
        if issue is None:
            return f"{stack}: no drift"
        github.change(f"/issues/{issue['number']}", {"state": "closed", "state_reason": "completed"})
        return f"{stack}: no drift any more, issue {issue['number']} closed"
    if issue is None:
        title = f"{stack} has drifted"
        made = github.create("/issues", {"title": title, "body": text, "labels": [LABEL]})
        return f"{stack}: drift, issue {made['number']} opened"
    github.change(f"/issues/{issue['number']}", {"body": text})
    return f"{stack}: drift, issue {issue['number']} updated"


def _open_issue(github: GitHub, stack: str) -> Mapping[str, Any] | None:
    for issue in github.listed("/issues", state="open", labels=LABEL):
        is_ours = issue["user"]["login"] == BOT and "pull_request" not in issue
        if is_ours and (issue["body"] or "").startswith(marker(stack)):
            return issue
    return None


def main(stack: Annotated[str, typer.Argument()]) -> None:
    """Look at a stack, and open, edit or close its issue."""
    github = GitHub.of_this_run()
    run_url = (
        f"{variable('GITHUB_SERVER_URL')}/{variable('GITHUB_REPOSITORY')}/actions/runs/{variable('GITHUB_RUN_ID')}"
    )
    difference = look(stack)
    typer.echo(record(github, stack, None if difference is None else body(stack, difference, run_url)))


if __name__ == "__main__":
    run(main)
