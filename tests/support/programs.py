"""Programs from outside that a test runs."""

import os
import shutil
from typing import NoReturn

import pytest


def require_program(name: str, *, package: str) -> str:
    """Return the program's path, or skip the test when it is not installed; in CI a missing program is a failure."""
    path = shutil.which(name)
    if path is None:
        unavailable(f"{name} is not installed (Debian package {package})")
    return path


def unavailable(reason: str) -> NoReturn:
    """Skip the test for what this machine lacks; in CI that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
