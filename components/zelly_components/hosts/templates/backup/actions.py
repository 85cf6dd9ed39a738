"""The actions: a dump that is verified and kept, a drill, a restoration beside what is live, a report of ages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from bucket import DRILL, MANIFEST, publish, sha256
from inventory import Inventory, differences, from_document, read_inventory, read_sequences, text
from places import Places
from running import FailedError, RefusedError, Stages
from server import check_file, check_room, check_versions, dump, restore, scratch_server, session

PREFIXES = ("daily/", "production/", "monthly/")
_KEY = re.compile(r"(daily|production|monthly)/[a-z0-9-]+-(\d{8}-\d{6})\.dump")
_TIME = "%Y%m%d-%H%M%S"
_RESTORED = "postgres"
"""The database of a scratch server that dumps are restored into: it is there, and empty."""


class Actions:
    """The actions on one host."""

    def __init__(self, places: Places) -> None:
        self.stages = Stages()
        self._places = places
        self._programs = places.programs
        self._configuration = places.configuration

    def dump(self, prefix: str) -> Mapping[str, Any]:
        """Dump the database, restore the dump, compare both, and only then keep it below a prefix.

        The first dump of a month that is kept below ``daily/`` is kept below ``monthly/`` too.
        """
        with self._places.work("dump") as work:
            file = work / "dump"
            taken = datetime.now(timezone.utc)
            expected, facts = self._dumped(file)
            with self.stages.stage("check"):
                check_file(self._programs, file, minimum_bytes=self._configuration["minimum_bytes"])
            self._verify(file, expected, work)
            name = f"{self._configuration['dump_name']}-{taken.strftime(_TIME)}.dump"
            manifest: dict[str, Any] = {
                "format": 1,
                "environment": self._configuration["environment"],
                "taken_at": _iso(taken),
                "verified_at": _iso(datetime.now(timezone.utc)),
                "bytes": file.stat().st_size,
                "sha256": sha256(file),
                **facts,
                **expected.document(),
                "stages": self.stages.done,
            }
            with self.stages.stage("upload"):
                self._keep(file, manifest, f"{prefix}/{name}", work)
            seconds = sum(stage["seconds"] for stage in self.stages.done)
            warning = self._published(
                ("VerifiedAgeSeconds", (datetime.now(timezone.utc) - taken).total_seconds(), "Seconds"),
                ("DumpBytes", manifest["bytes"], "Bytes"),
                ("DumpSeconds", seconds, "Seconds"),
            )
            kept = [f"{prefix}/{name}"]
            if prefix == "daily":
                kept += self._monthly(file, manifest, name, work)
        return {"backup": kept[0], "kept": kept, "bytes": manifest["bytes"], "warning": warning}

    def drill(self, backup: str) -> Mapping[str, Any]:
        """Restore a backup from the bucket and compare it with its manifest; keep and publish what came of it."""
        with self._places.work("drill") as work:
            key = self._chosen(backup)
            reason, size = None, 0
            try:
                manifest, file = self._fetched(key, work)
                size = manifest["bytes"]
                self._verify(file, from_document(manifest), work)
            except FailedError as error:
                reason = str(error)
            seconds = sum(stage["seconds"] for stage in self.stages.done)
            result = {
                "at": _iso(datetime.now(timezone.utc)),
                "outcome": "restored" if reason is None else "failed",
                "stage": self.stages.current,
                "reason": reason,
                "seconds": round(seconds, 3),
            }
            self._places.bucket.put_text(text(result), f"{key}{DRILL}", through=work / "result")
            warning = self._published(
                ("DrillFailed", 0 if reason is None else 1, "Count"),
                ("DrillAgeSeconds", 0, "Seconds"),
                ("DrillSeconds", seconds, "Seconds"),
            )
        if reason is not None:
            raise FailedError(reason)
        return {"backup": key, "bytes": size, "warning": warning}

    def restore(self, backup: str, into: str) -> Mapping[str, Any]:
        """Restore a backup into a database of another name on the live server, and compare it with its manifest.

        A database that is there is never touched. One whose restoration failed is dropped again.
        """
        if re.fullmatch(r"[a-z][a-z0-9_]{0,62}", into) is None:
            raise RefusedError(f"{into}: a database's name has lower-case letters, digits and underscores, at most 63")
        with self._places.work("restore") as work, ExitStack() as stack:
            key = self._chosen(backup)
            with self.stages.stage("connect"):
                environment, database = stack.enter_context(self._places.database())
                live = stack.enter_context(session(self._programs, environment, database))
                if live.ask(f"SELECT 1 FROM pg_database WHERE datname = '{into}';").strip():  # noqa: S608 (checked above)
                    raise RefusedError(f"the database {into} is there already; nothing that is there is restored into")
            manifest, file = self._fetched(key, work)
            with self.stages.stage("create"):
                live.ask(f"CREATE DATABASE {into} TEMPLATE template0;")
            try:
                with self.stages.stage("restore"):
                    restore(self._programs, environment, file, into)
                with self.stages.stage("compare"), session(self._programs, environment, into) as copy:
                    _compare(from_document(manifest), read_inventory(copy.ask))
            except FailedError:
                live.ask(f"DROP DATABASE {into} WITH (FORCE);")
                raise
        return {"backup": key, "bytes": manifest["bytes"], "database": into}

    def report(self) -> Mapping[str, Any]:
        """Publish the ages of the newest verified backup and of the newest drill, as the bucket has them.

        What is not there is not published: the alarms take silence as they take age.
        """
        keys = {key for prefix in PREFIXES for key in self._places.bucket.keys(prefix)}
        now = datetime.now(timezone.utc)
        dumps = sorted((_taken(key), key) for key in keys if _KEY.fullmatch(key) and f"{key}{MANIFEST}" in keys)
        metrics: list[tuple[str, float, str]] = []
        if dumps:
            metrics.append(("VerifiedAgeSeconds", (now - dumps[-1][0]).total_seconds(), "Seconds"))
        file = self._places.state / "report"
        drills = [
            self._places.bucket.get_document(key, through=file)
            for key in sorted((key for key in keys if key.endswith(DRILL)), key=_drilled)[-_DRILLS_READ:]
        ]
        if drills:
            newest = max(drills, key=lambda drill: drill["at"])
            at = datetime.strptime(newest["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
            metrics.append(("DrillAgeSeconds", (now - at).total_seconds(), "Seconds"))
            metrics.append(("DrillFailed", 0 if newest["outcome"] == "restored" else 1, "Count"))
        with self.stages.stage("publish"):
            if metrics:
                self._publish(*metrics)
        return {"metrics": {name: round(value, 3) for name, value, _ in metrics}}

    def _dumped(self, file: Path) -> tuple[Inventory, Mapping[str, Any]]:
        """Dump the database into a file and return its inventory of the same moment, with what else is to be told."""
        with ExitStack() as stack:
            with self.stages.stage("connect"):
                environment, database = stack.enter_context(self._places.database())
                source = stack.enter_context(session(self._programs, environment, database))
                version = source.ask("SHOW server_version;").strip()
                check_versions(self._programs, int(version.split(".", maxsplit=1)[0]))
                size = int(source.ask("SELECT pg_database_size(current_database());"))
            with self.stages.stage("room"):
                # The dump is smaller than the database, what is restored of it about as large.
                check_room(file.parent, needed=2 * size)
            with self.stages.stage("dump"):
                # The dump and the counts are of one moment, however much is written meanwhile ("Snapshot
                # Synchronization Functions", PostgreSQL's documentation).
                source.ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;")
                snapshot = source.ask("SELECT pg_export_snapshot();").strip()
                before = read_inventory(source.ask)
                dump(self._programs, environment, database, snapshot=snapshot, into=file)
                after = read_sequences(source.ask)
        counted = Inventory(before.objects, before.rows, before.sequences, before.newest_migration, after)
        return counted, {"server": version, "database_bytes": size}

    def _verify(self, file: Path, expected: Inventory, work: Path) -> None:
        """Restore a dump into a server of its own and compare.

        Raises:
            FailedError: when it can't be restored, or is not what was dumped.
        """
        with ExitStack() as stack:
            with self.stages.stage("restore"):
                environment = stack.enter_context(scratch_server(self._programs, work))
                restore(self._programs, environment, file, _RESTORED)
            with self.stages.stage("compare"):
                copy = stack.enter_context(session(self._programs, environment, _RESTORED))
                _compare(expected, read_inventory(copy.ask))

    def _keep(self, file: Path, manifest: Mapping[str, Any], key: str, work: Path) -> None:
        # The manifest first: a dump under its final name has been verified, and says by what.
        self._places.bucket.put_text(text({**manifest, "backup": key}), f"{key}{MANIFEST}", through=work / "manifest")
        self._places.bucket.put(file, key)

    def _monthly(self, file: Path, manifest: Mapping[str, Any], name: str, work: Path) -> list[str]:
        """Keep the month's first dump for longer. Where that failed on the first, the second is."""
        with self.stages.stage("monthly"):
            month = manifest["taken_at"][:7].replace("-", "")
            prefix = f"monthly/{self._configuration['dump_name']}-{month}"
            if any(_KEY.fullmatch(key) for key in self._places.bucket.keys(prefix)):
                return []
            self._keep(file, manifest, f"monthly/{name}", work)
        return [f"monthly/{name}"]

    def _chosen(self, backup: str) -> str:
        """Return the key of a backup."""
        if backup == "newest":
            keys = [key for prefix in PREFIXES for key in self._places.bucket.keys(prefix) if _KEY.fullmatch(key)]
            if not keys:
                raise RefusedError("the bucket has no backup")
            # The same dump may be kept for longer, too.
            return max(keys, key=lambda key: (_taken(key), not key.startswith("monthly/")))
        if _KEY.fullmatch(backup) is None:
            raise RefusedError(f"{backup}: a backup is named as daily/…-YYYYmmdd-HHMMSS.dump")
        if backup not in self._places.bucket.keys(backup):
            raise RefusedError(f"the bucket has no {backup}")
        return backup

    def _fetched(self, key: str, work: Path) -> tuple[Mapping[str, Any], Path]:
        """Bring a backup and its manifest here, and see that it is what the manifest says."""
        with self.stages.stage("fetch"):
            manifest = self._places.bucket.get_document(f"{key}{MANIFEST}", through=work / "manifest")
            check_versions(self._programs, int(manifest["server"].split(".", maxsplit=1)[0]))
            check_room(work, needed=manifest["bytes"] + manifest["database_bytes"])
            file = work / "dump"
            self._places.bucket.get(key, file)
            if (found := sha256(file)) != manifest["sha256"]:
                raise FailedError(f"{key} has the SHA-256 {found} and not {manifest['sha256']}, as its manifest says")
        return manifest, file

    def _published(self, *metrics: tuple[str, float, str]) -> str | None:
        """Publish metrics; return why not, where that failed: what was done stands, and the report tells it again."""
        try:
            self._publish(*metrics)
        except FailedError as error:
            return f"metrics were not published: {error}"
        return None

    def _publish(self, *metrics: tuple[str, float, str]) -> None:
        configuration = self._configuration
        publish(
            metrics,
            namespace=configuration["metrics_namespace"],
            database=configuration["metrics_database"],
            region=configuration["region"],
        )


_DRILLS_READ = 5
"""The drills whose results a report reads: those of the newest backups. One of them is the newest drill, unless
somebody drills old backups alone."""


def _compare(expected: Inventory, found: Inventory) -> None:
    if lines := differences(expected, found):
        raise FailedError(f"the restored copy differs: {'; '.join(lines)}")


def _taken(key: str) -> datetime:
    found = _KEY.fullmatch(key)
    assert found is not None, key  # noqa: S101 (callers have filtered)
    return datetime.strptime(found.group(2), _TIME).replace(tzinfo=timezone.utc)


def _drilled(key: str) -> str:
    return key[-len(f"YYYYmmdd-HHMMSS.dump{DRILL}") :]


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
