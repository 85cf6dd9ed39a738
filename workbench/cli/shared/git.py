"""The project's git repository."""

import io
import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import OperatorError

_MERGE_BASE = "..."
_SHARED = ("components", "workbench")
"""The folders of a repository that several programs import from."""


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A commit that was named on the command line."""

    reference: str
    """As it was named."""
    hash: str

    @property
    def label(self) -> str:
        """The name and the short hash, for messages."""
        return f"{self.reference} ({self.hash[:7]})"


class Repository:
    """The repository that a folder is in."""

    def __init__(self, folder: Path) -> None:
        """Find the repository.

        Raises:
            OperatorError: when the folder is in none, or git cannot be run.
        """
        self._folder = folder
        found = self._run("rev-parse", "--show-prefix", "--show-toplevel")
        if found.returncode != 0:
            if b"not a git repository" in found.stderr:
                raise OperatorError(
                    f"--against: {folder} is in no git repository; only the file of a saved plan is allowed"
                )
            raise OperatorError(f"git rev-parse in {folder}: {_last_line(found.stderr)}")
        self._prefix, self._top = found.stdout.decode().splitlines()

    def commit(self, reference: str) -> Commit:
        """Return the commit of a reference. ``REF...`` is the merge base of REF and HEAD, as in ``git diff``.

        Raises:
            OperatorError: when there is no such commit, or no merge base.
        """
        name = reference.removesuffix(_MERGE_BASE)
        found = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if not name or found.returncode != 0:
            raise OperatorError(f"--against: {reference}; neither a file nor a commit of the repository {self._folder}")
        tip = found.stdout.decode().strip()
        if name == reference:
            return Commit(reference=reference, hash=tip)
        base = self._run("merge-base", tip, "HEAD")
        if base.returncode != 0:
            raise OperatorError(
                f"--against: {reference}; HEAD and {name} have no commit in common here: fetch more of the history"
            )
        return Commit(reference=reference, hash=base.stdout.decode().strip())

    def commits_missing(self, commit: Commit) -> int:
        """Return the number of ancestors of ``commit`` that HEAD does not have."""
        return int(self._lines("rev-list", "--count", f"HEAD..{commit.hash}"))

    def has(self, commit: Commit, path: str) -> bool:
        """Tell whether a file of the folder was in a commit."""
        return self._run("cat-file", "-e", f"{commit.hash}:{self._prefix}{path}").returncode == 0

    def differs(self, commit: Commit, path: str) -> bool:
        """Tell whether a file of the folder differs from the one in a commit."""
        return self._run("diff", "--quiet", commit.hash, "--", path).returncode != 0

    def extract(self, commit: Commit, target: Path) -> Path:
        """Write the folder of a commit, and what the repository's programs share, into ``target``; return the folder.

        Repository and work tree stay unchanged.
        """
        paths = [self._prefix, *(name for name in _SHARED if self._has_at_top(commit, name))] if self._prefix else []
        packed = self._run("-C", self._top, "archive", "--format=tar", commit.hash, "--", *paths)
        if packed.returncode != 0:
            raise OperatorError(f"--against: {commit.reference}: {_last_line(packed.stderr)}")
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            archive.extractall(target, filter="data")
        return target / self._prefix

    def _has_at_top(self, commit: Commit, name: str) -> bool:
        return self._run("cat-file", "-e", f"{commit.hash}:{name}").returncode == 0

    def _lines(self, *arguments: str) -> str:
        ran = self._run(*arguments)
        if ran.returncode != 0:
            raise OperatorError(f"git {arguments[0]} in {self._folder}: {_last_line(ran.stderr)}")
        return ran.stdout.decode().strip()

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(  # noqa: S603 (no shell; what the operator typed stands behind --end-of-options)
                ["git", *arguments],  # noqa: S607 (the operator's own git)
                cwd=self._folder,
                # Its messages are read here, whatever language the operator speaks.
                env={**os.environ, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            raise OperatorError("git: not found on the PATH; it is needed to compare with a commit") from None


def _last_line(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "failed without a word"
