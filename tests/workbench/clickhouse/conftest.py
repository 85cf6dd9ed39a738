"""One real server for the tests of a worker; every test works in databases of its own."""

from collections.abc import Iterator

import pytest

from tests.support.clickhouse import RunningClickHouse, clickhouse


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClickHouse]:
    with clickhouse(tmp_path_factory.mktemp("clickhouse"), user="zelly", password="of-the-test") as server:
        yield server


@pytest.fixture
def emptied(running: RunningClickHouse) -> RunningClickHouse:
    """The server without anything that an earlier test made."""
    for database in running.ask("SELECT name FROM system.databases WHERE name LIKE 'shop%'").split():
        running.ask(f"DROP DATABASE {database}")
    running.ask("DROP TABLE IF EXISTS default.zelly_init_ledger")
    return running
