"""What a folder's Git repository says of it."""

import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from workbench.errors import OperatorError
from workbench.operations.times import utc


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """A commit, and what differs from it."""

    commit: str
    """Forty hexadecimal digits."""
    changes: tuple[str, ...]
    """What ``git status`` lists: changed and untracked files of the whole repository, not the ignored ones."""


def checkout(folder: Path) -> Checkout:
    """Return what is checked out in a folder.

    Raises:
        OperatorError: when Git is not installed, or the folder is not in a repository with a commit.
    """
    git = shutil.which("git")
    if git is None:
        raise OperatorError("git: not on PATH; it tells which commit is built")
    return Checkout(
        commit=_output(git, folder, "rev-parse", "--verify", "HEAD").strip(),
        changes=tuple(_output(git, folder, "status", "--porcelain").splitlines()),
    )


def commit_time(folder: Path, commit: str) -> str | None:
    """Return when a commit was made, in UTC to the second; None where Git does not know."""
    git = shutil.which("git")
    if git is None:
        return None
    ran = subprocess.run(  # noqa: S603 (the program that was looked for)
        [git, "-C", str(folder), "show", "--no-patch", "--format=%ct", f"{commit}^{{commit}}"],
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = ran.stdout.strip()
    return utc(datetime.fromtimestamp(int(seconds), UTC)) if ran.returncode == 0 and seconds.isdigit() else None


def _output(git: str, folder: Path, *arguments: str) -> str:
    ran = subprocess.run(  # noqa: S603 (the program that was looked for)
        [git, "-C", str(folder), *arguments], capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        reason = (ran.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise OperatorError(f"--context: {folder} is not in a Git repository with a commit (git: {reason})")
    return ran.stdout
