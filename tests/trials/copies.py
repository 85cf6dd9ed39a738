"""A copy of the project, texts replaced in it, and the tests that turn red there."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

_EVERYTHING = ("--continue-on-collection-errors", "--maxfail=0")
"""A module that cannot be imported is red, and stops no other."""
_RED = re.compile(r"^(?:FAILED|ERROR) (\S+\.py(?:::.*?)?)(?: - .*)?$", flags=re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A text of a file and what takes its place; the text stands there once."""

    path: str
    before: str
    after: str

    def applied(self, text: str) -> str:
        """Return the file's text with the edit made."""
        if text.count(self.before) != 1:
            msg = f"{self.path}: {self.before!r} stands there {text.count(self.before)} times; once is required"
            raise ValueError(msg)
        return text.replace(self.before, self.after)


def copy_of_project(folder: Path) -> Path:
    """Copy what git knows of the project, with its history, and lend the copy what is installed here."""
    copy = folder / "project"
    _git("clone", "--quiet", "--shared", "--no-checkout", str(ROOT), str(copy), inside=folder)
    for path in filter(None, _git("ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")):
        if (ROOT / path).is_file():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, copy / path, follow_symlinks=False)
    for lent in (".venv", ".engine"):
        if (ROOT / lent).exists():
            (copy / lent).symlink_to((ROOT / lent).resolve())
    _git("reset", "--quiet", inside=copy)
    return copy


@contextlib.contextmanager
def edited(copy: Path, edits: Sequence[Edit]) -> Generator[None]:
    """Make edits in a copy for as long as the context lasts."""
    before = {copy / edit.path: (copy / edit.path).read_text(encoding="utf-8") for edit in edits}
    try:
        for edit in edits:
            path = copy / edit.path
            path.write_text(edit.applied(path.read_text(encoding="utf-8")), encoding="utf-8")
        yield
    finally:
        for path, text in before.items():
            path.write_text(text, encoding="utf-8")


def run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the copy's Python: its modules, not those that are installed, which are this checkout's."""
    return subprocess.run(
        [str(ROOT / ".venv" / "bin" / "python"), *arguments],
        cwd=copy,
        env={
            **os.environ,
            "PYTHONPATH": f"{copy}{os.pathsep}{copy / 'components'}",
            # A file that changed within a second, and kept its size, would be taken for what was compiled of it.
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def red_tests(copy: Path, tests: Sequence[str], *, workers: int = 0) -> list[str]:
    """Return the tests that fail in a copy, each case once.

    Raises:
        RuntimeError: pytest itself failed, or ran no test.
    """
    ran = run(copy, "-m", "pytest", "-n", str(workers), "-rfE", "--tb=no", *_EVERYTHING, *tests)
    red = list(dict.fromkeys(_RED.findall(ran.stdout)))
    # 0: every test passed, 1: some failed; 2 with errors of collection, which are red as well.
    if ran.returncode not in {0, 1, 2} or bool(ran.returncode) != bool(red):
        raise RuntimeError(f"pytest ended with {ran.returncode}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return red


def functions(cases: Sequence[str]) -> list[str]:
    """Return the tests that cases belong to, each once."""
    return list(dict.fromkeys(case.partition("[")[0] for case in cases))


def say(line: str) -> None:
    """Tell whoever waits how far it is."""
    sys.stderr.write(f"{line}\n")


def _git(*arguments: str, inside: Path = ROOT) -> str:
    git = shutil.which("git") or "git"
    return subprocess.run([git, *arguments], cwd=inside, capture_output=True, text=True, check=True).stdout
