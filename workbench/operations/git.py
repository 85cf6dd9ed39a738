"""What a folder's Git repository says of it."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import OperatorError


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


def _output(git: str, folder: Path, *arguments: str) -> str:
    ran = subprocess.run(  # noqa: S603 (the program that was looked for)
        [git, "-C", str(folder), *arguments], capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        reason = (ran.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise OperatorError(f"--context: {folder} is not in a Git repository with a commit (git: {reason})")
    return ran.stdout
