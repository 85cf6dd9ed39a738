"""Programs from outside that a test runs."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

BUILT = Path(__file__).parents[2] / ".engine" / "bin"


def require_program(name: str, *, package: str) -> str:
    """Return the program's path, or skip the test when it is not installed; in CI a missing program is a failure."""
    path = shutil.which(name)
    if path is None:
        unavailable(f"{name} is not installed (Debian package {package})")
    return path


def require_built(name: str, *, target: str) -> str:
    """Return the path of a program that a make target builds, or skip the test; in CI a missing one is a failure."""
    path = BUILT / name
    if not path.exists():
        unavailable(f"{name} is not built (make {target}, which needs Go)")
    return str(path)


def require_root(purpose: str) -> None:
    """Skip the test unless it runs as root, with the capabilities that root has; in CI that is a failure."""
    unshare = require_program("unshare", package="util-linux")
    if os.geteuid() != 0 or subprocess.run([unshare, "--mount", "true"], check=False).returncode != 0:
        unavailable(f"root is needed for {purpose}")


def unavailable(reason: str) -> NoReturn:
    """Skip the test for what this machine lacks; in CI that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
