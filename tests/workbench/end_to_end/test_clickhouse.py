"""``zelly clickhouse init`` against a real server, with the credentials that the embedded AWS holds."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clickhouse import RunningClickHouse, clickhouse
from tests.workbench.conftest import Operator, Up

SECRET = "sample/clickhouse/login"


def _credentials(up: Up) -> dict[str, str]:
    answer = up.client("secretsmanager", "eu-west-1").get_secret_value(SecretId=SECRET)
    return json.loads(answer["SecretString"])


@pytest.fixture
def running(up: Up, tmp_path: Path) -> Iterator[RunningClickHouse]:
    values = _credentials(up)
    user, password = values["CLICKHOUSE_USER"], values["CLICKHOUSE_PASSWORD"]
    with clickhouse(tmp_path / "server", user=user, password=password) as server:
        yield server


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    directory = tmp_path / "init"
    directory.mkdir()
    (directory / "001_events.sql").write_text(
        "CREATE DATABASE analytics;\nCREATE TABLE analytics.events (name String) ENGINE = MergeTree ORDER BY name;\n"
    )
    return directory


def test_day_of_the_analytics_database(operator: Operator, running: RunningClickHouse, directory: Path) -> None:
    arguments = ("clickhouse", "init", str(directory), "--stack", "trial", "--url", running.url)
    dry = operator.run(*arguments, "--dry-run")
    assert (dry.exit_code, dry.stdout.splitlines()) == (
        0,
        [
            f"ClickHouse 18.16.1 at {running.url}: 2 of 2 statements to be applied, 0 applied before",
            "  apply 001_events.sql:1 (statement 1)  CREATE DATABASE analytics",
            "  apply 001_events.sql:2 (statement 2)  "
            "CREATE TABLE analytics.events (name String) ENGINE = MergeTree ORDER BY name",
        ],
    )
    unasked = operator.run(*arguments)
    assert (unasked.exit_code, unasked.stderr.splitlines()[-1]) == (
        2,
        "Apply them to ClickHouse of trial? Without a terminal nobody can say so; --yes is required",
    )
    assert running.ask("EXISTS TABLE default.zelly_init_ledger") == "0\n"
    done = operator.run(*arguments, "--yes")
    assert (done.exit_code, done.stdout, done.stderr.splitlines()[-2:]) == (
        0,
        f"ClickHouse of trial is as {directory} wants it: 2 applied now.\n",
        ["applied 001_events.sql:1 (statement 1)", "applied 001_events.sql:2 (statement 2)"],
    )
    again = operator.run(*arguments, "--json")
    assert (again.exit_code, json.loads(again.stdout)) == (
        0,
        {"executed": True, "stack": "trial", "url": running.url, "applied": 0, "noted": 0},
    )


def test_failing_statement_exits_with_one_and_shows_no_password(
    operator: Operator, up: Up, running: RunningClickHouse, directory: Path
) -> None:
    (directory / "002_wrong.sql").write_text("CREATE TABLE nowhere.events (name String) ENGINE = Memory;\n")
    failed = operator.run("clickhouse", "init", str(directory), "-s", "trial", "--url", running.url, "--yes")
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert failed.stderr.splitlines()[-3:] == [
        "002_wrong.sql:1 (statement 1)  CREATE TABLE nowhere.events (name String) ENGINE = Memory",
        f"  ClickHouse at {running.url}: code 81: Database nowhere doesn't exist",
        "2 of 3 statements applied before it. To go on, correct the cause and run the same command again: "
        "what was applied is not applied twice.",
    ]
    assert _credentials(up)["CLICKHOUSE_PASSWORD"] not in failed.stderr


def test_without_the_vpn_the_ways_to_it_are_named(operator: Operator, directory: Path) -> None:
    # The discard port, where nothing listens.
    refused = operator.run("clickhouse", "init", str(directory), "-s", "trial", "--url", "http://127.0.0.1:9")
    assert (refused.exit_code, refused.stderr.splitlines()) == (
        2,
        [
            "ClickHouse at http://127.0.0.1:9: Failed to establish a new connection: [Errno 111] Connection refused",
            "It is reached over the VPN (`zelly vpn config PEER`), or with --url through a forwarded port.",
        ],
    )


@pytest.mark.parametrize("position", ["3", "a.sql:", "a.sql:x", ":3"])
def test_position_of_another_form_is_one_line(operator: Operator, directory: Path, position: str) -> None:
    refused = operator.run("clickhouse", "init", str(directory), "-s", "trial", "--again", position)
    assert (refused.exit_code, refused.stderr) == (
        2,
        f"--again: came {position}; allowed: FILE:NUMBER, e.g. 001_tables.sql:3\n",
    )
