"""Puts faults into a copy of the project, one at a time, and counts those that its tests notice.

Run as ``python -m tools.mutants.run [ROOM ...] [--sample DIGIT]``; a room is one of :data:`ROOMS`, and without one all
are taken. mutmut numbers the faults of each function; ``--sample 3`` takes those whose number ends in 3, about a tenth.
The copies stay in ``.engine/mutants-of/ROOM``, where ``mutmut show NAME`` shows a fault and ``mutmut run`` goes on.
Prints the names of the faults that were not noticed, and a row per room. Exits with 1 where a room's rate is below
:data:`WANTED_PERCENT`.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
WANTED_PERCENT = 90

_ENVIRONMENT = ROOT / ".engine" / "mutants"
_COPIES = ROOT / ".engine" / "mutants-of"
_NOTICED = ("killed", "timeout", "segfault", "suspicious")


@dataclass(frozen=True, kw_only=True)
class Room:
    """What faults are put into, and the tests that should notice them."""

    files: tuple[str, ...]
    """Patterns of paths."""
    tests: tuple[str, ...]


ROOMS: Mapping[str, Room] = {
    "config": Room(
        files=("zelly_infra/config*.py", "zelly_infra/stack_file.py", "zelly_infra/names.py"),
        tests=("tests/zelly_infra/test_config.py", "tests/zelly_infra/test_bad_stack_files.py"),
    ),
    "operations": Room(files=("zelly_infra/operations/*",), tests=("tests/zelly_infra/operations",)),
    "review": Room(files=("zelly_infra/review/*",), tests=("tests/zelly_infra/review",)),
    "components": Room(
        files=tuple(
            f"components/{name}.py"
            for name in (
                "alarm",
                "dashboard",
                "ecs_checks",
                "fargate",
                "iam",
                "instance_type",
                "naming",
                "running_hours_times",
                "subnets",
                "task_definition",
                "wireguard",
            )
        ),
        tests=("tests/components",),
    ),
}
"""The rooms of pure functions; what only puts resources together is held by the tests of the plan."""


def copy_of_project(name: str, room: Room) -> Path:
    """Copy what git knows of the project, with mutmut's settings for ``room``; an older copy's results are kept."""
    folder = _COPIES / name
    listed = subprocess.run(  # noqa: S603 (git, as everywhere)
        [shutil.which("git") or "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [path for path in listed.stdout.split("\0") if (ROOT / path).is_file()]
    for path in paths:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, target)
    copied = sorted({path.partition("/")[0] for path in paths} - {"zelly_infra", "components"})
    settings = {
        "source_paths": ["zelly_infra", "components"],
        "only_mutate": list(room.files),
        "also_copy": copied,
        "pytest_add_cli_args": ["-p", "no:xdist"],
        "pytest_add_cli_args_test_selection": list(room.tests),
        # Seconds; a slow machine is not a fault that was noticed.
        "timeout_constant": 30.0,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(["", "[tool.mutmut]", *lines, ""]))
    return folder


def mutmut(folder: Path, *arguments: str, capture: bool = False) -> str:
    """Run mutmut in a copy, and return what it printed where that is asked for."""
    command = [str(_ENVIRONMENT / "bin" / "python"), "-m", "mutmut", *arguments]
    stdout = subprocess.PIPE if capture else None
    completed = subprocess.run(command, cwd=folder, stdout=stdout, text=True, check=True)  # noqa: S603 (installed here)
    return completed.stdout or ""


def main(arguments: Sequence[str]) -> int:
    """Test the rooms that were named, print what came of it, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make mutants")
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"one or more of {', '.join(ROOMS)}; without: all")
    parser.add_argument(
        "--sample", metavar="DIGIT", choices=list("0123456789"), help="only faults numbered so at the end"
    )
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.rooms) - ROOMS.keys()):
        parser.error(f"ROOM: {unknown[0]}; allowed: {', '.join(ROOMS)}")
    low = False
    for name in options.rooms or ROOMS:
        folder = copy_of_project(name, ROOMS[name])
        mutmut(folder, "run", *([f"*__mutmut_*{options.sample}"] if options.sample else []))
        mutmut(folder, "export-cicd-stats", capture=True)
        counts = json.loads((folder / "mutants" / "mutmut-cicd-stats.json").read_text(encoding="utf-8"))
        noticed = sum(counts[kind] for kind in _NOTICED)
        missed = counts["survived"] + counts["no_tests"]
        rate = 100 * noticed / (noticed + missed) if noticed + missed else 100.0
        low = low or rate < WANTED_PERCENT
        survivors = [line for line in mutmut(folder, "results", capture=True).splitlines() if "not checked" not in line]
        sys.stdout.write("\n".join([*survivors, f"{name}: {noticed} of {noticed + missed} noticed, {rate:.1f} %", ""]))
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
