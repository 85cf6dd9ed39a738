"""The database: a snapshot before a release, and its migrations, once and by nobody else at the same time."""

from __future__ import annotations

import datetime
import fcntl
import json
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from release_agent.failures import LeftoverError, RefusedError, StageError
from release_agent.files import json_object, now, replace_file
from release_agent.host import run
from release_agent.manifest import MIGRATIONS
from release_agent.sandboxed import run_confined

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from release_agent.host import Answer, Host
    from release_agent.manifest import Manifest

_RECENT = datetime.timedelta(hours=1)
"""An earlier try's snapshot counts for so long; after that too much has been written since."""
_SNAPSHOT_SECONDS = 900
_SECRET_SECONDS = 180
_LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Schema:
    """What ``migrate status`` says."""

    applied: tuple[str, ...]
    failed: tuple[str, ...]


def take_snapshot(host: Host, release: str) -> str:
    """Take the RDS snapshot of a release and wait for it. One that an earlier try has begun or taken is used.

    Raises:
        StageError: when there is none in the end.
    """
    instance = host.configuration.database_instance
    if instance is None or not host.configuration.snapshot_before_release:
        return "none: the host's configuration asks for none"
    name = f"{host.configuration.platform}-{host.configuration.environment}-release-{release}"
    found = _snapshot(host, name)
    if found is not None and not _is_recent(found):
        name = f"{name}-{now().strftime('%Y%m%d%H%M%S')}"
        found = None
    if found is None:
        _rds(host, "create-db-snapshot", "--db-instance-identifier", instance, "--db-snapshot-identifier", name)
    # Also of one that is available: answers at once, and says in the same words what is wrong with any other.
    _rds(host, "wait", "db-snapshot-available", "--db-snapshot-identifier", name)
    return f"{name}{'' if found is None else ', of an earlier try'}"


def _snapshot(host: Host, name: str) -> Sequence[str | None] | None:
    """Return the status of a snapshot and when it was taken, or None where there is none."""
    fields = "DBSnapshots[0].[Status,SnapshotCreateTime]"
    arguments = ("describe-db-snapshots", "--db-snapshot-identifier", name, "--query", fields, "--output", "json")
    answer = host.aws("rds", *arguments)
    if answer.code and "DBSnapshotNotFound" in answer.error:
        return None
    if answer.code:
        raise StageError(f"aws rds describe-db-snapshots: {answer.words}")
    found: list[str | None] = json.loads(answer.out)
    return found


def _is_recent(found: Sequence[str | None]) -> bool:
    status, taken = found
    if status == "creating":
        return True
    if status != "available" or taken is None:
        return False
    return now() - datetime.datetime.fromisoformat(taken.replace("Z", "+00:00")) < _RECENT


def _rds(host: Host, *arguments: str) -> None:
    answer = host.aws("rds", *arguments, seconds=_SNAPSHOT_SECONDS)
    if answer.code:
        raise StageError(f"aws rds {arguments[0]}: {answer.words}; no service was touched, and a retry goes on with it")


@contextmanager
def schema_alone(host: Host) -> Generator[None, None, None]:
    """Hold the lock on the database's schema, which whoever resolves a migration by hand holds, too.

    Raises:
        RefusedError: when it stays held.
    """
    path = host.lock("migrations")
    path.parent.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + host.configuration.migration_lock_seconds
    with path.open("a+", encoding="utf-8") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= end:
                    seconds = host.configuration.migration_lock_seconds
                    raise RefusedError(
                        f"somebody else has held the lock on migrations ({path.name}) for {seconds:g} seconds; "
                        "no migration was begun"
                    ) from error
                time.sleep(_LOOK_SECONDS)
        yield


def read_schema(host: Host, release: str) -> Schema:
    """Return the migrations that the database has, and those that failed in it.

    Raises:
        StageError: when the release's own tool can't say.
    """
    answer = _migrate(host, release, "status")
    if answer.code:
        raise StageError(f"migrate status: {answer.words}")
    try:
        values = json_object(answer.out, "migrate status")
        return Schema(applied=tuple(map(str, values["applied"])), failed=tuple(map(str, values["failed"])))
    except (ValueError, KeyError, TypeError) as error:
        raise StageError(f"migrate status said something unknown: {error}") from error


def refuse_failed(schema: Schema) -> None:
    """See that no migration of an earlier release has failed half-way (Prisma's P3009).

    Raises:
        RefusedError: when one has: what the database has of it is for people to find out.
    """
    if schema.failed:
        raise RefusedError(
            f"failed earlier, and not resolved: {', '.join(schema.failed)}; "
            "see what the database has of it, then `prisma migrate resolve`"
        )


def apply_migrations(host: Host, manifest: Manifest, before: Schema) -> Schema:
    """Apply a release's migrations and return what the database has then.

    Raises:
        StageError: when nothing of them was applied.
        LeftoverError: when something was, or when it can't be known.
    """
    answer = _migrate(host, manifest.release, "deploy")
    try:
        after = read_schema(host, manifest.release)
    except StageError as error:
        raise LeftoverError(f"migrate deploy: {answer.words}; what the database has now is unknown: {error}") from error
    new = [name for name in after.applied if name not in before.applied]
    missing = [name for name in manifest.migration_names if name not in after.applied]
    if not (answer.code or after.failed or missing):
        return after
    problem = f"migrate deploy: {answer.words}" if answer.code else f"migrate deploy left out {', '.join(missing)}"
    if not new and not after.failed:
        raise StageError(f"{problem}; the database is as it was")
    raise LeftoverError(
        f"{problem}; stays in the database: applied {', '.join(new) or 'none'}, "
        f"failed {', '.join(after.failed) or 'none'}"
    )


def _migrate(host: Host, release: str, verb: str) -> Answer:
    """Run the release's own migration tool, as its user and with its secrets, which systemd reads."""
    configuration = host.configuration
    credentials = run(["systemctl", "start", configuration.migrations_credentials], seconds=_SECRET_SECONDS)
    if credentials.code:
        raise StageError(f"the database's secret: {credentials.words}")
    secrets = host.path(configuration.migrations_environment)
    # Without it systemd refuses the start, in its own words.
    if secrets.exists():
        replace_file(secrets, quoted(secrets.read_text(encoding="utf-8")), 0o600)
    directory = host.directory_for_units(release, MIGRATIONS)
    return run_confined(
        host,
        # One name: while a broken-off action's migration still runs, systemd refuses another.
        f"{configuration.platform}-migrate",
        configuration.migrations_user,
        [f"{directory}/migrate", verb],
        directory=directory,
        properties=[f"EnvironmentFile={configuration.migrations_environment}"],
        seconds=configuration.migration_seconds,
    )


def quoted(lines: str) -> str:
    """Return lines ``KEY=value`` as systemd's ``EnvironmentFile=`` reads them: with each value in double quotes."""
    found: list[str] = []
    for line in lines.splitlines():
        key, _, value = line.partition("=")
        found.append(f'{key}="' + re.sub(r'(["\\$`])', r"\\\1", value) + '"\n')
    return "".join(found)


def forget_secret(host: Host) -> None:
    """Remove the database's secret from memory."""
    path = host.path(host.configuration.migrations_environment)
    if path.exists():
        path.unlink()
