"""The plan of a stack between its approval and its ``pulumi up``: recorded, and held to.

``record`` says what there is to approve. After the approval ``newest`` and ``verify`` stop whatever is no longer that.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from tools.ci.actions import add_to_summary, run_app, set_outputs, variable
from tools.ci.github import GitHub
from workbench.errors import OperatorError
from workbench.review.difference.fitting import cut

PLAN = "plan.json"
"""What ``plan --save`` wrote."""
UPDATE_PLAN = "update-plan.json"
"""What ``pulumi preview --save-plan`` wrote."""
PREVIEW = "preview.txt"
"""What the preview showed."""

_FILES = (PLAN, UPDATE_PLAN, PREVIEW)
_NOTHING_HAPPENS = frozenset({"same", "refresh", "read"})
_SUMMARY_LIMIT = 900_000

app = typer.Typer(pretty_exceptions_enable=False)

FolderArgument = Annotated[Path, typer.Argument()]


def digest(folder: Path) -> str:
    """Return the SHA-256 of what is to be approved: of the names and digests of its files.

    Raises:
        OperatorError: when a file is missing.
    """
    return hashlib.sha256("".join(f"{_sha256(folder / name)}  {name}\n" for name in _FILES).encode()).hexdigest()


def changes(folder: Path) -> int:
    """Return how many resources the update plan changes.

    Raises:
        OperatorError: when it is no update plan.
    """
    path = folder / UPDATE_PLAN
    try:
        document: Any = json.loads(path.read_bytes())
        resources: Mapping[str, Mapping[str, Any]] = document["resourcePlans"]
        steps = [set(resource.get("steps") or ()) for resource in resources.values()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise OperatorError(f"{path}: not an update plan of pulumi preview --save-plan") from None
    return sum(not found <= _NOTHING_HAPPENS for found in steps)


@app.command()
def record(folder: FolderArgument, stack: Annotated[str, typer.Option()]) -> None:
    """Set the outputs ``changes`` and ``digest``, and show the reviewers what they approve."""
    changed, found = changes(folder), digest(folder)
    shown = cut((folder / PREVIEW).read_text(encoding="utf-8"), _SUMMARY_LIMIT)
    add_to_summary(f"## {stack}: {changed} changed\n\n`sha256:{found}`\n\n``````diff\n{shown}\n``````")
    set_outputs({"changes": str(changed), "digest": found})


@app.command()
def verify(folder: FolderArgument, digest_: Annotated[str, typer.Option("--digest")]) -> None:
    """Stop unless these are the files that were approved.

    Raises:
        OperatorError: when they are not.
    """
    found = digest(folder)
    if found != digest_:
        raise OperatorError(
            f"{folder}: came sha256:{found}; approved was sha256:{digest_}. Nothing was changed: run the workflow again"
        )
    typer.echo(f"sha256:{found}, as approved")


@app.command()
def newest(branch: Annotated[str, typer.Option()]) -> None:
    """Stop unless the run's commit is the branch's newest: an older one would take back what came since.

    Raises:
        OperatorError: when it is not.
    """
    commit = variable("GITHUB_SHA")
    tip = GitHub.of_this_run().get(f"/commits/{branch}")["sha"]
    if tip != commit:
        raise OperatorError(
            f"{branch}: is at {tip}, this plan is of {commit}. Nothing was changed: approve the newer commit's plan"
        )
    typer.echo(f"{branch} is at {commit}")


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise OperatorError(f"{path}: {error.strerror}") from None


if __name__ == "__main__":
    run_app(app)
