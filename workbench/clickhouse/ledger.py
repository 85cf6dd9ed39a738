"""The ledger: which statements were applied to a server, kept in a table of its own on that server."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from workbench.clickhouse.server import ClickHouseServer
from workbench.clickhouse.statements import Statement

# Two rows a statement, before and after: ClickHouse has no transaction that a statement and its note could share.
_CREATE = """
CREATE TABLE IF NOT EXISTS {table}
(
    file String,
    statement UInt32,
    state String,
    checksum String,
    noted_by String,
    noted_at_ns UInt64
)
ENGINE = MergeTree ORDER BY (file, statement)
"""


class Mark(StrEnum):
    """How far a statement was, as the ledger knows it."""

    BEGUN = "begun"
    """Sent, and nothing noted after that: it may have been carried out."""
    APPLIED = "applied"
    REFUSED = "refused"
    """ClickHouse did not carry it out; it is tried again."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What the ledger says last of one statement."""

    mark: Mark
    checksum: str
    noted_at: datetime
    noted_by: str


Position = tuple[str, int]
"""A file and the number of a statement in it."""


class Ledger:
    """The ledger of one server."""

    def __init__(self, server: ClickHouseServer, *, program: str, operator: str) -> None:
        self._server = server
        self.table = f"default.{program.replace('-', '_')}_init_ledger"
        self._operator = operator

    def exists(self) -> bool:
        """Tell whether anything was ever noted on this server."""
        return bool(self._server.rows(f"EXISTS TABLE {self.table}")[0]["result"])

    def create(self) -> None:
        """Make the table unless it is there."""
        self._server.execute(_CREATE.format(table=self.table), session="ledger")

    def entries(self) -> Mapping[Position, Entry]:
        """Return what is noted last of every statement; nothing before the table exists."""
        if not self.exists():
            return {}
        rows = self._server.rows(
            f"SELECT file, statement, state, checksum, noted_by, noted_at_ns FROM {self.table} ORDER BY noted_at_ns"  # noqa: S608 (no input in it)
        )
        return {
            (row["file"], int(row["statement"])): Entry(
                mark=Mark(row["state"]),
                checksum=row["checksum"],
                noted_at=datetime.fromtimestamp(int(row["noted_at_ns"]) // 10**9, tz=UTC),
                noted_by=row["noted_by"],
            )
            for row in rows
        }

    def note(self, statement: Statement, mark: Mark) -> None:
        """Write down how far a statement is."""
        self._server.insert(
            self.table,
            [
                {
                    "file": statement.file,
                    "statement": statement.number,
                    "state": mark.value,
                    "checksum": statement.checksum,
                    "noted_by": self._operator,
                    # Of this machine's clock: a second of the server's can hold several notes of one statement.
                    "noted_at_ns": time.time_ns(),
                }
            ],
        )
