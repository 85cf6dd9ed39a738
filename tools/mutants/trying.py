"""Runs a room's tests in a copy of the project: once with coverage, and then with one fault at a time."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from coverage import CoverageData

from tools.mutants import plugin
from tools.mutants.faults import Fault, read_faults
from tools.mutants.rooms import Room
from tools.mutants.tests_of_line import Learnt, first_asked, learn, merged, read_learnt

ROOT = Path(__file__).parent.parent.parent

_PYTHON = ROOT / ".venv" / "bin" / "python"
_ITS_PYTHON = ROOT / ".engine" / "mutants" / "bin" / "python"
_CHANGES = Path(__file__).with_name("changes.py")
_KEPT = ROOT / ".engine" / "mutants-of"
_LIMIT_SECONDS = 60
"""How long tests may take beside ten times what they took when they were learnt: a fault can make a loop endless."""


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A copy of the project that faults are put into, and what was found out in it."""

    folder: Path
    room: Room
    digests: Mapping[str, str]
    """The digest of each file."""

    def kept(self, name: str) -> Path:
        """Return the file beside it that keeps something."""
        return self.folder.with_name(f"{self.folder.name}.{name}")

    def text(self, path: str) -> str:
        """Return the text of one of its files."""
        return (self.folder / path).read_text(encoding="utf-8")

    def line(self, fault: Fault) -> str:
        """Return the line that a fault changes."""
        return self.text(fault.path).splitlines()[fault.line - 1].strip()

    @property
    def digest(self) -> str:
        """Return the digest of all that can change what is noticed."""
        return _digest(json.dumps(sorted(self.digests.items())).encode())


