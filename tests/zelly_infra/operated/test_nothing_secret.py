"""Everything that the commands on the VPN print or leave behind, searched for known secrets."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from tests.zelly_infra.operated.conftest import Operator, Up
from workbench.operations.state.outputs import stack_output
from zelly_infra.catalog import WIREGUARD_SECRET
from zelly_infra.stack_file import read_stack_file
from zelly_infra.vpn import OUTPUT, client_config


@pytest.fixture
def known(sandbox: Up, stored: Any) -> list[str]:
    """The private keys of the server and of the peers."""
    server = json.loads(stored.get_secret_value(SecretId=WIREGUARD_SECRET)["SecretString"])
    outputs = sandbox.aws.outputs("staging")
    assert outputs is not None
    private = [
        line.partition(" = ")[2]
        for config in outputs["vpn_client_configs"].values()
        for line in config.splitlines()
        if line.startswith("PrivateKey")
    ]
    assert len(private) == 2
    return [server["WIREGUARD_PRIVATE_KEY"], *private]


def _found(known: list[str], *texts: str) -> list[str]:
    return [secret for secret in known for text in texts if secret in text]


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (("vpn", "peers"), 0),
        (("vpn", "peers", "--json"), 0),
        (("vpn", "config", "peer1", "--output", "peer1.conf", "--yes"), 0),
        (("vpn", "config", "peer1", "--output", "peer1.conf", "--yes", "--json"), 0),
        (("vpn", "config", "peer9"), 2),
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
    exit_code: int,
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    in_folder = [str(tmp_path / part) if part == "peer1.conf" else part for part in arguments]
    with caplog.at_level(logging.INFO):
        completed = operator.run(*in_folder, "--stack", "staging")
    assert completed.exit_code == exit_code, completed.stderr
    assert completed.stdout + completed.stderr != ""
    assert _found(known, completed.stdout, completed.stderr, caplog.text) == []
    left = {path.name for path in tmp_path.iterdir()}
    assert left == ({"peer1.conf"} if "peer1.conf" in arguments else set())


def test_config_that_is_printed_is_found(known: list[str], operator: Operator) -> None:
    printed = operator.run("vpn", "config", "peer1", "--stack", "staging")
    assert len(_found(known, printed.stdout)) == 1


def test_no_object_shows_a_secret_when_it_is_printed(known: list[str], sandbox: Up, operator: Operator) -> None:
    del operator  # its environment is what is wanted
    configs = stack_output(OUTPUT, stack="staging", root=sandbox.folder)
    peers = read_stack_file("staging", sandbox.folder).environment.bastion.peers
    shown = repr(client_config("peer1", peers, configs))
    assert shown
    assert _found(known, shown) == []
