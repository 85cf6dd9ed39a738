"""The workflows as data, and their steps run as a runner would."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.support.fake_github import REPOSITORY, TOKEN, FakeGitHub
from tests.support.programs import require_program

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))


def read(path: Path) -> dict[str, Any]:
    """Return a workflow; ``on`` is a key and no boolean, as GitHub reads it."""
    return YAML(typ="safe", pure=True).load(path)  # pyright: ignore[reportUnknownMemberType]


def jobs() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return every job with steps, by ``workflow/job``."""
    return ((name, job) for name, job in _all_jobs() if "uses" not in job)


def calls() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return every job that calls another workflow, by ``workflow/job``."""
    return ((name, job) for name, job in _all_jobs() if "uses" in job)


def _all_jobs() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in WORKFLOWS:
        for name, job in read(path)["jobs"].items():
            yield f"{path.stem}/{name}", job


def steps() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return every step of every job and of the action, with where it stands."""
    for name, job in jobs():
        yield from ((name, step) for step in job["steps"])
    for path in sorted((GITHUB / "actions").glob("*/action.yml")):
        yield from ((f"action {path.parent.name}", step) for step in read(path)["runs"]["steps"])


def step(where: str, name: str) -> Mapping[str, Any]:
    """Return the one step of that name."""
    (found,) = [one for place, one in steps() if place == where and one.get("name") == name]
    return found


def run_script(script: str, *, folder: Path, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run what stands behind ``run:``, as a runner does on Linux."""
    bash = require_program("bash", package="bash")
    return subprocess.run(
        [bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What came of a step."""

    exit_code: int
    stdout: str
    stderr: str
    outputs: Mapping[str, str]
    summary: str


def run_step(
    name: str,
    *arguments: str,
    folder: Path,
    github: FakeGitHub | None = None,
    environment: Mapping[str, str] | None = None,
    path: Sequence[Path] = (),
    package: str = "tools.ci",
) -> Ran:
    """Run ``python -m <package>.<name>`` with the variables of a runner, and nothing else of this machine but PATH."""
    output, summary = folder / "github-output", folder / "github-summary"
    for file in (output, summary):
        file.write_text("")
    of_github = {} if github is None else {"GITHUB_API_URL": github.url, "GITHUB_TOKEN": TOKEN}
    ran = subprocess.run(
        [sys.executable, "-m", f"{package}.{name}", *arguments],
        cwd=ROOT,
        env={
            "PATH": os.pathsep.join([*map(str, path), os.environ["PATH"]]),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_STEP_SUMMARY": str(summary),
            **of_github,
            **(environment or {}),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(
        exit_code=ran.returncode,
        stdout=ran.stdout,
        stderr=ran.stderr,
        outputs=dict(line.split("=", 1) for line in output.read_text().splitlines()),
        summary=summary.read_text(),
    )


Answer = tuple[int, str, str]
"""Exit code, stdout and stderr."""


def stand_in(folder: Path, name: str, answer: Answer = (0, "", "")) -> Path:
    """Put a program into ``folder`` that notes in ``<name>.calls`` how it was called, and answers as told."""
    program = folder / name
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(
        f"""#!{sys.executable}
import json, os, sys
with open({str(folder / f"{name}.calls")!r}, "a") as calls:
    print(json.dumps([sys.argv[1:], os.environ.get("ZELLY_STACK")]), file=calls)
code, stdout, stderr = {answer!r}
sys.stdout.write(stdout)
sys.stderr.write(stderr)
sys.exit(code)
"""
    )
    program.chmod(0o755)
    return program
