"""Ports of this machine: which are taken, and by whom."""

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
"""Linux has it, and nobody else."""
_SECONDS = 0.5
_LISTENS = "0A"
"""The state of a listening socket (``/proc/net/tcp``; ``include/net/tcp_states.h`` of Linux)."""


class Taken(NamedTuple):
    """A port that somebody listens on."""

    port: int
    wanted_by: str
    """The container that would publish it."""
    holder: str
    """Who listens, as far as it is to be seen."""


def is_taken(port: int) -> bool:
    """Tell whether somebody listens on a port of 127.0.0.1.

    A connection tells, not an attempt to listen: ports below 1024 are not everybody's to try.
    """
    with socket.socket() as client:
        client.settimeout(_SECONDS)
        try:
            client.connect(("127.0.0.1", port))
        except TimeoutError:
            return True
        except OSError:
            return False
        return True


def holder(port: int, containers: Callable[[int], tuple[str, ...]]) -> str:
    """Return who listens on a port: a container, or a process if this user may see it."""
    if names := containers(port):
        return f"the container {' and '.join(names)}"
    found = _processes(port) if _PROC.is_dir() else _listed(port)
    return next(found, "a process that only its own user and root see")


def _listed(port: int) -> Iterator[str]:
    """Yield the processes that ``lsof`` lists, which macOS brings along."""
    if (program := shutil.which("lsof")) is None:
        return
    ran = subprocess.run(  # noqa: S603 (the program that was looked for)
        [program, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"], capture_output=True, text=True, check=False
    )
    fields = {line[:1]: line[1:] for line in ran.stdout.splitlines()}
    if {"p", "c"} <= fields.keys():
        yield f"{fields['c']} (process {fields['p']})"


def _processes(port: int) -> Iterator[str]:
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for process in sorted(_PROC.glob("[0-9]*"), key=lambda path: int(path.name)) if sockets else ():
        # What is somebody else's cannot be listed, and what is gone by now cannot be read.
        with suppress(OSError):
            if any(_leads_to(each, sockets) for each in (process / "fd").iterdir()):
                name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
                yield f"{name} (process {process.name})"


def _leads_to(descriptor: Path, sockets: set[str]) -> bool:
    with suppress(FileNotFoundError):
        return str(descriptor.readlink()) in sockets
    return False


def _listening(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        try:
            rows = (_PROC / "net" / table).read_text(encoding="ascii").splitlines()[1:]
        except FileNotFoundError:
            # A kernel without IPv6.
            continue
        for columns in map(str.split, rows):
            if columns[3] == _LISTENS and int(columns[1].rpartition(":")[2], 16) == port:
                yield columns[9]
