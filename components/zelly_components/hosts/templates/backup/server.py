"""PostgreSQL: the database that is backed up, and the server that a dump is restored into to see that it is whole."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from running import FailedError, RefusedError, ending, run

_MEBIBYTE = 1024 * 1024
_SCRATCH_BYTES = 192 * _MEBIBYTE
"""A new server (some 40 MiB) with its write-ahead log, beside the data."""

_START_SECONDS = 60
_STOP_SECONDS = 30
_JOBS = "2"
_END_OF_ANSWER = "-- end of the answer --"
_PSQL = ("--no-psqlrc", "--no-align", "--tuples-only", "--quiet", "--field-separator=\t", "--set=ON_ERROR_STOP=1")

# A server that is thrown away: nothing of it has to survive a crash.
_SCRATCH_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "64MB",
    "autovacuum": "off",
    "logging_collector": "off",
    "shared_buffers": "64MB",
    "maintenance_work_mem": "128MB",
}


class Programs:
    """PostgreSQL's programs in a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def path(self, name: str) -> str:
        """Return the path of one."""
        return str(self._directory / name)

    def major(self, name: str) -> int:
        """Return the major version of one."""
        said = run([self.path(name), "--version"])
        found = re.search(r" (\d+)", said)
        if found is None:
            raise FailedError(f"{name} --version said {said.strip()!r}")
        return int(found.group(1))


class Session:
    """A connection to a database that stays open, so that all its answers are of one moment."""

    def __init__(self, programs: Programs, environment: Mapping[str, str], database: str) -> None:
        psql = programs.path("psql")
        try:
            self._process = subprocess.Popen(  # noqa: S603
                [psql, *_PSQL, f"--dbname={database}"],
                env={**os.environ, **environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        except FileNotFoundError:
            raise FailedError(f"{psql} is not installed") from None
        # Both are pipes.
        self._asked = cast("IO[str]", self._process.stdin)
        self._answered = cast("IO[str]", self._process.stdout)

    def ask(self, sql: str) -> str:
        """Return the answer to SQL.

        Raises:
            FailedError: with the server's words.
        """
        try:
            self._asked.write(f"{sql}\n\\echo '{_END_OF_ANSWER}'\n")
            self._asked.flush()
        except BrokenPipeError:
            raise self._failure() from None
        lines: list[str] = []
        for line in self._answered:
            if line.rstrip("\n") == _END_OF_ANSWER:
                return "".join(lines)
            lines.append(line)
        raise self._failure()

    def close(self) -> None:
        """End the connection."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def _failure(self) -> FailedError:
        _, said = self._process.communicate()
        return FailedError(ending("psql", self._process.returncode, said))


@contextmanager
def session(programs: Programs, environment: Mapping[str, str], database: str) -> Generator[Session]:
    """Open a connection, and close it with the block."""
    opened = Session(programs, environment, database)
    try:
        yield opened
    finally:
        opened.close()


def check_versions(programs: Programs, server: int) -> None:
    """Refuse clients that are older than the server: they can't dump it, or not all of it.

    The server that comes with them has to be of the same version, since what is dumped is restored into it.
    """
    for name in ("pg_dump", "pg_restore", "postgres"):
        found = programs.major(name)
        if found < server:
            raise RefusedError(f"{name} is of version {found}, the server of {server}: it can't dump a newer one")


def check_room(directory: Path, *, needed: int) -> None:
    """Refuse to begin what would fill the disk that the services write to as well."""
    free = shutil.disk_usage(directory).free
    needed += _SCRATCH_BYTES
    if free < needed:
        raise RefusedError(f"{directory} has {free // _MEBIBYTE} MiB free and {needed // _MEBIBYTE} MiB are needed")


def dump(programs: Programs, environment: Mapping[str, str], database: str, *, snapshot: str, into: Path) -> None:
    """Dump a database as it was at a snapshot, in PostgreSQL's custom format, which is compressed."""
    run(
        [
            programs.path("pg_dump"),
            "--format=custom",
            f"--snapshot={snapshot}",
            f"--file={into}",
            f"--dbname={database}",
        ],
        environment,
    )


def check_file(programs: Programs, file: Path, *, minimum_bytes: int) -> None:
    """Refuse a dump that is too small to be one, or that pg_restore can't read.

    Raises:
        FailedError: naming what is wrong with it.
    """
    size = file.stat().st_size if file.exists() else 0
    if size < minimum_bytes:
        raise FailedError(f"the dump has {size} bytes; no whole one has fewer than {minimum_bytes}")
    if "TABLE DATA" not in run([programs.path("pg_restore"), "--list", str(file)]):
        raise FailedError("the dump holds no table's rows")


def restore(programs: Programs, environment: Mapping[str, str], file: Path, database: str) -> None:
    """Restore a dump into an empty database; the first error ends it.

    Owners and rights are left out: the roles are those of the server that was dumped.
    """
    run(
        [
            programs.path("pg_restore"),
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            f"--jobs={_JOBS}",
            f"--dbname={database}",
            str(file),
        ],
        environment,
    )


@contextmanager
def scratch_server(programs: Programs, directory: Path) -> Generator[Mapping[str, str]]:
    """Run an empty PostgreSQL that can be reached through a socket in a private directory alone.

    Yields the environment in which PostgreSQL's clients reach it. Its data is gone with the block.
    """
    data = directory / "data"
    run([programs.path("initdb"), f"--pgdata={data}", "--username=scratch", "--auth=trust", "--encoding=UTF8",
         "--locale=C", "--no-sync", "--wal-segsize=1"])  # fmt: skip
    settings = {**_SCRATCH_SETTINGS, "unix_socket_directories": str(directory)}
    log = directory / "log"
    environment = {"PGHOST": str(directory), "PGPORT": "5432", "PGUSER": "scratch", "PGSSLMODE": "disable"}
    with log.open("wb") as written:
        server = subprocess.Popen(  # noqa: S603
            [programs.path("postgres"), "-D", str(data), *(f"--{name}={value}" for name, value in settings.items())],
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
        )
        try:
            _wait(programs, environment, server, log)
            yield environment
        finally:
            if server.poll() is None:
                # At once: the data is thrown away.
                server.send_signal(signal.SIGQUIT)
            _wait_for_its_end(server)


def _wait_for_its_end(server: subprocess.Popen[bytes]) -> None:
    try:
        server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _wait(programs: Programs, environment: Mapping[str, str], server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if server.poll() is not None:
            raise FailedError(ending("postgres", server.returncode, log.read_text("utf-8", "replace")))
        try:
            run([programs.path("psql"), *_PSQL, "--dbname=postgres", "--command=SELECT 1"], environment)
        except FailedError:
            time.sleep(0.1)
        else:
            return
    raise FailedError(f"the scratch server did not answer within {_START_SECONDS} s")


def stop_left_behind(programs: Programs, directory: Path) -> None:
    """Stop a scratch server that a killed run left, so that its data can be deleted."""
    data = directory / "data"
    if (data / "postmaster.pid").exists():
        try:
            run([programs.path("pg_ctl"), f"--pgdata={data}", "--mode=immediate", "stop"])
        except FailedError:
            # It is not running: the machine went down with it.
            return
