"""What the agent remembers: healthy releases, the transaction that is under way, and the history."""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from release_agent.failures import RefusedError
from release_agent.files import append_line, now, read_json, remove_file, replace_file, text_of

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from typing import TextIO

    from release_agent.host import Host

_SHORT = "recover of "
_MOMENT_SECONDS = 10
_LOOK_SECONDS = 0.1
SHOWN = 10
"""How much of the history ``status`` shows: Run Command cuts an output at 24,000 characters. The file has all of it."""


@dataclass
class Healthy:
    """What all services ran when a release was confirmed."""

    release: str
    at: str
    services: dict[str, str]
    schema: list[str]
    """The migrations that the database had."""


@dataclass
class Memory:
    """What was healthy, the newest last, and the migrations that the database has."""

    healthy: list[Healthy] = field(default_factory=list)
    schema: list[str] = field(default_factory=list)


@dataclass
class Transaction:
    """A change of services that is under way, or that waits to be confirmed."""

    action: str
    release: str
    service: str
    started: str
    boot: str
    before: dict[str, str | None]
    """By service, what to go back to; none for a service that ran no release."""
    target: dict[str, str | None]
    current: str | None
    """Where the link for people led."""
    phase: str = "switch"
    """``migrate``, ``switch``, ``settle``, ``waiting``, or ``kept``: from then on it is never taken back."""
    touched: list[list[str]] = field(default_factory=list)
    """The waves that were begun, each written down before anything of it changes."""
    restarts: dict[str, int] = field(default_factory=dict)
    """By service, how often it had been started anew when it got ready."""
    migrations: list[str] = field(default_factory=list)
    """What the database got from this release, or may have got: known for sure after the phase ``migrate``."""
    until: str | None = None


def read_memory(host: Host) -> Memory:
    """Return what is remembered."""
    values = read_json(host.state / "state.json") or {"healthy": [], "schema": []}
    return Memory(
        healthy=[Healthy(**_known(Healthy, each)) for each in values["healthy"]], schema=list(values["schema"])
    )


def write_memory(host: Host, memory: Memory) -> None:
    """Remember."""
    replace_file(host.state / "state.json", _text(asdict(memory)))


def read_transaction(host: Host) -> Transaction | None:
    """Return the transaction that is under way, if there is one."""
    values = read_json(host.state / "transaction.json")
    return None if values is None else Transaction(**_known(Transaction, values))


def write_transaction(host: Host, transaction: Transaction) -> None:
    """Have the transaction on the disk. Nothing that it says has happened yet."""
    replace_file(host.state / "transaction.json", _text(asdict(transaction)))


def end_transaction(host: Host) -> None:
    """Forget the transaction: what it did stays."""
    remove_file(host.state / "transaction.json")


def append_history(
    host: Host, *, action: str, release: str | None, outcome: str, reason: str | None, services: dict[str, str | None]
) -> None:
    """Write down what came of an action, and what the services run after it."""
    entry = {
        "at": text_of(now()),
        "action": action,
        "release": release,
        "outcome": outcome,
        "reason": reason,
        "services": {name: each for name, each in services.items() if each is not None},
    }
    append_line(host.state / "history.jsonl", json.dumps(entry, sort_keys=True))


def read_history(host: Host) -> list[dict[str, Any]]:
    """Return the history, the oldest first. A line that a power cut has left unfinished is left out."""
    try:
        lines = (host.state / "history.jsonl").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    entries: list[dict[str, Any]] = []
    for line in lines:
        try:
            entries.append(json.loads(line))
        except ValueError:
            continue
    return entries


@contextmanager
def alone(host: Host, doing: str) -> Generator[None, None, None]:
    """Hold the lock on the host's releases while something is done.

    Raises:
        RefusedError: when somebody else holds it, saying whose it is and since when.
    """
    path = host.lock("release")
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        _lock(file)
        file.seek(0)
        file.truncate()
        file.write(f"{doing} has been running since {text_of(now())} as process {os.getpid()}\n")
        file.flush()
        yield
        file.seek(0)
        file.truncate()


def _lock(file: TextIO) -> None:
    """Take the lock; wait for those who hold it for a moment only: the timer that looks, and ``status``."""
    end = time.monotonic() + _MOMENT_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            file.seek(0)
            whose = file.read().strip()
            if (whose and not whose.startswith(_SHORT)) or time.monotonic() >= end:
                raise RefusedError(f"{whose or 'another action is running'}; wait for its end") from error
        time.sleep(_LOOK_SECONDS)


def holder(host: Host) -> str | None:
    """Return who holds the lock on the host's releases, or None."""
    try:
        file = host.lock("release").open("r", encoding="utf-8")
    except FileNotFoundError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return file.read().strip() or "another action is running"
    return None


def _known(kind: type[Healthy | Transaction], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what this agent knows of a document that a newer one may have written."""
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in values.items() if name in names}


def _text(values: object) -> str:
    return json.dumps(values, indent=1, sort_keys=True) + "\n"
