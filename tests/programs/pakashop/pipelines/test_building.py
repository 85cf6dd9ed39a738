"""What CI builds: every service once, by its language, with stand-ins for npm, go and pip."""

import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from pakashop_infra.program import PROGRAM
from programs.pakashop.ci.building import recipes
from tests.tools.steps import Ran, run_step, stand_in
from workbench.operations.releases.push import plan_push

CI = "programs.pakashop.ci"
TOOLS = ("npm", "go", "pip")
GO_BUILDS = """
made = sys.argv[sys.argv.index("-o") + 1]
open(made, "w").write("go")
os.chmod(made, 0o755)
sys.exit(code)
"""


@pytest.fixture
def application(tmp_path: Path) -> Path:
    """Return an application with a folder for each service, and what must not be shipped in each."""
    folder = tmp_path / "application"
    for unit in PROGRAM.units:
        service = folder / "services" / unit.name
        for name in ("node_modules/x", "tests/test_x", "src/main.txt"):
            (service / name).parent.mkdir(parents=True, exist_ok=True)
            (service / name).write_text(name)
    migration = folder / "migrations" / "prisma" / "migrations" / "20261101120000_init"
    migration.mkdir(parents=True)
    (migration / "migration.sql").write_text("select 1;")
    (folder / "migrations" / "migrate").write_text("#!/bin/sh\n")
    (folder / "migrations" / "migrate").chmod(0o755)
    return folder


def built(application: Path, tmp_path: Path, *, name: str = "artefacts", failing: str | None = None) -> Ran:
    programs = tmp_path / "bin"
    for tool in TOOLS:
        program = stand_in(programs, tool, (1, "", f"{tool}: no\n") if tool == failing else (0, "", ""))
        if tool == "go":
            # What it makes is all that there is of a service in Go.
            program.write_text(program.read_text().replace("sys.exit(code)", GO_BUILDS))
    return run_step(
        "build",
        str(application),
        "--output",
        str(tmp_path / name),
        "--python",
        "3.12",
        folder=tmp_path,
        path=[programs],
        package=CI,
    )


def names_in(archive: Path) -> dict[str, int]:
    with tarfile.open(archive) as opened:
        return {member.name: member.mode & 0o111 for member in opened if member.isfile()}


def test_every_service_is_built_by_its_language_and_packed_with_its_start(application: Path, tmp_path: Path) -> None:
    ran = built(application, tmp_path)
    assert (ran.exit_code, ran.stderr) == (0, "")
    artefacts = tmp_path / "artefacts"
    assert {path.name for path in artefacts.iterdir()} == {
        "migrations.txt",
        *(f"{name}.tar.gz" for name in ("migrations", *(unit.name for unit in PROGRAM.units))),
    }
    assert names_in(artefacts / "gateway.tar.gz") == {"src/main.txt": 0, "start": 0o111}
    assert names_in(artefacts / "search.tar.gz") == {"start": 0o111}
    assert names_in(artefacts / "moderation.tar.gz") == {"prepare": 0o111, "src/main.txt": 0, "start": 0o111}
    assert (artefacts / "migrations.txt").read_text() == "20261101120000_init\n"
    calls = {tool: (tmp_path / "bin" / f"{tool}.calls").read_text().splitlines() for tool in TOOLS}
    by_language = [unit.language for unit in PROGRAM.units]
    counts = {"npm": by_language.count("node") + 1, "go": by_language.count("go"), "pip": by_language.count("python")}
    assert {tool: len(lines) for tool, lines in calls.items()} == counts
    assert json.loads(calls["go"][0])[0][:3] == ["build", "-trimpath", "-buildvcs=false"]


def test_the_same_sources_make_the_same_release(application: Path, tmp_path: Path) -> None:
    class Empty:
        bucket = "b"

        def get(self, key: str) -> None:
            del key

        def found(self, prefix: str) -> list[None]:
            del prefix
            return []

    ids: set[str] = set()
    for name in ("first", "second"):
        assert built(application, tmp_path, name=name).exit_code == 0
        plan = plan_push(
            tmp_path / name,
            stack="staging",
            platform="pakashop",
            commit="a" * 40,
            created="2026-11-30T18:00:00Z",
            services=[unit.name for unit in PROGRAM.units],
            bucket=Empty(),  # pyright: ignore[reportArgumentType] (the two calls that a plan makes)
        )
        assert plan.manifest.migration_names == ("20261101120000_init",)
        ids.add(plan.manifest.id)
    assert len(ids) == 1


def test_a_service_may_bring_its_own_start(application: Path, tmp_path: Path) -> None:
    own = application / "services" / "gateway" / "start"
    own.write_text("#!/bin/sh\nexec node other.js\n")
    own.chmod(0o755)
    assert built(application, tmp_path).exit_code == 0
    with tarfile.open(tmp_path / "artefacts" / "gateway.tar.gz") as opened:
        start = opened.extractfile("start")
        assert start is not None
        assert start.read() == own.read_bytes()


def test_a_build_that_fails_ends_the_step_with_whose_it_was(application: Path, tmp_path: Path) -> None:
    ran = built(application, tmp_path, failing="npm")
    assert ran.exit_code == 1
    assert ran.stderr.splitlines()[-1].startswith("gateway: `npm ci --omit=dev --no-audit --no-fund` ended with 1")


def test_a_missing_service_or_migrator_is_refused_in_one_line(application: Path, tmp_path: Path) -> None:
    (application / "migrations" / "migrate").chmod(0o644)
    ran = built(application, tmp_path)
    said = f"{application}/migrations/migrate: missing, or not executable; it applies the migrations on the host\n"
    assert (ran.exit_code, ran.stderr) == (2, said)
    (application / "services" / "gateway").rename(tmp_path / "away")
    ran = built(application, tmp_path, name="again")
    said = f"{application}/services/gateway: missing; service gateway is built from it\n"
    assert (ran.exit_code, ran.stderr) == (2, said)


def test_what_python_prepares_and_starts_on_a_host_is_what_it_says(tmp_path: Path) -> None:
    scripts = recipes("3.12")["python"].scripts
    stand_in(tmp_path / "bin", "python3.12")
    (tmp_path / "prepare").write_text(scripts["prepare"])
    environment = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    # The virtual environment that the stand-in does not make is what fails.
    ran = subprocess.run(["/bin/sh", "prepare"], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert ran.returncode == 127
    ((called, _),) = [json.loads(line) for line in (tmp_path / "bin" / "python3.12.calls").read_text().splitlines()]
    assert called == ["-m", "venv", "venv"]
