"""Dumps, drills and restores a database of some size as a host does: ``python -m benchmarks.backups 256`` (MiB).

PostgreSQL 16 and the host's own programs are real; the bucket is a directory, so that no network is in the figures.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.machines.backups.backup_host import DATABASE, BackupHost
from tests.machines.backups.programs import copy_programs
from tests.support.postgresql import RunningPostgres, postgresql

_ROW_BYTES = 162
"""What a row of the table takes, with its two indexes."""

_FILL = """
CREATE TABLE orders (
    id bigserial PRIMARY KEY, customer integer NOT NULL, placed timestamptz NOT NULL, note text NOT NULL
);
INSERT INTO orders (customer, placed, note)
    SELECT n % 10000, '2026-01-01'::timestamptz + n * interval '1 second', md5(n::text) || md5((n * 7)::text)
    FROM generate_series(1, {rows}) n;
CREATE INDEX orders_customer ON orders (customer);
"""


def main() -> None:
    """Print one JSON object: the sizes, and the seconds of each stage of a dump, a drill and a restoration."""
    rows = int(sys.argv[1]) * 2**20 // _ROW_BYTES
    with tempfile.TemporaryDirectory(prefix="backups-") as name, postgresql() as server:
        folder = Path(name)
        folder.chmod(0o755)
        server.ask(f"CREATE DATABASE {DATABASE}")
        server.ask(_FILL.format(rows=rows), database=DATABASE)
        host = _host(folder, server)
        dumped, drilled = (_ended(host, *words) for words in (["dump", "--prefix", "daily"], ["drill"]))
        restored = _ended(host, "restore", "--into", f"{DATABASE}_restored")
        size = int(server.ask(f"SELECT pg_database_size('{DATABASE}')"))
    found = {"dump": dumped, "drill": drilled, "restore": restored}
    print(
        json.dumps(
            {
                "rows": rows,
                "database_mib": round(size / 2**20),
                "dump_mib": round(dumped["bytes"] / 2**20, 1),
                **{f"{action}_seconds": answer["seconds"] for action, answer in found.items()},
                "stages": {
                    action: {stage["name"]: stage["seconds"] for stage in answer["stages"]}
                    for action, answer in found.items()
                },
            },
            indent=2,
        )
    )


def _host(folder: Path, server: RunningPostgres) -> BackupHost:
    directory = folder / "host"
    directory.mkdir()
    directory.chmod(0o755)
    return BackupHost(directory=directory, database=server, programs=copy_programs(folder))


def _ended(host: BackupHost, *arguments: str) -> dict[str, Any]:
    ended = host.run(*arguments)
    if ended.status != 0:
        sys.exit(ended.talk)
    shutil.rmtree(host.directory / "bucket" / "monthly", ignore_errors=True)
    return {**ended.answer}


if __name__ == "__main__":
    main()
