"""What stacks give to their PostgreSQL is what PostgreSQL 16 takes, and what clients are told works with TLS alone."""

import functools
from collections.abc import Generator, Mapping
from pathlib import Path

import pytest
import trustme

from tests.programs.pakashop.evaluations import evaluation_of
from tests.support.postgresql import (
    RefusedError,
    RunningPostgres,
    ask,
    older_client,
    postgresql,
    postgresql_with_tls,
)
from zelly_components.postgres_instance import connection_url

PARAMETER_GROUP = "aws:rds/parameterGroup:ParameterGroup"
HOST = "localhost"


@functools.cache
def parameters(stack: str) -> Mapping[str, str]:
    """Return the parameters of a stack that PostgreSQL itself knows."""
    (group,) = evaluation_of(stack).of_type(PARAMETER_GROUP)
    assert group.inputs["family"] == "postgres16"
    return {
        parameter["name"]: parameter["value"]
        for parameter in group.inputs["parameters"]
        if not parameter["name"].startswith("rds.")
    }


@pytest.fixture(scope="module")
def live() -> Generator[RunningPostgres]:
    """PostgreSQL 16 with live's parameters."""
    with postgresql(settings=parameters("live")) as running:
        yield running


def test_version_16_takes_every_parameter_and_runs_with_it(live: RunningPostgres) -> None:
    rows = live.ask("SELECT name, setting FROM pg_settings").splitlines()
    settings = dict(row.split("|", 1) for row in rows)
    on = {"log_checkpoints", "log_lock_waits"}
    expected = {name: "on" if name in on else value for name, value in parameters("live").items()}
    assert {name: settings[name] for name in expected} == expected


def test_stacks_differ_in_connections_alone() -> None:
    assert {name for name, value in parameters("live").items() if parameters("staging")[name] != value} == {
        "max_connections"
    }


def test_what_takes_effect_with_a_restart_alone_is_said_so(live: RunningPostgres) -> None:
    (group,) = evaluation_of("live").of_type(PARAMETER_GROUP)
    said = {one["name"] for one in group.inputs["parameters"] if one["applyMethod"] == "pending-reboot"}
    waiting = live.ask("SELECT name FROM pg_settings WHERE context = 'postmaster'").splitlines()
    assert said == parameters("live").keys() & set(waiting)


def test_a_slow_statement_is_logged_without_the_values_of_its_parameters(live: RunningPostgres) -> None:
    live.ask("SET log_min_duration_statement = 0;\nSELECT $1::text \\bind 'a customer' \\g")
    log = live.log.read_text(encoding="utf-8")
    assert "SELECT $1::text" in log
    assert "a customer" not in log


@pytest.fixture(scope="module")
def authorities() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server(authorities: trustme.CA) -> Generator[RunningPostgres]:
    with postgresql_with_tls(authorities.issue_cert(HOST), user="pakashop") as running:
        yield running


def told(server: RunningPostgres, bundle: Path, *, host: str = HOST) -> str:
    """Return the connection string that services are told, of the test's server and authorities."""
    return connection_url(
        host=host,
        user=server.user,
        password=server.password,
        database="postgres",
        port=server.port,
        ca_bundle=str(bundle),
    )


def bundle_of(authorities: trustme.CA, folder: Path) -> Path:
    file = folder / "authorities.pem"
    authorities.cert_pem.write_to_path(str(file))
    return file


def test_connection_string_works_with_tls(server: RunningPostgres, authorities: trustme.CA, tmp_path: Path) -> None:
    url = told(server, bundle_of(authorities, tmp_path))
    encrypted = ask(url, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", psql=older_client("psql"))
    assert encrypted == "t"


def test_another_name_than_the_certificates_is_refused(
    server: RunningPostgres, authorities: trustme.CA, tmp_path: Path
) -> None:
    url = told(server, bundle_of(authorities, tmp_path), host="127.0.0.1")
    with pytest.raises(RefusedError, match="does not match host name"):
        ask(url, "SELECT 1", psql=older_client("psql"))


def test_a_stranger_with_the_right_name_is_refused(server: RunningPostgres, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="certificate verify failed"):
        ask(told(server, bundle_of(trustme.CA(), tmp_path)), "SELECT 1", psql=older_client("psql"))


def test_without_tls_nobody_is_let_in(server: RunningPostgres) -> None:
    with pytest.raises(RefusedError, match=r"no pg_hba.conf entry .* no encryption"):
        ask(server.url(sslmode="disable"), "SELECT 1", psql=older_client("psql"))


def test_a_server_without_tls_is_refused_by_the_client(
    live: RunningPostgres, authorities: trustme.CA, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError, match="server does not support SSL, but SSL was required"):
        ask(told(live, bundle_of(authorities, tmp_path)), "SELECT 1", psql=older_client("psql"))
