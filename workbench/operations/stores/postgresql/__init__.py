"""Instances of RDS for PostgreSQL."""

from workbench.operations.stores.entry import KindEntry
from workbench.stores import PostgresInstance

ENTRY = KindEntry(
    store_type=PostgresInstance,
    module="workbench.operations.stores.postgresql.kind",
    verb="postgresql",
    summary="Make a second PostgreSQL instance that holds what the live one held at a moment.",
    option="--at",
    metavar="TIME|SNAPSHOT|latest",
    is_switched=True,
    help="To the second, with its zone, e.g. 2026-11-25T10:15:00Z; or a snapshot that `PROGRAM restore points` lists.",
)
