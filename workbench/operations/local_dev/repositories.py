"""The repositories beside this one: which are there, and the cloning of those that are not."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.counting import listed
from workbench.errors import OperationFailedError, OperatorError
from workbench.local_dev.model import LocalPlatform, Repository

_STDERR = 2
"""Git's progress is talk; stdout is the command's own."""


@dataclass(frozen=True, kw_only=True)
class Sibling:
    """A repository, as it is on this machine."""

    repository: Repository
    path: Path
    exists: bool
    branch: str | None = None
    """The branch that is checked out, or the commit; None: it is no Git repository."""

    @property
    def words(self) -> str:
        """Its state."""
        if not self.exists:
            return "not there"
        return "no Git repository" if self.branch is None else f"on {self.branch}"


def siblings(platform: LocalPlatform, root: Path) -> tuple[Sibling, ...]:
    """Return the platform's repositories as they are beside ``root``."""
    git = shutil.which("git")
    return tuple(_sibling(git, each, root.resolve().parent / each.name) for each in platform.repositories)


def _sibling(git: str | None, repository: Repository, path: Path) -> Sibling:
    # A link that leads nowhere is there, too.
    exists = path.exists() or path.is_symlink()
    branch = _branch(git, path) if git is not None and path.is_dir() else None
    return Sibling(repository=repository, path=path, exists=exists, branch=branch)


def _branch(git: str, path: Path) -> str | None:
    # Of this folder itself, not of a repository that the folder of all of them happens to lie in.
    top = _output(git, path, "rev-parse", "--show-toplevel")
    if top is None or Path(top) != path.resolve():
        return None
    # A fresh repository has a branch and no commit yet; a checked-out commit has no branch.
    return _output(git, path, "symbolic-ref", "--short", "HEAD") or _output(git, path, "rev-parse", "--short", "HEAD")


def _output(git: str, path: Path, *arguments: str) -> str | None:
    ran = subprocess.run(  # noqa: S603 (the program that was looked for)
        [git, "-C", str(path), *arguments], capture_output=True, text=True, check=False
    )
    return ran.stdout.strip() if ran.returncode == 0 else None


@dataclass(frozen=True, kw_only=True)
class ClonePlan:
    """Which repositories are cloned, and which are left alone."""

    siblings: tuple[Sibling, ...]

    @property
    def missing(self) -> tuple[Sibling, ...]:
        """Those that are cloned."""
        return tuple(sibling for sibling in self.siblings if not sibling.exists)

    def lines(self) -> list[str]:
        """Return what is going to happen, for the developer to read."""
        return [
            f"{sibling.path}: left as it is, {sibling.words}"
            if sibling.exists
            else f"{sibling.path}: cloned from {sibling.repository.url}"
            for sibling in self.siblings
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {
            "repositories": {
                sibling.repository.name: {
                    "path": str(sibling.path),
                    "action": "none" if sibling.exists else "clone",
                    "branch": sibling.branch,
                }
                for sibling in self.siblings
            }
        }


def plan_clone(platform: LocalPlatform, root: Path, names: Sequence[str]) -> ClonePlan:
    """Look which repositories are missing; ``names`` are the only ones that are wanted, unless it is empty.

    Raises:
        OperatorError: for a name that is none of the platform's.
    """
    allowed = [repository.name for repository in platform.repositories]
    for name in names:
        if name not in allowed:
            raise OperatorError(f"repository: came {name}; allowed: {listed(allowed)}")
    return ClonePlan(
        siblings=tuple(each for each in siblings(platform, root) if not names or each.repository.name in names)
    )


def clone(plan: ClonePlan) -> Mapping[str, str]:
    """Clone what is missing, and return the paths by repository. One that fails does not stop the others.

    Raises:
        OperatorError: when Git is not installed.
        OperationFailedError: when one could not be cloned; it says which, and which are there now.
    """
    git = shutil.which("git")
    if git is None:
        raise OperatorError("git: not on PATH; it clones the repositories")
    codes = {sibling: _cloned(git, sibling) for sibling in plan.missing}
    failed = [sibling for sibling, code in codes.items() if code != 0]
    done = {sibling.repository.name: str(sibling.path) for sibling in codes if sibling not in failed}
    if failed:
        raise OperationFailedError(
            *(
                f"{sibling.repository.url}: not cloned (git clone ended with exit code {codes[sibling]})"
                for sibling in failed
            ),
            f"Cloned: {listed(list(done))}. To go on, see that you may read the others, and clone again.",
        )
    return done


def _cloned(git: str, sibling: Sibling) -> int:
    # It refuses a folder that somebody made in the meantime, and leaves nothing behind when it fails.
    arguments = [git, "clone", "--", sibling.repository.url, str(sibling.path)]
    return subprocess.run(arguments, stdout=_STDERR, check=False).returncode  # noqa: S603
