"""The program's own command and Git, as the steps call them."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.errors import OperationFailedError, OperatorError

_TOP = Path(__file__).parents[3]


def pakashop(*arguments: str) -> Any:
    """Run ``pakashop … --json`` and return what it printed. What it says goes to standard error as it comes.

    Raises:
        OperationFailedError: when it fails; it has said why.
    """
    command = shutil.which("pakashop") or str(Path(sys.executable).with_name("pakashop"))
    ran = subprocess.run(  # noqa: S603 (the program's own command)
        [command, *arguments, "--json"], cwd=_TOP, stdout=subprocess.PIPE, text=True, check=False
    )
    if ran.returncode != 0:
        raise OperationFailedError(f"`pakashop {' '.join(arguments)}` ended with {ran.returncode}")
    return json.loads(ran.stdout)


def git(folder: Path, *arguments: str) -> str | None:
    """Return what Git prints, without white space around it; None when it fails.

    Raises:
        OperatorError: when Git is not installed.
    """
    program = shutil.which("git")
    if program is None:
        raise OperatorError("git: not on PATH; it tells which commit is released")
    ran = subprocess.run(  # noqa: S603 (the program that was looked for)
        [program, "-C", str(folder), *arguments], capture_output=True, text=True, check=False
    )
    return ran.stdout.strip() if ran.returncode == 0 else None


def required(value: str | None, what: Sequence[str]) -> str:
    """Return what Git printed.

    Raises:
        OperatorError: when it did not know.
    """
    if value is None:
        raise OperatorError(f"git {' '.join(what)}: failed; the application's repository with its history is required")
    return value
