"""The script behind ``make engine``, on machines that lack something."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VERSION = "3.276.0"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A repository with the script, on a machine with the programs that every machine has, and no others."""
    shutil.copytree(ROOT / "tools" / "engine", tmp_path / "tools" / "engine")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "sed", "cmp", "dirname"):
        found = shutil.which(name)
        assert found is not None
        (programs / name).symlink_to(found)
    return tmp_path


def build(machine: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["/bin/sh", "tools/engine/build.sh"],
        cwd=machine,
        env={"PATH": str(machine / "programs"), "HOME": os.environ["HOME"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_go_the_engine_is_done_without(machine: Path) -> None:
    ran = build(machine)
    assert (ran.returncode, ran.stderr) == (
        0,
        f"No Pulumi {VERSION} on PATH, and no Go on this machine to build one: the engine's tests are skipped.\n",
    )


def test_without_go_ci_fails(machine: Path) -> None:
    assert build(machine, CI="true").returncode == 1


@pytest.mark.parametrize(("said", "returncode"), [(f"v{VERSION}", 0), ("v3.1.4", 1)])
def test_cli_on_path_has_to_be_of_the_pinned_version(machine: Path, said: str, returncode: int) -> None:
    pulumi = machine / "programs" / "pulumi"
    pulumi.write_text(f"#!/bin/sh\necho {said}\n")
    pulumi.chmod(0o755)
    assert build(machine, CI="true").returncode == returncode


@pytest.mark.parametrize(("pinned_then", "returncode"), [("go.sum", 0), ("go.mod", 1)])
def test_what_was_built_is_kept_while_the_same_is_pinned(machine: Path, pinned_then: str, returncode: int) -> None:
    built = machine / ".engine" / "bin"
    built.mkdir(parents=True)
    shutil.copy(machine / "tools" / "engine" / pinned_then, built / "built-from")
    assert build(machine, CI="true").returncode == returncode
