"""The servers of the tests' own are version 16, reachable with the password alone, and gone afterwards."""

import subprocess

import pytest

from tests.support.postgresql import RefusedError, ask, client, older_client, postgresql
from tests.support.servers import answers


def test_version_16_answers_its_user_and_ends_with_the_block() -> None:
    with postgresql() as server:
        version = server.ask("SHOW server_version; CREATE TABLE orders (id integer); INSERT INTO orders VALUES (42)")
        with pytest.raises(RefusedError, match="password authentication failed"):
            ask(server.url().replace(server.password, "another"), "SELECT 1")
        ours, older = (
            subprocess.run(
                [dump, "--data-only"], env={**server.environment}, capture_output=True, text=True, check=False
            )
            for dump in (client("pg_dump"), older_client("pg_dump"))
        )
    assert version == "16.14"
    assert "\n42\n" in ours.stdout
    # A dump needs a client that is no older.
    assert "aborting because of server version mismatch" in older.stderr
    assert not answers(server.port)


def test_a_setting_that_there_is_not_is_told_in_the_servers_words() -> None:
    refused = pytest.raises(AssertionError, match='unrecognized configuration parameter "force_tls"')
    with refused, postgresql(settings={"force_tls": "on"}):
        pass
