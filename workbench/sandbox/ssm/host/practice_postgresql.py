"""PostgreSQL's programs on a simulated host: as much of them as its backups call, on a database of a few words.

A copy of this file stands on the host under the name of each program. The databases are documents: that of the live
server in ``$PRACTICE_POSTGRESQL``, by name, those of a scratch server in its directory. The live database's newest
migration is the last that a practice release applied. Nothing here speaks SQL: the backups' own statements are known by
what they begin with.
"""

import json
import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

VERSION = "16.11"
_SIZE = 8 * 2**20
_ROWS = {"public.customers": 5, "public.orders": 12}
_SEQUENCES = {"public.customers_id_seq": 5, "public.orders_id_seq": 12}

_ENDS = re.compile(r"\\echo '(.*)'")


def _read(place: Path) -> dict[str, Any]:
    return json.loads(place.read_text(encoding="utf-8")) if place.exists() else {}


def _option(name: str) -> str:
    return next((word.partition("=")[2] for word in sys.argv if word.startswith(f"--{name}=")), "")


def _place() -> Path:
    """Return the file with a server's databases: a scratch server is reached through its directory."""
    host = os.environ.get("PGHOST", "")
    return Path(host, "practice.json") if host.startswith("/") else Path(os.environ["PRACTICE_POSTGRESQL"])


def _databases() -> dict[str, Any]:
    found = _read(_place())
    if not found and not os.environ.get("PGHOST", "").startswith("/"):
        migrations = _read(Path(os.environ["PRACTICE_DATABASE"])).get("applied", [])
        objects = sorted(f"table {name}" for name in _ROWS) + sorted(f"sequence {name}" for name in _SEQUENCES)
        newest = migrations[-1] if migrations else None
        return {_option("dbname"): {"objects": objects, "rows": _ROWS, "sequences": _SEQUENCES, "newest": newest}}
    return found


def _write(databases: Mapping[str, Any]) -> None:
    _place().write_text(json.dumps(databases), encoding="utf-8")


def _psql() -> None:
    if _option("command"):
        print(1)  # noqa: T201 (its answer, as below)
        return
    asked: list[str] = []
    for line in sys.stdin:
        ended = _ENDS.match(line)
        if ended is None:
            asked.append(line)
            continue
        answer = _answer("".join(asked).strip())
        asked.clear()
        print("".join(f"{each}\n" for each in answer) + ended[1], flush=True)  # noqa: T201


def _answer(sql: str) -> list[str]:
    databases = _databases()
    here: Mapping[str, Any] = databases.get(_option("dbname"), {})
    rows = cast("Mapping[str, int]", here.get("rows", {}))
    named = re.match(r"(CREATE|DROP) DATABASE (\w+)", sql)
    if named is not None:
        changed = {name: each for name, each in databases.items() if name != named[2]}
        _write({**changed, named[2]: {}} if named[1] == "CREATE" else changed)
        return []
    answers: Mapping[str, list[str]] = {
        "SHOW server_version": [VERSION],
        "SELECT pg_database_size": [str(_SIZE)],
        "SELECT pg_export_snapshot": ["00000003-00000001-1"],
        "SELECT 1 FROM pg_database": ["1"] if sql.partition("datname = '")[2].rstrip("';") in databases else [],
        "-- objects": list(here.get("objects", [])),
        "-- tables": [f"SELECT '{table}', 0;" for table in rows],
        "SELECT '": [f"{table}\t{count}" for table, count in rows.items()],
        "-- sequences": [f"{name}\t{value}" for name, value in here.get("sequences", {}).items()],
        "SELECT to_regclass": ["t" if here.get("newest") else "f"],
        "-- newest migration": [str(here.get("newest") or "")],
    }
    found = [answer for beginning, answer in answers.items() if sql.startswith(beginning)]
    return found[0] if found else []


def _pg_dump() -> None:
    dumped = {"practice": "x" * 4096, **_databases()[_option("dbname")]}
    Path(_option("file")).write_text(json.dumps(dumped), encoding="utf-8")


def _pg_restore() -> None:
    dump = Path(sys.argv[-1])
    try:
        content = _read(dump)
    except ValueError:
        sys.exit("pg_restore: error: input file does not appear to be a valid archive")
    if "--list" in sys.argv:
        print(f"; {len(content['rows'])} TABLE DATA")  # noqa: T201
        return
    del content["practice"]
    _write({**_databases(), _option("dbname"): content})


def _postgres() -> None:
    # As the server does, whose parent may ignore them: what a shell starts in the background does.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.pause()


_PROGRAMS = {
    "psql": _psql,
    "pg_dump": _pg_dump,
    "pg_restore": _pg_restore,
    "postgres": _postgres,
    "initdb": lambda: Path(_option("pgdata")).mkdir(),
    "pg_ctl": lambda: None,
}
NAMES = tuple(_PROGRAMS)

if __name__ == "__main__":
    name = Path(sys.argv[0]).name
    if "--version" in sys.argv:
        print(f"{name} (PostgreSQL) {VERSION}")  # noqa: T201
    else:
        _PROGRAMS[name]()
