"""Everything that the commands on secrets, the VPN and the state print or leave behind, searched for known secrets."""

import io
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.aws.faults import json_error
from tests.workbench.end_to_end.conftest import Completed, Operator, Sandbox
from tests.workbench.end_to_end.watched import WatchedConnection
from workbench.aws.secrets_manager.versions import SecretVersions
from workbench.errors import OperatorError
from workbench.operations.secrets.changes import change_secrets, plan_changes
from workbench.operations.state.outputs import stack_output
from zelly_infra.catalog import APPLICATION_SECRETS, PROGRAM_SECRETS
from zelly_infra.program import PROGRAM
from zelly_infra.stack_file import read_stack_file
from zelly_infra.vpn import OUTPUT, client_config

NOVA = "zelly/fastify-nova/env"
ORION = "zelly/orion-backend/env"
SECRET_KEYS = {"DB_PASSWORD", "REDIS_PASSWORD", "CLICKHOUSE_PASSWORD", "WIREGUARD_PRIVATE_KEY"}
"""Of the program's secrets; the values of the others are names and numbers that stand elsewhere, too."""


def _marked(secret: str, key: str) -> str:
    return f"marked-{secret.replace('/', '-')}-{key}"


@pytest.fixture
def connection(operator: Operator) -> WatchedConnection:
    """Staging's, in the operator's environment."""
    del operator
    return WatchedConnection("ap-southeast-1")


@pytest.fixture
def known(sandbox: Sandbox, stored: Any) -> list[str]:
    """Every secret that there is: the operators' with values to be found, the program's as it made them."""
    for name, keys in APPLICATION_SECRETS.items():
        values = {key: _marked(name, key) for key in keys}
        stored.put_secret_value(SecretId=name, SecretString=json.dumps(values))
    programs = [json.loads(stored.get_secret_value(SecretId=name)["SecretString"]) for name in PROGRAM_SECRETS]
    outputs = sandbox.aws.outputs("staging")
    assert outputs is not None
    private = [
        line.partition(" = ")[2]
        for config in outputs["vpn_client_configs"].values()
        for line in config.splitlines()
        if line.startswith("PrivateKey")
    ]
    assert len(private) == 2
    return [
        "marked-",
        *(value for values in programs for key, value in values.items() if key in SECRET_KEYS),
        *private,
    ]


def _found(known: list[str], *texts: str) -> list[str]:
    return [secret for secret in known for text in texts if secret in text]


def _push(value: str) -> bytes:
    return json.dumps({NOVA: {"JWT_SECRET": value}, ORION: {"JWT_SECRET_KEY": value}}).encode()


