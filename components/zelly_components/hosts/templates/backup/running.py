"""Programs that are run, and the ways in which an action ends. Python 3.9 and its standard library, as on the host."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any


class RefusedError(Exception):
    """An action that was not begun; its text says why."""


class FailedError(Exception):
    """An action that was begun and did not succeed; its text says why."""


class Stages:
    """The stages of an action, each with the seconds that it took."""

    def __init__(self) -> None:
        self.done: list[dict[str, Any]] = []
        self.current = ""

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        """Time a stage. One that fails remains the current one."""
        self.current = name
        begun = time.monotonic()
        yield
        self.done.append({"name": name, "seconds": round(time.monotonic() - begun, 3)})

    def seconds(self, name: str) -> float:
        """Return the seconds of a stage that is done."""
        return next(stage["seconds"] for stage in self.done if stage["name"] == name)


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a program and return its output.

    Raises:
        FailedError: with its last words, when it fails, is killed, or is not installed.
    """
    name = os.path.basename(command[0])  # noqa: PTH119 (a name, not a path)
    try:
        ran = subprocess.run(  # noqa: S603 (the commands are this program's own)
            list(command),
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        raise FailedError(f"{command[0]} is not installed") from None
    if ran.returncode != 0:
        raise FailedError(ending(name, ran.returncode, ran.stderr))
    return ran.stdout


def ending(name: str, status: int, words: str) -> str:
    """Return in one line how a program ended, with the last error that it told."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower() or "fatal" in line.lower()]
    said = (errors or lines or ["nothing was said"])[0]
    if status < 0:
        return f"{name} was killed by {signal.Signals(-status).name}"
    return said if said.startswith(name) else f"{name}: {said}"
