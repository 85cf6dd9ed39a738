"""The places of a host's backups: what its configuration names, the lock, the work directory, the password's file."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from bucket import Bucket, secret
from running import FailedError, RefusedError
from server import Programs, stop_left_behind

_PASSWORD_FILE = "pgpass-"  # noqa: S105 (a name)


class Places:
    """What the configuration names, and what is made from it."""

    def __init__(self, configuration: Mapping[str, Any], root: Path) -> None:
        self.configuration = configuration
        self.programs = Programs(root / configuration["programs"].lstrip("/"))
        self.bucket = Bucket(configuration["bucket"], configuration["region"])
        self.state = root / configuration["state"].lstrip("/")
        self._run = root / configuration["run"].lstrip("/")
        for directory in (self.state, self._run):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def work(self, action: str) -> Generator[Path]:
        """Yield an empty directory that goes with the block; what a killed run left goes first.

        Raises:
            RefusedError: while another run has it.
        """
        with (self.state / "lock").open("a+", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise RefusedError(f"another run is under way: {lock.read().strip()}") from None
            lock.truncate(0)
            lock.write(f"{action}, since {datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}\n")
            lock.flush()
            for file in self._run.glob(f"{_PASSWORD_FILE}*"):
                file.unlink()
            directory = self.state / "work"
            if directory.exists():
                stop_left_behind(self.programs, directory)
                shutil.rmtree(directory)
            directory.mkdir(mode=0o700)
            try:
                yield directory
            finally:
                shutil.rmtree(directory, ignore_errors=True)

    @contextmanager
    def database(self) -> Generator[tuple[Mapping[str, str], str]]:
        """Yield the environment in which PostgreSQL's clients reach the database, and its name.

        The password is in no environment and on no command line: libpq reads it from a file in memory that nobody else
        may read, and that goes with the block ("The Password File", PostgreSQL's documentation of libpq).
        """
        name, region = self.configuration["secret"], self.configuration["region"]
        values = secret(name, region)
        keys = ("DB_HOST", "DB_PORT", "DB_USER", "DB_PASSWORD", "DB_NAME")
        if missing := [key for key in keys if not values.get(key)]:
            raise FailedError(f"the secret {name} has no {', '.join(missing)}")
        host, port, user, password, database = (values[key] for key in keys)
        file = self._run / f"{_PASSWORD_FILE}{os.getpid()}"
        line = ":".join(_escaped(field) for field in (host, port, "*", user, password))
        environment = {
            "PGHOST": host,
            "PGPORT": port,
            "PGUSER": user,
            "PGPASSFILE": str(file),
            "PGCONNECT_TIMEOUT": "15",
        }
        bundle = self.configuration["ca_bundle"]
        tls = {"PGSSLMODE": "disable"} if bundle is None else {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": bundle}
        try:
            with os.fdopen(
                os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
            ) as written:
                written.write(f"{line}\n")
            yield {**environment, **tls}, database
        finally:
            file.unlink(missing_ok=True)


def _escaped(field: str) -> str:
    return field if field == "*" else field.replace("\\", "\\\\").replace(":", "\\:")
