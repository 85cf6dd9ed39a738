"""Everything that the commands on secrets print or leave behind, searched for known secrets."""

import io
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from sample_infra.program import PROGRAM
from tests.workbench.aws.faults import json_error
from tests.workbench.conftest import Completed, Operator
from tests.workbench.end_to_end.watched import WatchedConnection
from workbench.aws.secrets_manager.versions import SecretVersions
from workbench.errors import OperatorError
from workbench.operations.secrets.changes import change_secrets, plan_changes

WEB = "sample/web/env"
WORKER = "sample/worker/env"
SECRET_KEYS = {"DB_PASSWORD", "REDIS_PASSWORD", "CLICKHOUSE_PASSWORD"}
"""Of the program's secrets; the values of the others are names and numbers that stand elsewhere, too."""


def _marked(secret: str, key: str) -> str:
    return f"marked-{secret.replace('/', '-')}-{key}"


@pytest.fixture
def connection(operator: Operator) -> WatchedConnection:
    """Trial's, in the operator's environment."""
    del operator
    return WatchedConnection("eu-west-1")


@pytest.fixture
def known(stored: Any) -> list[str]:
    """Every secret that there is: the operators' with values to be found, the program's as it made them."""
    for name, keys in PROGRAM.secrets.application.items():
        values = {key: _marked(name, key) for key in keys}
        stored.put_secret_value(SecretId=name, SecretString=json.dumps(values))
    programs = [json.loads(stored.get_secret_value(SecretId=name)["SecretString"]) for name in PROGRAM.secrets.own]
    return ["marked-", *(value for values in programs for key, value in values.items() if key in SECRET_KEYS)]


def _found(known: list[str], *texts: str) -> list[str]:
    return [secret for secret in known for text in texts if secret in text]


def _push(value: str) -> bytes:
    return json.dumps({WEB: {"SESSION_KEY": value}, WORKER: {"QUEUE_KEY": value}}).encode()


@pytest.mark.parametrize(
    ("arguments", "typed", "exit_code"),
    [
        (("secrets", "list"), b"", 0),
        (("secrets", "list", "--json"), b"", 0),
        (("secrets", "check"), b"", 0),
        (("secrets", "check", "--json"), b"", 0),
        (("secrets", "set", WORKER, "ORIGINS", "--stdin"), b"marked-new", 0),
        (("secrets", "set", WORKER, "ORIGINS", "--stdin", "--json"), b"marked-new", 0),
        (("secrets", "set", WORKER, "ORIGINS", "--stdin", "--dry-run", "--json"), b"marked-new", 0),
        (("secrets", "set", WORKER, "ORIGINS", "--stdin"), b"marked-\xff", 2),
        (("secrets", "set", WORKER, "ORIGINS", "--stdin"), b"marked-" * 10_000, 2),
        (("secrets", "set", WORKER, "ORIGINS", "marked-argument"), b"", 2),
        (("secrets", "set", WORKER, "ORIGINS", "--marked-option"), b"", 2),
        (("secrets", "set", WORKER, "marked-key", "--stdin"), b"", 2),
        (("secrets", "set", "marked-secret", "ORIGINS", "--stdin"), b"", 2),
        (("secrets", "push", "-", "--yes"), _push("marked-pushed"), 0),
        (("secrets", "push", "-", "--yes", "--json"), _push("marked-pushed"), 0),
        (("secrets", "push", "-", "--dry-run"), _push("marked-pushed"), 0),
        (("secrets", "push", "-"), _push("marked-pushed"), 2),
        (("secrets", "push", "-"), b"zelly/x: {A: marked-1, A: marked-2}", 2),
        (("secrets", "push", "-"), b"marked-text", 2),
        (("secrets", "push", "-"), b"zelly/x: {'marked-1: marked-2", 2),
        (("secrets", "restore", WORKER), b"", 2),
    ],
)
def test_no_command_shows_a_secret(
    *,
    operator: Operator,
    known: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    arguments: tuple[str, ...],
    typed: bytes,
    exit_code: int,
) -> None:
    # What lies in the way on standard input is not text, so that nothing but bytes is ever read.
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed)))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with caplog.at_level(logging.INFO):
        completed = operator.run(*arguments, "--stack", "trial")
    assert completed.exit_code == exit_code, completed.stderr
    assert completed.stdout + completed.stderr != ""
    assert _found(known, completed.stdout, completed.stderr, caplog.text) == []
    assert [*tmp_path.iterdir()] == []


def test_secrets_are_found_where_they_are(known: list[str], stored: Any) -> None:
    """The search itself: a stored value is found."""
    for name in (*PROGRAM.secrets.application, *PROGRAM.secrets.own):
        assert _found(known, stored.get_secret_value(SecretId=name)["SecretString"]) != []


def test_no_object_shows_a_secret_when_it_is_printed(connection: WatchedConnection, known: list[str]) -> None:
    secrets = SecretVersions(connection)
    plan = plan_changes(PROGRAM, {WORKER: {"ORIGINS": "marked-new"}}, secrets)
    shown = [repr(plan), repr(plan.secrets), repr(secrets.current(WORKER))]
    assert all(shown)
    assert _found(known, *shown) == []


@pytest.mark.parametrize("operation", ["PutSecretValue", "UpdateSecretVersionStage"])
def test_no_failure_shows_a_secret_nor_what_it_was_caused_by(
    connection: WatchedConnection, known: list[str], operation: str
) -> None:
    secrets = SecretVersions(connection)
    plan = plan_changes(PROGRAM, {WORKER: {"ORIGINS": "marked-new"}}, secrets)

    def refuse(**_: Any) -> Any:
        return json_error("InternalServiceError", "broken", status=500)

    events = connection.clients["secretsmanager", True].meta.events
    events.register_first(f"before-send.secrets-manager.{operation}", refuse)
    with pytest.raises(OperatorError) as failed:
        change_secrets(plan, secrets)
    texts = [str(failed.value), repr(failed.value), repr(failed.value.__cause__), repr(failed.value.args)]
    assert _found(known, *texts) == []


def test_stored_text_that_is_no_object_is_not_repeated(
    operator: Operator, known: list[str], stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored.put_secret_value(SecretId=WORKER, SecretString="marked-text, no object")
    results: list[Completed] = []
    for arguments in (("set", WORKER, "ORIGINS", "--stdin"), ("list",), ("check",)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"marked-new")))
        results.append(operator.run("secrets", *arguments, "--stack", "trial"))
    assert [completed.exit_code for completed in results] == [2, 0, 1]
    assert results[0].stderr == (
        f"secret {WORKER}: holds no JSON object; a JSON object of texts by their keys is required\n"
    )
    assert _found(known, *(completed.stdout + completed.stderr for completed in results)) == []