@pytest.mark.parametrize(
    ("arguments", "typed", "exit_code"),
    [
        (("secrets", "list"), b"", 0),
        (("secrets", "list", "--json"), b"", 0),
        (("secrets", "check"), b"", 0),
        (("secrets", "check", "--json"), b"", 0),
        (("secrets", "set", ORION, "CORS_ORIGINS", "--stdin"), b"marked-new", 0),
        (("secrets", "set", ORION, "CORS_ORIGINS", "--stdin", "--json"), b"marked-new", 0),
        (("secrets", "set", ORION, "CORS_ORIGINS", "--stdin", "--dry-run", "--json"), b"marked-new", 0),
        (("secrets", "set", ORION, "CORS_ORIGINS", "--stdin"), b"marked-\xff", 2),
        (("secrets", "set", ORION, "CORS_ORIGINS", "--stdin"), b"marked-" * 10_000, 2),
        (("secrets", "set", ORION, "CORS_ORIGINS", "marked-argument"), b"", 2),
        (("secrets", "set", ORION, "CORS_ORIGINS", "--marked-option"), b"", 2),
        (("secrets", "set", ORION, "marked-key", "--stdin"), b"", 2),
        (("secrets", "set", "marked-secret", "CORS_ORIGINS", "--stdin"), b"", 2),
        (("secrets", "push", "-", "--yes"), _push("marked-pushed"), 0),
        (("secrets", "push", "-", "--yes", "--json"), _push("marked-pushed"), 0),
        (("secrets", "push", "-", "--dry-run"), _push("marked-pushed"), 0),
        (("secrets", "push", "-"), _push("marked-pushed"), 2),
        (("secrets", "push", "-"), b"zelly/x: {A: marked-1, A: marked-2}", 2),
        (("secrets", "push", "-"), b"marked-text", 2),
        (("secrets", "push", "-"), b"zelly/x: {'marked-1: marked-2", 2),
        (("secrets", "restore", ORION), b"", 2),
        (("vpn", "peers"), b"", 0),
        (("vpn", "peers", "--json"), b"", 0),
        (("vpn", "config", "peer1", "--output", "peer1.conf", "--yes"), b"", 0),
        (("vpn", "config", "peer1", "--output", "peer1.conf", "--yes", "--json"), b"", 0),
        (("vpn", "config", "peer9"), b"", 2),
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
    in_folder = [str(tmp_path / part) if part == "peer1.conf" else part for part in arguments]
    with caplog.at_level(logging.INFO):
        completed = operator.zelly(*in_folder, "--stack", "staging")
    assert completed.exit_code == exit_code, completed.stderr
    assert completed.stdout + completed.stderr != ""
    assert _found(known, completed.stdout, completed.stderr, caplog.text) == []
    left = {path.name for path in tmp_path.iterdir()}
    assert left == ({"peer1.conf"} if "peer1.conf" in arguments else set())


def test_secrets_are_found_where_they_are(known: list[str], stored: Any, operator: Operator) -> None:
    """The search itself: a config that is printed is found, and so is a stored value."""
    printed = operator.zelly("vpn", "config", "peer1", "--stack", "staging")
    assert len(_found(known, printed.stdout)) == 1
    for name in (*APPLICATION_SECRETS, "zelly/aurora/master", "zelly/redis/auth", "zelly/wireguard/server"):
        assert _found(known, stored.get_secret_value(SecretId=name)["SecretString"]) != []


def test_no_object_shows_a_secret_when_it_is_printed(
    connection: WatchedConnection, known: list[str], sandbox: Sandbox
) -> None:
    secrets = SecretVersions(connection)
    plan = plan_changes(PROGRAM, {ORION: {"CORS_ORIGINS": "marked-new"}}, secrets)
    configs = stack_output(OUTPUT, stack="staging", root=sandbox.folder)
    peers = read_stack_file("staging", sandbox.folder).environment.bastion.peers
    shown = [repr(plan), repr(plan.secrets), repr(secrets.current(ORION)), repr(client_config("peer1", peers, configs))]
    assert all(shown)
    assert _found(known, *shown) == []


@pytest.mark.parametrize("operation", ["PutSecretValue", "UpdateSecretVersionStage"])
def test_no_failure_shows_a_secret_nor_what_it_was_caused_by(
    connection: WatchedConnection, known: list[str], operation: str
) -> None:
    secrets = SecretVersions(connection)
    plan = plan_changes(PROGRAM, {ORION: {"CORS_ORIGINS": "marked-new"}}, secrets)

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
    stored.put_secret_value(SecretId=ORION, SecretString="marked-text, no object")
    results: list[Completed] = []
    for arguments in (("set", ORION, "CORS_ORIGINS", "--stdin"), ("list",), ("check",)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"marked-new")))
        results.append(operator.zelly("secrets", *arguments, "--stack", "staging"))
    assert [completed.exit_code for completed in results] == [2, 0, 1]
    assert results[0].stderr == (
        f"secret {ORION}: holds no JSON object; a JSON object of texts by their keys is required\n"
    )
    assert _found(known, *(completed.stdout + completed.stderr for completed in results)) == []
