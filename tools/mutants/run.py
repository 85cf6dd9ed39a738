"""Puts faults into a copy of the project, one at a time, and counts those that its tests notice.

Run as ``python -m tools.mutants.run [ROOM ...] [--sample COUNT]``; a room is one of :data:`ROOMS`, and without one all
are taken. ``--sample`` takes so many faults of each room, by chance; the same ones as long as the code is the same. A
fault is a changed file and a fresh run of the room's tests: seconds each. The copies, with cosmic-ray's sessions, stay
in ``.engine/mutants-of/ROOM``. Prints the faults that were not noticed, and a row per room. Exits with 1 where a room's
rate is below :data:`WANTED_PERCENT`.
"""

import argparse
import json
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
WANTED_PERCENT = 90

_PROGRAM = ROOT / ".engine" / "mutants" / "bin" / "cosmic-ray"
_COPIES = ROOT / ".engine" / "mutants-of"
_SETTINGS = "cosmic-ray.toml"
_SESSION = "session.sqlite"
_TIMEOUT_SECONDS = 600

_NOT_A_FAULT = ("core/ReplaceBinaryOperator_BitOr_%", "core/RemoveDecorator")
"""``X | None`` of an annotation, and decorators: such a file cannot even be imported."""


@dataclass(frozen=True, kw_only=True)
class Room:
    """What faults are put into, and the tests that should notice them."""

    files: tuple[str, ...]
    """Patterns of paths."""
    tests: tuple[str, ...]


_PURE_HELPERS = (
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

ROOMS: Mapping[str, Room] = {
    "config": Room(
        files=("zelly_infra/config*.py", "zelly_infra/stack_file.py", "zelly_infra/names.py"),
        tests=(
            "tests/zelly_infra/test_config.py",
            "tests/zelly_infra/test_bad_stack_files.py",
            "tests/zelly_infra/commands/test_plan.py",
        ),
    ),
    "operations": Room(
        files=("zelly_infra/operations/**/*.py",),
        tests=("tests/zelly_infra/operations", "tests/zelly_infra/operating"),
    ),
    "review": Room(
        files=("zelly_infra/review/*.py", "zelly_infra/review/page/*.py", "zelly_infra/review/picture/*.py"),
        tests=("tests/zelly_infra/review", "tests/zelly_infra/commands"),
    ),
    "cost": Room(
        files=("zelly_infra/review/cost/*.py",),
        tests=("tests/zelly_infra/review/cost", "tests/test_cost_page.py", "tests/zelly_infra/commands/test_cost.py"),
    ),
    "rules": Room(files=("zelly_infra/review/rules/*.py",), tests=("tests/zelly_infra/review/rules",)),
    "components": Room(files=tuple(f"components/{name}.py" for name in _PURE_HELPERS), tests=("tests/components",)),
}
"""The rooms of pure functions; what only puts resources together is held by the tests of the plan."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault that was put in."""

    path: str
    line: int
    operator: str
    noticed: bool


def copy_of_project(name: str, room: Room) -> Path:
    """Copy what git knows of the project, with cosmic-ray's settings for ``room``."""
    folder = _COPIES / name
    shutil.rmtree(folder, ignore_errors=True)
    listed = subprocess.run(  # noqa: S603 (git, as everywhere)
        [shutil.which("git") or "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for path in filter(None, listed.stdout.split("\0")):
        if (ROOT / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, folder / path)
    python = ROOT / ".venv" / "bin" / "python"
    settings = {
        "module-path": sorted(str(path.relative_to(folder)) for pattern in room.files for path in folder.glob(pattern)),
        "timeout": float(_TIMEOUT_SECONDS),
        "excluded-modules": [],
        "test-command": f"{python} -m pytest -x -n 0 {' '.join(room.tests)}",
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    (folder / _SETTINGS).write_text(
        "\n".join(["[cosmic-ray]", *lines, "[cosmic-ray.distributor]", 'name = "local"', ""]), encoding="utf-8"
    )
    return folder


def _cosmic_ray(folder: Path, verb: str) -> None:
    subprocess.run([str(_PROGRAM), verb, _SETTINGS, _SESSION], cwd=folder, check=True)  # noqa: S603 (installed here)


def _leave_out(session: Path, sample: int | None) -> None:
    """Take out of a session what is no fault, and what is not in the sample."""
    with closing(sqlite3.connect(session)) as database, database:
        for pattern in _NOT_A_FAULT:
            database.execute("delete from mutation_specs where operator_name like ?", (pattern,))
        ordered = "select job_id from mutation_specs order by module_path, operator_name, occurrence"
        jobs = [row[0] for row in database.execute(ordered)]
        if sample is not None and sample < len(jobs):
            left = set(jobs) - set(random.Random(0).sample(jobs, sample))  # noqa: S311 (a sample that can be had again)
            database.executemany("delete from mutation_specs where job_id = ?", ((job,) for job in left))
        database.execute("delete from work_items where job_id not in (select job_id from mutation_specs)")


def _faults(session: Path) -> Sequence[Fault]:
    query = (
        "select module_path, start_pos_row, operator_name, test_outcome from mutation_specs "
        "join work_results using (job_id) where worker_outcome = 'NORMAL' order by 1, 2, 3"
    )
    with closing(sqlite3.connect(session)) as database:
        return [
            Fault(path=path, line=line, operator=operator, noticed=outcome != "SURVIVED")
            for path, line, operator, outcome in database.execute(query)
        ]


def main(arguments: Sequence[str]) -> int:
    """Test the rooms that were named, print what came of it, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make mutants")
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"one or more of {', '.join(ROOMS)}; without: all")
    parser.add_argument("--sample", type=int, metavar="COUNT", help="so many faults of each room")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.rooms) - ROOMS.keys()):
        parser.error(f"ROOM: {unknown[0]}; allowed: {', '.join(ROOMS)}")
    low = False
    for name in options.rooms or ROOMS:
        folder = copy_of_project(name, ROOMS[name])
        _cosmic_ray(folder, "init")
        _leave_out(folder / _SESSION, options.sample)
        _cosmic_ray(folder, "exec")
        faults = _faults(folder / _SESSION)
        missed = [fault for fault in faults if not fault.noticed]
        rate = 100 * (1 - len(missed) / len(faults)) if faults else 100.0
        low = low or rate < WANTED_PERCENT
        lines = [f"not noticed: {fault.path}:{fault.line} {fault.operator}" for fault in missed]
        summary = f"{name}: {len(faults) - len(missed)} of {len(faults)} noticed, {rate:.1f} %"
        sys.stdout.write("\n".join([*lines, summary, ""]))
        sys.stdout.flush()
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