def copy_of_project(name: str, room: Room) -> Copy:
    """Copy what git knows of the project, and compile it: what runs later writes no bytecode."""
    folder = _KEPT.resolve() / name
    shutil.rmtree(folder, ignore_errors=True)
    listed = subprocess.run(  # noqa: S603 (git, as everywhere)
        [shutil.which("git") or "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    digests: dict[str, str] = {}
    for path in filter(None, listed.stdout.split("\0")):
        if (ROOT / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, folder / path)
            digests[path] = _digest((folder / path).read_bytes())
    subprocess.run([str(_PYTHON), "-m", "compileall", "-q", str(folder)], check=True)  # noqa: S603
    return Copy(folder=folder, room=room, digests=digests)


def possible_faults(copy: Copy) -> list[Fault]:
    """Let cosmic-ray write down what it can change in the room's files."""
    settings, session = copy.kept("toml"), copy.kept("session.sqlite")
    files = sorted({str(path.relative_to(copy.folder)) for each in copy.room.files for path in copy.folder.glob(each)})
    settings.write_text(
        "[cosmic-ray]\n"
        f"module-path = {json.dumps(files)}\n"
        "timeout = 1.0\nexcluded-modules = []\ntest-command = ''\n"
        "[cosmic-ray.distributor]\nname = 'local'\n",
        encoding="utf-8",
    )
    _cosmic_ray(copy, "-m", "cosmic_ray.cli", "init", "--force", str(settings), str(session))
    return read_faults(session)


def changed_texts(copy: Copy, faults: Sequence[Fault]) -> list[str | None]:
    """Return what each fault's file is with it; None where cosmic-ray cannot make it."""
    asked = [(fault.path, f"core/{fault.operator}", fault.occurrence) for fault in faults]
    return json.loads(_cosmic_ray(copy, str(_CHANGES), given=json.dumps(asked)))


def _cosmic_ray(copy: Copy, *arguments: str, given: str = "") -> str:
    # Its script names the folder that it was installed into, which may have been moved.
    ran = subprocess.run(  # noqa: S603 (installed here)
        [str(_ITS_PYTHON), *arguments],
        cwd=copy.folder,
        input=given,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return ran.stdout


def learnt_of(copy: Copy) -> Learnt:
    """Run the tests that changed since they last ran with coverage; all of them where anything else did."""
    kept = copy.kept("learnt.json")
    of_tests = {path: digest for path, digest in copy.digests.items() if _is_test_of(copy.room, path)}
    others = _digest(json.dumps(sorted(copy.digests.items() - of_tests.items())).encode())
    before: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    known: dict[str, str] = before["tests"] if before.get("others") == others else {}
    learnt = read_learnt(before["learnt"]) if known else Learnt(seconds={}, lines={})
    if changed := sorted(path for path, digest in of_tests.items() if known.get(path) != digest):
        say(f"running {len(changed)} test files with coverage …")
        learnt = merged(learnt, _run_with_coverage(copy, changed), {*changed, *(known.keys() - of_tests.keys())})
        kept.write_text(json.dumps({"others": others, "tests": of_tests, "learnt": learnt.document()}))
    return learnt


def _run_with_coverage(copy: Copy, files: Sequence[str]) -> Learnt:
    settings, data = copy.kept("coveragerc"), copy.kept("coverage")
    included = "\n ".join(copy.room.files)
    settings.write_text(f"[run]\ndata_file = {data}\ninclude =\n {included}\n", encoding="utf-8")
    arguments = ["--cov", f"--cov-config={settings}", "--cov-context=test", "--cov-report=", *files]
    report = _pytest(copy, arguments, None, {}).report
    if failed := sorted(set(report["failed"])):
        say("\n ".join(["these fail without any fault, and are left out:", *failed]))
    measured = CoverageData(basename=str(data))
    measured.read()
    return learn(measured, report, copy.folder)


@dataclass(frozen=True, kw_only=True)
class _Ran:
    code: int
    report: Mapping[str, Any]


def _pytest(copy: Copy, arguments: Sequence[str], limit: float | None, asked: Mapping[str, Sequence[str]]) -> _Ran:
    """Run tests in the copy; the processes that they leave behind end with them."""
    report, tests = copy.kept("report.json"), copy.kept("tests.json")
    report.unlink(missing_ok=True)
    tests.write_text(json.dumps(asked), encoding="utf-8")
    told = {plugin.REPORT: str(report), plugin.TESTS: str(tests)}
    process = subprocess.Popen(  # noqa: S603 (our own tests)
        [str(_PYTHON), "-m", "pytest", "-n", "0", "-p", plugin.__name__, *arguments],
        cwd=copy.folder,
        env={**os.environ, "PYTHONPATH": str(copy.folder), "PYTHONDONTWRITEBYTECODE": "1", **told},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        code = process.wait(limit)
    except subprocess.TimeoutExpired:
        return _Ran(code=1, report={"failed": ["the time limit"]})
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    written: dict[str, Any] = {"failed": []}
    if report.is_file():
        written = json.loads(report.read_text(encoding="utf-8"))
    return _Ran(code=code, report=written)


def noticed_by(copy: Copy, fault: Fault, changed: str, learnt: Learnt) -> str | None:
    """Put a fault in, and return what notices it; the file is as before afterwards."""
    path = copy.folder / fault.path
    text, times = path.read_bytes(), path.stat()
    first = first_asked(learnt, fault.path, text.decode(), fault.line)
    try:
        path.write_text(changed, encoding="utf-8")
        files = list(dict.fromkeys(test.partition("::")[0] for test in first))
        if first and (by := _first_to_fail(copy, learnt, files, wanted=first)):
            return by
        return _first_to_fail(copy, learnt, copy.room.tests, unwanted=[*first, *learnt.failing])
    finally:
        path.write_bytes(text)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def _first_to_fail(copy: Copy, learnt: Learnt, files: Sequence[str], **asked: Sequence[str]) -> str | None:
    limit = _LIMIT_SECONDS + 10 * sum(learnt.seconds[test] for test in asked.get("wanted", learnt.seconds))
    ran = _pytest(copy, ["-x", *files], limit, asked)
    if ran.code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return None
    return next(iter(ran.report["failed"]), "what imports it")


def _is_test_of(room: Room, path: str) -> bool:
    inside = any(path == tests or path.startswith(f"{tests}/") for tests in room.tests)
    return inside and Path(path).name.startswith("test_")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def say(line: str) -> None:
    """Tell whoever waits how far it is."""
    sys.stderr.write(line + "\n")
