"""The workflows that go into the application's repository, as data."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.tools.steps import ROOT, read

GITHUB = ROOT / "programs" / "pakashop" / "github"
WORKFLOWS = {path.name: read(path) for path in sorted((GITHUB / "workflows").glob("*.yml"))}


def jobs() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return every job, by ``workflow/job``."""
    for name, workflow in WORKFLOWS.items():
        for job, described in workflow["jobs"].items():
            yield f"{name.removesuffix('.yml')}/{job}", described


def steps() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return every step with the job that it is of."""
    for where, job in jobs():
        yield from ((where, step) for step in job.get("steps", ()))


def text(name: str) -> str:
    """Return a workflow as it stands."""
    return (GITHUB / "workflows" / name).read_text(encoding="utf-8")


def program_of(step: Mapping[str, Any]) -> Path | None:
    """Return the program of a step that is more than one command."""
    words = str(step.get("run", "")).split()
    if "-m" not in words:
        return None
    module = words[words.index("-m") + 1]
    return ROOT / f"{module.replace('.', '/')}.py"
