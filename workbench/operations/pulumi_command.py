"""Pulumi's own command line, as the operator has it on PATH."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path


def find_pulumi() -> str | None:
    """Return the Pulumi CLI on PATH, or None."""
    return shutil.which("pulumi")


def run_pulumi(pulumi: str, arguments: Sequence[str], root: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command that asks nothing, in the project's folder, and return what it said."""
    return subprocess.run(  # noqa: S603 (the operator's own Pulumi)
        [pulumi, *arguments],
        cwd=root,
        env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
