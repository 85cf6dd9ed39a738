"""Programs from outside that a test runs."""

import os
import shutil

import pytest


def require_program(name: str, *, package: str) -> str:
    """Return the program's path, or skip the test when it is not installed; in CI a missing program is a failure."""
    path = shutil.which(name)
    if path is not None:
        return path
    reason = f"{name} is not installed (Debian package {package})"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
