#!/usr/bin/python3 -BsE
"""Bring Meilisearch to another version, beside the one that serves.

Usage: search-upgrade upgrade|discard|status --version VERSION|none --late-writes refuse|accept

An upgrade makes a snapshot and a dump, fills a second database with the new version's binary on a port that only this
host reaches, compares how many documents each index has, and lets the new one serve. What fails before leaves
everything as it was. The old database stays until it is discarded.

Talk goes to stderr; one JSON document, what came of it, to stdout. Exit status: 0 done, 1 failed and taken back,
2 refused with nothing touched, 3 failed and not wholly taken back.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from search_server import (
    CURRENT,
    DATA,
    DATABASES,
    MIB,
    RUN,
    SNAPSHOTS,
    TASK_SECONDS,
    USER,
    WAIT_SECONDS,
    FailureError,
    RefusalError,
    Server,
    configuration,
    current_version,
    ensure_keys,
    fetch_binary,
    iso,
    make_dump,
    new_database,
    now,
    number,
    own,
    point_at,
    reason_of,
    remember,
    remembered,
    restart,
    say,
    serving,
    wait_until,
)

if TYPE_CHECKING:
    from pathlib import Path

_IMPORT_PORT = int(os.environ.get("SEARCH_HOST_IMPORT_PORT", "7701"))

_IN_PLACE_FROM, _IN_PLACE_TO = (1, 12, 0), (1, 13, 0)
"""A database of the first or later can be upgraded as it is, to the second or later (meilisearch/meilisearch#5264)."""

_SPARE_MIB = int(os.environ.get("SEARCH_HOST_SPARE_MIB", "512"))


class Candidate:
    """The new version beside the one that serves."""

    def __init__(self, directory: Path, master_key: str) -> None:
        self.directory = directory
        self.data = directory / "data.ms"
        self.server = Server(f"http://127.0.0.1:{_IMPORT_PORT}", master_key)
        self._log = directory / "import.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str, **more: str) -> None:
        """Start it, and wait until it answers and has nothing left to do."""
        values = {
            "PATH": os.environ["PATH"],
            "MEILI_DB_PATH": str(self.data),
            "MEILI_DUMP_DIR": str(self.directory / "dumps"),
            "MEILI_ENV": "production",
            "MEILI_HTTP_ADDR": f"127.0.0.1:{_IMPORT_PORT}",
            "MEILI_MASTER_KEY": self.server.master_key,
            "MEILI_NO_ANALYTICS": "true",
            "MEILI_SNAPSHOT_DIR": str(self.directory / "snapshots"),
            **more,
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 (its hash is the configuration's)
                [str(self.directory / "meilisearch"), *options],
                env=values,
                cwd=str(self.data),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=USER,
                group=pwd.getpwnam(USER).pw_gid,
                extra_groups=[],
            )
        try:
            wait_until(self.server.is_healthy, "an answer of the new version", TASK_SECONDS, self._runs)
            wait_until(self._is_idle, "the end of its tasks", TASK_SECONDS, self._runs)
        except FailureError as error:
            said = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise FailureError(f"{error}; it said: {said[0] if said else 'nothing'}") from None

    def stop(self) -> None:
        """Stop it, if it runs."""
        if self._process is None or not self._runs():
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def settle(self, directory: Path) -> None:
        """Give its directory the name under which it serves."""
        for left in (self._log, self.directory / "dumps", self.directory / "snapshots"):
            shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)
        shutil.rmtree(directory, ignore_errors=True)
        self.directory.rename(directory)

    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _is_idle(self) -> bool:
        return self.server.number_of_tasks("statuses=enqueued,processing") == 0


class Upgrade:
    """One upgrade: its steps, how long each took, and what is left when one fails."""

    def __init__(self, version: str, *, accepts_late_writes: bool) -> None:
        self.version = version
        self.steps: list[dict[str, Any]] = []
        self.method: str | None = None
        self.present = current_version()
        self._accepts_late_writes = accepts_late_writes
        self._candidate: Candidate | None = None

    def carry_out(self) -> None:
        """Go through all steps."""
        self._step("check", self._check)
        old = serving()
        self._step("room", self._room)
        new = self._candidate = Candidate(new_database(self.version), old.master_key)
        self._step("fetch", lambda: fetch_binary(configuration(), new.directory))
        self._step("snapshot", lambda: old.carry_out("/snapshots")["status"])
        task, dump = self._step("dump", lambda: make_dump(old))
        self._step("import", lambda: self._fill(new, dump))
        self._step("compare", lambda: self._compare(old, new.server, task))
        self._step("switch", lambda: self._switch(new))

    def clean_up(self) -> None:
        """Take back what a failed upgrade has made, and see that the old version serves."""
        if self._candidate is not None:
            self._candidate.stop()
        for left in [*DATABASES.glob("*.new"), DATABASES / self.version]:
            if left.exists() and left.name != current_version():
                shutil.rmtree(left)
        if not serving().is_healthy():
            raise FailureError(f"{current_version()} does not answer")

    def _step(self, name: str, work: Callable[[], Any]) -> Any:
        say(name)
        began, done = time.monotonic(), None
        try:
            done = work()
            return done
        finally:
            detail = done if isinstance(done, str) else None
            self.steps.append({"name": name, "seconds": round(time.monotonic() - began, 1), "detail": detail})

    def _check(self) -> str:
        target, wanted = number(self.version), configuration()["version"]
        if self.present is None:
            raise RefusalError("nothing serves yet")
        if wanted != self.version:
            raise RefusalError(f"version: came {self.version}; the configuration names {wanted}")
        if self.present == self.version:
            raise RefusalError(f"{self.version} serves already")
        if target < number(self.present):
            raise RefusalError(f"version: came {self.version}; {self.present} serves, and no database goes back")
        answering = serving().version()
        if answering != self.present:
            raise RefusalError(f"{answering} answers, and not {self.present}")
        is_in_place = number(self.present) >= _IN_PLACE_FROM and target >= _IN_PLACE_TO
        self.method = "in place" if is_in_place else "dump"
        return f"{self.present} to {self.version}, {self.method}"

    def _room(self) -> str:
        """See that a snapshot, a dump and a second database find room beside the first."""
        needed = 3 * size_mib(CURRENT / "data.ms") + _SPARE_MIB
        free = shutil.disk_usage(DATA).free // MIB
        if free < needed:
            raise RefusalError(f"room: {free} MiB free, {needed} MiB needed; the volume grows by the stack file")
        return f"{free} MiB free, {needed} MiB needed"

    def _fill(self, new: Candidate, dump: Path) -> str:
        if self.method == "dump":
            new.start("--import-dump", str(dump))
            return f"imported {dump.name}"
        # A snapshot is the database as it is, and consistent, which a copy of one that is in use is not.
        with tarfile.open(SNAPSHOTS / "data.ms.snapshot") as snapshot:
            snapshot.extractall(new.data)  # noqa: S202 (made by the server a moment ago)
        for path in new.data.rglob("*"):
            own(path, USER)
        # The option's name until July 2026, and since (meilisearch/meilisearch#6486).
        new.start(MEILI_EXPERIMENTAL_DUMPLESS_UPGRADE="true", MEILI_UPGRADE_DB="true")
        upgrades = new.server.ask("GET", "/tasks?types=upgradeDatabase&limit=1")["results"]
        if not upgrades or upgrades[0]["status"] != "succeeded":
            said = reason_of(upgrades[0]) if upgrades else "there is no such task"
            raise FailureError(f"the upgrade of the database did not succeed: {said}")
        return "upgraded a copy of the database"

    def _compare(self, old: Server, new: Server, dump_task: int) -> str:
        late = old.written_after(dump_task)
        if late and not self._accepts_late_writes:
            first = late[-1]
            raise FailureError(
                f"{len(late)} tasks came in since the dump, the first a {first['type']} of {first['indexUid']}; "
                "they would be lost"
            )
        before, after = old.counts(), new.counts()
        differing = [
            f"{name}: {before.get(name, 'no index')} became {after.get(name, 'no index')}"
            for name in sorted({*before, *after})
            if before.get(name) != after.get(name)
        ]
        if differing and not late:
            raise FailureError(f"documents differ: {'; '.join(differing)}")
        return f"indexes: {len(after)}, documents: {sum(after.values())}, tasks since the dump: {len(late)}"

    def _switch(self, new: Candidate) -> str:
        assert self.present is not None  # noqa: S101 (checked by the first step)
        new.stop()
        new.settle(DATABASES / self.version)
        point_at(self.version)
        try:
            restart()
            said = serving().version()
            if said != self.version:
                raise FailureError(f"{said} answers, and not {self.version}")
            ensure_keys(serving(), configuration()["keys"])
        except FailureError:
            point_at(self.present)
            restart()
            raise
        return f"{self.version} serves"


def upgrade(version: str, *, accepts_late_writes: bool) -> int:
    """Carry out an upgrade, or take it back."""
    work = Upgrade(version, accepts_late_writes=accepts_late_writes)
    outcome, reason, status = "healthy", None, 0
    try:
        with _alone():
            work.carry_out()
    except RefusalError as error:
        outcome, reason, status = "refused", str(error), 2
    except (FailureError, OSError, tarfile.TarError, LookupError, TypeError, ValueError) as error:
        # The last three: an answer of another shape than documented.
        outcome, reason, status = "undone", str(error) if isinstance(error, FailureError) else repr(error), 1
        try:
            work.clean_up()
        except (FailureError, OSError) as second:
            outcome, reason, status = "failed", f"{reason}; then {second}", 3
    if outcome != "refused":
        remember(upgrade={"at": iso(now()), "from": work.present, "to": version, "outcome": outcome, "reason": reason})
    _report("upgrade", outcome, reason, steps=work.steps, method=work.method)
    return status


def discard(_version: str, *, accepts_late_writes: bool) -> int:
    """Delete the databases that do not serve."""
    del accepts_late_writes
    try:
        with _alone():
            for version in earlier():
                shutil.rmtree(DATABASES / version)
                say(f"deleted the database of {version}")
    except RefusalError as error:
        _report("discard", "refused", str(error))
        return 2
    _report("discard", "healthy", None)
    return 0


def status(_version: str, *, accepts_late_writes: bool) -> int:
    """Tell what serves."""
    del accepts_late_writes
    _report("status", "healthy", None)
    return 0


def earlier() -> list[str]:
    """Return the versions of the databases that do not serve."""
    found = sorted(path.name for path in DATABASES.iterdir()) if DATABASES.exists() else []
    return [name for name in found if name != current_version() and not name.endswith(".new")]


def size_mib(directory: Path) -> int:
    """Return how much room files take: LMDB's are sparse, and far larger than what is in them."""
    blocks = sum(path.stat().st_blocks for path in directory.rglob("*") if path.is_file())
    return blocks * 512 // MIB


@contextlib.contextmanager
def _alone() -> Generator[None]:
    RUN.mkdir(exist_ok=True)
    with (RUN / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RefusalError("another upgrade is under way") from None
        yield


def _report(action: str, outcome: str, reason: str | None, **more: Any) -> None:
    if reason:
        say(reason)
    answers, documents = False, None
    with contextlib.suppress(FailureError, OSError):
        documents = serving().counts()
        answers = True
    present = current_version()
    document = {
        "action": action,
        "outcome": outcome,
        "reason": reason,
        "serving": {"version": present, "answers": answers, "documents": documents},
        "wanted": configuration()["version"],
        "earlier": earlier(),
        "free_mib": shutil.disk_usage(DATA).free // MIB,
        "database_mib": 0 if present is None else size_mib(CURRENT / "data.ms"),
        "backup_at": remembered().get("backup_at"),
        "last_upgrade": remembered().get("upgrade"),
        **more,
    }
    sys.stdout.write(json.dumps(document, sort_keys=True) + "\n")


_ACTIONS: dict[str, Callable[..., int]] = {"upgrade": upgrade, "discard": discard, "status": status}


def _ended(_number: int, _frame: object) -> None:
    raise FailureError("it was told to end")


def main(arguments: list[str]) -> int:
    """Carry out one action."""
    # Run Command ends what takes too long: that is taken back like any other failure.
    signal.signal(signal.SIGTERM, _ended)
    parser = argparse.ArgumentParser(prog="search-upgrade", allow_abbrev=False)
    parser.add_argument("action", choices=list(_ACTIONS))
    parser.add_argument("--version", required=True)
    parser.add_argument("--late-writes", choices=("refuse", "accept"), required=True)
    asked = parser.parse_args(arguments)
    try:
        return _ACTIONS[asked.action](asked.version, accepts_late_writes=asked.late_writes == "accept")
    except (FailureError, OSError) as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
