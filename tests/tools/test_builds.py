"""The scripts behind ``make actionlint``, ``make compose`` and ``make groovy``, on machines that lack something."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tools.steps import ROOT

PINNED = {
    "actionlint": (("go.sum",), "bin/actionlint-built-from"),
    "compose": (("go.sum", "main.go"), "bin/compose-config-built-from"),
    "groovy": (("groovy-all.sha256",), "groovy/fetched-from"),
}
"""By tool, the files that name every byte of it, and what a build leaves of them."""


def run(tool: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    for name in ("sh", "cat", "cmp", "dirname"):
        found = shutil.which(name)
        assert found is not None
        if not (programs / name).exists():
            (programs / name).symlink_to(found)
    return subprocess.run(
        ["/bin/sh", f"tools/{tool}/build.sh"],
        cwd=folder,
        env={"PATH": str(programs), "HOME": os.environ["HOME"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("tool", PINNED)
def test_a_tool_that_cannot_be_had_is_done_without_but_not_in_ci_and_one_that_is_there_is_kept(
    tool: str, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "tools" / tool, tmp_path / "tools" / tool)
    ran = run(tool, tmp_path)
    assert ran.returncode == 0
    assert ran.stderr.startswith("No ")
    assert ran.stderr.count("\n") == 1
    assert run(tool, tmp_path, CI="true").returncode == 1
    names, kept = PINNED[tool]
    built_from = tmp_path / ".engine" / kept
    built_from.parent.mkdir(parents=True)
    built_from.write_text("".join((tmp_path / "tools" / tool / name).read_text() for name in names))
    ran = run(tool, tmp_path, CI="true")
    assert (ran.returncode, ran.stderr) == (0, "")
