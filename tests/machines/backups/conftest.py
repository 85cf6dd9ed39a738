"""A PostgreSQL 16 with a small shop in it, and hosts that back it up."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.machines.backups.backup_host import DATABASE, BackupHost
from tests.machines.backups.programs import copy_programs
from tests.support.postgresql import RunningPostgres, postgresql

SHOP = """
CREATE EXTENSION vector;
CREATE SCHEMA billing;
CREATE TYPE status AS ENUM ('open', 'paid');
CREATE TABLE customers (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE billing.invoices (id bigserial PRIMARY KEY, customer integer NOT NULL REFERENCES customers, state status);
CREATE TABLE visits (day date NOT NULL, page text) PARTITION BY RANGE (day);
CREATE TABLE visits_2026 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE VIEW open_invoices AS SELECT * FROM billing.invoices WHERE state = 'open';
CREATE FUNCTION total(integer) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM billing.invoices WHERE id = $1';
CREATE SEQUENCE unused;
CREATE TABLE _prisma_migrations (
    id varchar(36) PRIMARY KEY, migration_name varchar(255) NOT NULL, started_at timestamptz DEFAULT now(),
    finished_at timestamptz, rolled_back_at timestamptz
);
INSERT INTO _prisma_migrations VALUES
    ('1', '20261101120000_init', '2026-11-01', '2026-11-01', NULL),
    ('2', '20261115120000_invoices', '2026-11-15', '2026-11-15', NULL),
    ('3', '20261116120000_failed', '2026-11-16', NULL, '2026-11-16');
INSERT INTO customers (name) SELECT 'customer ' || n FROM generate_series(1, 500) n;
INSERT INTO billing.invoices (customer, state) SELECT n, 'open' FROM generate_series(1, 300) n;
INSERT INTO visits SELECT '2026-06-01', '/' FROM generate_series(1, 40);
"""

MakeHost = Callable[..., BackupHost]


@pytest.fixture(scope="package")
def folder() -> Iterator[Path]:
    # Those of pytest are closed to every other user.
    with tempfile.TemporaryDirectory(prefix="backups-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="package")
def programs(folder: Path) -> Path:
    """Return a directory with PostgreSQL 16 that every user may read."""
    return copy_programs(folder)


@pytest.fixture(scope="package")
def database() -> Iterator[RunningPostgres]:
    # Characters that a connection string or a password file would have to escape.
    with postgresql(password=r"a:pass\word") as server:
        server.ask(f"CREATE DATABASE {DATABASE}")
        server.ask(SHOP, database=DATABASE)
        yield server


@pytest.fixture(scope="package")
def one_backup(folder: Path, programs: Path, database: RunningPostgres) -> Path:
    """Return a bucket with one backup below ``daily/``."""
    directory = folder / "one-backup"
    directory.mkdir()
    made = BackupHost(directory=directory, database=database, programs=programs)
    assert made.run("dump", "--prefix", "daily").status == 0
    shutil.rmtree(directory / "bucket" / "monthly")
    return directory / "bucket"


@pytest.fixture
def host(folder: Path, programs: Path, database: RunningPostgres) -> Iterator[MakeHost]:
    with tempfile.TemporaryDirectory(dir=folder) as name:
        Path(name).chmod(0o755)

        def make(**arguments: Any) -> BackupHost:
            return BackupHost(
                directory=Path(name), database=database, programs=arguments.pop("programs", programs), **arguments
            )

        yield make
