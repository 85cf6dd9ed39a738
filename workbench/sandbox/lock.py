"""One maker at a time in a project's embedded AWS: a lock that its holder's end releases, however it ends."""

import fcntl
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

LOCK_FILE = Path(".sandbox/lock")
"""Held while stacks are made or ended, relative to the project's folder."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """The process that holds a lock."""

    pid: int
    command: str
    since: str
    """In UTC."""

    def __str__(self) -> str:
        """Return who it is, for the operator."""
        return f"process {self.pid} (`{self.command}`, since {self.since} UTC)"


class HeldError(Exception):
    """Another process holds the lock."""

    def __init__(self, holder: Holder | None) -> None:
        super().__init__(f"{holder or 'another process'}")


@contextmanager
def held(path: Path, *, command: str) -> Generator[None]:
    """Hold the lock while the block runs. The system releases that of a killed process.

    Raises:
        HeldError: when another process holds it.
        OSError: when the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HeldError(_holder(file)) from None
        # The file stays: a lock on one that was removed would be a lock on nothing.
        file.truncate(0)
        since = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
        file.write(json.dumps(asdict(Holder(pid=os.getpid(), command=command, since=since))))
        file.flush()
        yield


def _holder(file: IO[str]) -> Holder | None:
    file.seek(0)
    try:
        return Holder(**json.load(file))
    except (ValueError, TypeError):
        # It has the lock, and has not yet written who it is.
        return None
