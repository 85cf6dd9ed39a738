"""The scripts behind ``make edge`` and ``make queues``, on machines that lack something."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.zelly_infra.stack_files import ROOT

EDGE, QUEUES = "tools/edge/build.sh", "tests/machines/redis/bullmq/install.sh"

WITHOUT = {
    EDGE: "No Go on this machine to build caddy: the tests that need it are skipped.\n"
    "No Go on this machine to build pebble: the tests that need it are skipped.\n",
    QUEUES: "No npm on this machine to install BullMQ: the tests that need it are skipped.\n",
}

KEPT = {
    EDGE: {
        "tools/edge/caddy/go.sum": ".engine/bin/caddy-built-from",
        "tools/edge/pebble/go.sum": ".engine/bin/pebble-built-from",
    },
    QUEUES: {
        "tests/machines/redis/bullmq/package-lock.json": "tests/machines/redis/bullmq/node_modules/installed-from"
    },
}
"""What is pinned, and the copy that is kept of what was pinned when it was made."""


@pytest.fixture(params=WITHOUT)
def script(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A script in a repository of its own, on a machine with the programs that every machine has, and no others."""
    script: str = request.param
    folder = Path(script).parent
    shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "programs").mkdir()
    for name in ("sh", "sed", "cmp", "dirname"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / "programs" / name).symlink_to(found)
    return script


def run(script: str, machine: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["/bin/sh", script],
        cwd=machine,
        env={"PATH": str(machine / "programs"), "HOME": os.environ["HOME"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_cannot_be_made_is_done_without(script: str, tmp_path: Path) -> None:
    ran = run(script, tmp_path)
    assert (ran.returncode, ran.stderr) == (0, WITHOUT[script])


def test_in_ci_nothing_is_done_without(script: str, tmp_path: Path) -> None:
    assert run(script, tmp_path, CI="true").returncode == 1


def test_what_was_made_is_kept_while_the_same_is_pinned(script: str, tmp_path: Path) -> None:
    for pinned, kept in KEPT[script].items():
        (tmp_path / kept).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tmp_path / pinned, tmp_path / kept)
    assert run(script, tmp_path, CI="true").returncode == 0
    for pinned in KEPT[script]:
        with (tmp_path / pinned).open("a", encoding="utf-8") as file:
            file.write("\n")
    assert run(script, tmp_path, CI="true").returncode == 1
