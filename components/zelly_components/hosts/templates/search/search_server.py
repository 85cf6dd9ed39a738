"""The Meilisearch of this host: where its files lie, how it is asked, and what it is made of.

A version's binary and its database lie together in ``databases/VERSION``, and the link ``current`` says which one
serves. Runs on Amazon Linux 2023's own Python, 3.9, without a library.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pwd
import re
import shlex
import shutil
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

ROOT = Path(os.environ.get("SEARCH_HOST_ROOT", "/"))
"""Where everything lies below; another one in tests, as what follows from the environment."""
DATA = ROOT / "var/lib/meilisearch"
RUN = ROOT / "run/search-host"
CURRENT = DATA / "current"
DATABASES = DATA / "databases"
DUMPS = DATA / "dumps"
SNAPSHOTS = DATA / "snapshots"
STATE = DATA / "state.json"
CONFIGURATION = ROOT / "etc/search-host/configuration.json"

USER = os.environ.get("SEARCH_HOST_USER", "meilisearch")
PORT = int(os.environ.get("SEARCH_HOST_PORT", "7700"))
UNIT = "meilisearch.service"
WAIT_SECONDS = float(os.environ.get("SEARCH_HOST_WAIT_SECONDS", "120"))
TASK_SECONDS = float(os.environ.get("SEARCH_HOST_TASK_SECONDS", "3600"))
PAUSE_SECONDS = float(os.environ.get("SEARCH_HOST_PAUSE_SECONDS", "10"))
MIB = 1024 * 1024

_UTC = timezone.utc
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_SECRET_KEYS = ("MEILI_MASTER_KEY", "TLS_AUTHORITY", "TLS_CERTIFICATE", "TLS_PRIVATE_KEY")


class FailureError(Exception):
    """What went wrong, in one line."""


class RefusalError(FailureError):
    """Why nothing was touched."""


# Small things


def say(line: str) -> None:
    """Log a line."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def run(*command: str) -> str:
    """Run a program and return what it printed; fail with the last line of what it said."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or [f"status {ran.returncode}"])[-1]
        raise FailureError(f"{' '.join(command[:3])}: {last}")
    return ran.stdout


def retried(attempts: int, *command: str) -> str:
    """Run a program until it succeeds."""
    for attempt in range(1, attempts):
        try:
            return run(*command)
        except FailureError as error:
            say(f"attempt {attempt} of {attempts} failed: {error}")
            time.sleep(PAUSE_SECONDS)
    return run(*command)


def wait_until(
    condition: Callable[[], bool], what: str, seconds: float, runs: Callable[[], bool] = lambda: True
) -> None:
    """Wait until a condition is true, as long as something runs."""
    end = time.monotonic() + seconds
    while not condition():
        if not runs():
            raise FailureError(f"{what} did not come: it ended")
        if time.monotonic() > end:
            raise FailureError(f"{what} did not come within {seconds:.0f} s")
        time.sleep(0.1)


def write(path: Path, text: str, mode: int, owner: str | None = None) -> bool:
    """Write a file as a whole or not at all, and tell whether it changed."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    staged = path.with_name(f"{path.name}.staged")
    staged.unlink(missing_ok=True)
    with os.fdopen(os.open(staged, os.O_CREAT | os.O_WRONLY | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if owner is not None:
        own(staged, owner)
    staged.replace(path)
    return True


def own(path: Path, user: str) -> None:
    """Give a file to a user and its group."""
    entry = pwd.getpwnam(user)
    os.chown(path, entry.pw_uid, entry.pw_gid)


def iso(moment: datetime) -> str:
    """Return a moment in UTC as texts have it."""
    return moment.strftime(_MOMENT)


def moment(text: str) -> datetime:
    """Return the moment that a text tells."""
    return datetime.strptime(text, _MOMENT).replace(tzinfo=_UTC)


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(_UTC)


def remembered() -> dict[str, Any]:
    """Return what earlier runs have noted."""
    return json.loads(STATE.read_text(encoding="utf-8")) if STATE.exists() else {}


def remember(**values: Any) -> None:
    """Note values for later runs."""
    write(STATE, json.dumps({**remembered(), **values}, sort_keys=True), 0o644)


def number(version: str) -> tuple[int, ...]:
    """Return the parts of a full version."""
    if not re.fullmatch(r"\d{1,3}\.\d{1,3}\.\d{1,3}", version):
        raise RefusalError(f"version: came {version}; allowed a full one such as 1.13.0")
    return tuple(int(part) for part in version.split("."))


# What the host is told


def settings() -> dict[str, str]:
    """Return the variables of the host's environment file."""
    text = (ROOT / "etc/host/environment").read_text(encoding="utf-8")
    return dict(shlex.split(line)[0].split("=", 1) for line in text.splitlines() if line)


def configuration() -> dict[str, Any]:
    """Return what is wanted: the version with its binary's hash, the keys, the limits."""
    return json.loads(CONFIGURATION.read_text(encoding="utf-8"))


def secret() -> dict[str, str]:
    """Return the master key and the certificate."""
    name = settings()["SERVER_SECRET"]
    asked = ("aws", "secretsmanager", "get-secret-value", "--secret-id", name)
    with contextlib.suppress(ValueError, TypeError, KeyError):
        values = json.loads(retried(30, *asked, "--query", "SecretString", "--output", "text"))
        if all(values[key] for key in _SECRET_KEYS):
            return values
    raise FailureError(f"{name} holds no master key and certificate")


def fetch_binary(wanted: dict[str, Any], directory: Path) -> str:
    """Put a version's binary into a directory, if it is the one that the configuration names by its hash."""
    binary = directory / "meilisearch"
    source = f"s3://{settings()['RELEASE_BUCKET']}/binaries/{wanted['sha256']}"
    retried(3, "aws", "s3", "cp", "--only-show-errors", source, str(binary))
    digest = hashlib.sha256()
    with binary.open("rb") as file:
        for block in iter(lambda: file.read(MIB), b""):
            digest.update(block)
    if digest.hexdigest() != wanted["sha256"]:
        raise FailureError(f"{source} has the sha256 {digest.hexdigest()}: it is not run")
    binary.chmod(0o755)
    said = run(str(binary), "--version").strip()
    if said != f"meilisearch {wanted['version']}":
        raise FailureError(f"{source} calls itself {said}; the configuration says {wanted['version']}")
    return source


# The databases


def current_version() -> str | None:
    """Return the version that serves, or would if it ran; None before the first."""
    return CURRENT.resolve().name if CURRENT.is_symlink() else None


def new_database(version: str) -> Path:
    """Make a directory for a version's binary and database, in the place of what an earlier attempt left."""
    staged = DATABASES / f"{version}.new"
    shutil.rmtree(staged, ignore_errors=True)
    (staged / "data.ms").mkdir(parents=True)
    own(staged / "data.ms", USER)
    return staged


def point_at(version: str) -> None:
    """Let the link lead to a version, in one step."""
    staged = DATA / "current.staged"
    staged.unlink(missing_ok=True)
    staged.symlink_to(Path("databases") / version)
    staged.replace(CURRENT)


# Meilisearch's own API


def reason_of(task: dict[str, Any]) -> str:
    """Return why a task has failed."""
    error: dict[str, str] = task.get("error") or {}
    return error.get("message", "no reason is told")


class Server:
    """A running Meilisearch, asked with the master key."""

    def __init__(self, url: str, master_key: str, context: ssl.SSLContext | None = None) -> None:
        self.master_key = master_key
        self._url = url
        self._context = context

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the answer to a request."""
        request = urllib.request.Request(  # noqa: S310 (addresses of this file)
            self._url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.master_key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30, context=self._context) as answer:  # noqa: S310
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with contextlib.suppress(ValueError, AttributeError):
                said = json.loads(error.read())
                raise FailureError(f"{method} {path}: {said.get('code')}: {said.get('message')}") from None
            raise FailureError(f"{method} {path}: {error}") from None
        except (OSError, ValueError) as error:
            raise FailureError(f"{method} {path}: {error}") from None

    def is_healthy(self) -> bool:
        """Tell whether it answers."""
        try:
            return self.ask("GET", "/health") == {"status": "available"}
        except FailureError:
            return False

    def version(self) -> str:
        """Return its version."""
        return self.ask("GET", "/version")["pkgVersion"]

    def counts(self) -> dict[str, int]:
        """Return how many documents each index has."""
        indexes = self.ask("GET", "/stats")["indexes"]
        return {name: index["numberOfDocuments"] for name, index in sorted(indexes.items())}

    def carry_out(self, path: str) -> dict[str, Any]:
        """Ask for a task, and return it when it has succeeded."""
        uid = self.ask("POST", path)["taskUid"]
        end = time.monotonic() + TASK_SECONDS
        while time.monotonic() < end:
            task: dict[str, Any] = self.ask("GET", f"/tasks/{uid}")
            if task["status"] == "succeeded":
                return task
            if task["status"] in {"failed", "canceled"}:
                raise FailureError(f"{task['type']} {task['status']}: {reason_of(task)}")
            time.sleep(0.1)
        raise FailureError(f"POST {path}: task {uid} has not ended within {TASK_SECONDS:.0f} s")

    def number_of_tasks(self, filters: str) -> int:
        """Return how many tasks there are that filters let through."""
        return self.ask("GET", f"/tasks?{filters}&limit=1")["total"]

    def written_after(self, uid: int) -> list[dict[str, Any]]:
        """Return the tasks that came after one and write something, the newest first."""
        tasks = self.ask("GET", "/tasks?limit=1000")["results"]
        return [
            task for task in tasks if task["uid"] > uid and task["type"] not in {"dumpCreation", "snapshotCreation"}
        ]


def serving() -> Server:
    """Return the Meilisearch that services reach."""
    lines = (RUN / "environment").read_text(encoding="utf-8").splitlines()
    values = dict(line.split("=", 1) for line in lines)
    context = ssl.create_default_context(cafile=str(RUN / "authority.pem"))
    return Server(f"https://127.0.0.1:{PORT}", values["MEILI_MASTER_KEY"], context)


def restart() -> None:
    """Restart the Meilisearch that services reach, and wait until it answers."""
    run("systemctl", "restart", UNIT)
    wait_until(serving().is_healthy, "an answer of Meilisearch", WAIT_SECONDS)


def make_dump(server: Server) -> tuple[int, Path]:
    """Make a dump; return its task's id and the file."""
    task = server.carry_out("/dumps")
    dump = DUMPS / f"{task['details']['dumpUid']}.dump"
    if not dump.is_file() or not dump.stat().st_size:
        raise FailureError(f"{dump} is missing or empty, though its task succeeded")
    return task["uid"], dump


def ensure_keys(server: Server, keys: list[dict[str, Any]]) -> None:
    """Make the API keys of services: each follows from its id and the master key, so that nobody has to be told."""
    present = {key["uid"]: key for key in server.ask("GET", "/keys?limit=1000")["results"]}
    for key in keys:
        found = present.get(key["uid"])
        if found is not None and all(sorted(found[part]) == sorted(key[part]) for part in ("actions", "indexes")):
            continue
        if found is not None:
            # What a key may do cannot be changed ("Update a key", Meilisearch's API reference).
            server.ask("DELETE", f"/keys/{key['uid']}")
        server.ask("POST", "/keys", {**key, "expiresAt": None})
        say(f"made the key {key['name']}")
