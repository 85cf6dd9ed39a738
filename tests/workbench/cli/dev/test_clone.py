"""``dev clone``, with real repositories."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.programs import require_program
from tests.workbench.cli.dev.conftest import Machine


@pytest.fixture
def served(tmp_path: Path) -> dict[str, str]:
    """The variables with which Git finds the repositories in a folder of this machine."""
    git = require_program("git", package="git")
    for name in ("shop-web", "shop-pages"):
        subprocess.run(
            [git, "init", "--quiet", "--bare", "-b", "main", tmp_path / "served" / f"{name}.git"], check=True
        )
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{tmp_path}/served/.insteadOf",
        "GIT_CONFIG_VALUE_0": "git@shop.example:",
    }


def test_what_is_there_is_left_alone_and_the_rest_is_cloned(machine: Machine, served: dict[str, str]) -> None:
    beside = machine.root.parent
    (beside / "shop-web/app/mine.txt").write_text("mine")
    (beside / "shop-worker").rmdir()
    # A link that leads nowhere is somebody's, too.
    (beside / "shop-worker").symlink_to("nowhere")
    shown = machine.dev("clone", "--dry-run", **served)
    assert shown.stdout.splitlines() == [
        f"{beside}/shop-web: left as it is, no Git repository",
        f"{beside}/shop-worker: left as it is, no Git repository",
        f"{beside}/shop-pages: cloned from git@shop.example:shop-pages.git",
    ]
    assert not (beside / "shop-pages").exists()
    done = machine.dev("clone", "--json", **served)
    assert (done.exit_code, json.loads(done.stdout)["cloned"]) == (0, {"shop-pages": f"{beside}/shop-pages"})
    assert (beside / "shop-pages/.git").is_dir()
    assert [path.name for path in (beside / "shop-web").rglob("*.txt")] == ["mine.txt"]
    again = machine.dev("clone", **served)
    assert (again.stdout, f"{beside}/shop-pages: left as it is, on main" in again.stderr) == ("cloned: nothing\n", True)


def test_one_that_fails_stops_no_other(machine: Machine, served: dict[str, str]) -> None:
    (machine.root.parent / "shop-worker").rmdir()
    failed = machine.dev("clone", **served)
    assert (failed.exit_code, failed.stdout, failed.stderr.splitlines()[-2:]) == (
        1,
        "",
        [
            "git@shop.example:shop-worker.git: not cloned (git clone ended with exit code 128)",
            "Cloned: shop-pages. To go on, see that you may read the others, and clone again.",
        ],
    )
    refused = machine.dev("clone", "shop", **served)
    assert (refused.exit_code, refused.stderr) == (
        2,
        "repository: came shop; allowed: shop-web, shop-worker and shop-pages\n",
    )
