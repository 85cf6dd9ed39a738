"""``clickhouse init --local`` against a real server: the ledger and the way of AWS, and nothing of AWS."""

from pathlib import Path

import pytest

from tests.support.clickhouse import clickhouse
from tests.workbench.cli.dev.conftest import Machine


@pytest.fixture
def statements(tmp_path: Path) -> Path:
    folder = tmp_path / "init"
    folder.mkdir()
    (folder / "001_events.sql").write_text("CREATE TABLE default.events (name String) ENGINE = Memory;\n")
    return folder


def test_statements_are_applied_once_with_the_machines_own_password(machine: Machine, statements: Path) -> None:
    machine.dev("env")
    values = machine.values("clickhouse")
    user, password = values["CLICKHOUSE_USER"], values["CLICKHOUSE_PASSWORD"]
    with clickhouse(statements.parent / "server", user=user, password=password) as server:
        words = ("clickhouse", "init", str(statements), "--local", "--url", server.url)
        asked = machine.run(*words)
        assert (asked.exit_code, asked.stderr.splitlines()[-1]) == (
            2,
            "Apply them to ClickHouse of this machine? Without a terminal nobody can say so; --yes is required",
        )
        done = machine.run(*words, "--yes", AWS_PROFILE="nobodys")
        assert (done.exit_code, done.stdout) == (
            0,
            f"ClickHouse of this machine is as {statements} wants it: 1 applied now.\n",
        )
        assert machine.run(*words).stdout.endswith("0 applied now.\n")
        assert server.ask("SELECT DISTINCT file FROM default.sample_init_ledger") == "001_events.sql\n"


def test_what_is_missing_is_one_line(machine: Machine, statements: Path) -> None:
    words = ("clickhouse", "init", str(statements), "--local")
    unready = machine.run(*words)
    assert (unready.exit_code, unready.stderr) == (
        2,
        "local-dev/env/clickhouse.env: CLICKHOUSE_PASSWORD missing; next: zelly dev env\n",
    )
    machine.dev("env")
    # Nothing listens on the port that the server would publish.
    stopped = machine.run(*words)
    assert (stopped.exit_code, stopped.stderr.splitlines()[-1]) == (2, "It is started by `zelly dev up`.")
    both = machine.run(*words, "--stack", "trial")
    assert (both.exit_code, both.stderr) == (2, "--local: came --stack or --store, too; allowed: one of them\n")
