import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from workbench.sandbox.embedded import EmbeddedAws, ServerState, running, stop_running
from workbench.sandbox.errors import SandboxError


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_until_silent(port: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not answers(port):
            return True
        time.sleep(0.05)
    return False


def test_embedded_aws_answers_inside_its_block_and_is_gone_behind_it() -> None:
    with EmbeddedAws.start() as aws:
        assert aws.endpoint_url == f"http://127.0.0.1:{aws.state.port}"
        assert aws.clients.get("ec2", "eu-west-1").describe_key_pairs()["KeyPairs"] == []
    assert not answers(aws.state.port)


def test_detached_one_is_found_through_its_state_file_and_ended(tmp_path: Path) -> None:
    state_file = tmp_path / "sandbox" / "state.json"
    aws = EmbeddedAws.start(log=tmp_path / "sandbox" / "server.log")
    aws.stay()
    aws.remember(state_file, stack="production")
    aws.remember(state_file, stack="staging")
    found = running(state_file)
    assert found is not None
    assert found.state == ServerState(
        pid=aws.state.pid, port=aws.state.port, token=aws.state.token, stacks=("production", "staging")
    )
    assert state_file.stat().st_mode & 0o777 == 0o600
    assert (stop_running(state_file), state_file.exists()) == (True, False)
    assert not answers(aws.state.port)
    assert stop_running(state_file) is False


def test_token_stands_in_no_process_list() -> None:
    with EmbeddedAws.start() as aws:
        aws.clients.get("sts", "eu-west-1").get_caller_identity()
        arguments = Path(f"/proc/{aws.state.pid}/cmdline").read_bytes()
        assert arguments
        assert aws.state.token.encode() not in arguments


def test_stale_state_is_removed_and_nobody_elses_process_is_touched(tmp_path: Path) -> None:
    state_file = tmp_path / "state.json"
    with EmbeddedAws.start() as stranger, subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1) as bystander:
        # The number of a process that lives, and a port where another embedded AWS answers.
        stale: dict[str, Any] = {"pid": bystander.pid, "port": stranger.state.port, "token": "another", "stacks": []}
        state_file.write_text(json.dumps(stale))
        assert (running(state_file), state_file.exists()) == (None, False)
        state_file.write_text(json.dumps(stale))
        assert stop_running(state_file) is False
        assert (bystander.poll(), answers(stranger.state.port)) == (None, True)
        bystander.communicate(b"\n")


@pytest.mark.parametrize("content", ["", "{}", '{"pid": 1, "port": 9, "token": "x"}', "[]", '{"stacks": 1'])
def test_unreadable_state_counts_as_none(tmp_path: Path, content: str) -> None:
    state_file = tmp_path / "state.json"
    state_file.write_text(content)
    assert (running(state_file), state_file.exists()) == (None, False)


def test_no_state_file_counts_as_none(tmp_path: Path) -> None:
    assert running(tmp_path / "none" / "state.json") is None


def test_taken_port_is_named() -> None:
    with (
        EmbeddedAws.start() as aws,
        pytest.raises(SandboxError, match=f"port {aws.state.port}: Address already in use"),
    ):
        EmbeddedAws.start(port=aws.state.port)


def test_chosen_port_is_used() -> None:
    with EmbeddedAws.start() as aws:
        port = aws.state.port
    with EmbeddedAws.start(port=port) as again:
        assert again.state.port == port


def test_stopping_what_has_ended_is_an_error_of_one_line() -> None:
    with EmbeddedAws.start() as aws:
        port = aws.state.port
    with pytest.raises(SandboxError, match=f"nothing that was started here answers at http://127.0.0.1:{port}"):
        EmbeddedAws(aws.state).stop()


def test_block_ends_in_peace_when_the_server_ended_before() -> None:
    with EmbeddedAws.start() as aws:
        EmbeddedAws(aws.state).stop()
    assert not answers(aws.state.port)


def test_it_ends_when_its_parent_is_killed() -> None:
    program = (
        "from workbench.sandbox.embedded import EmbeddedAws\n"
        "print(EmbeddedAws.start().state.port, flush=True)\n"
        "input()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=-1, stdout=-1, text=True) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
        assert wait_until_silent(port)


def test_operators_own_aws_settings_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of-the-operator")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://ec2.amazonaws.com")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOPERATOR")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with EmbeddedAws.start() as aws:
        client = aws.clients.get("sts", "eu-west-1")
        assert client.get_caller_identity()["Account"] == "123456789012"
        assert client.meta.endpoint_url == aws.endpoint_url
