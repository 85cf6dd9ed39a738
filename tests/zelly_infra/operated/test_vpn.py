"""``zelly vpn config`` and ``peers``, from the embedded AWS and from Pulumi."""

import base64
import http.client
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import segno

from tests.support.programs import require_program
from tests.zelly_infra.operated.conftest import Completed, Operator, Up
from tests.zelly_infra.stack_files import PREPRODUCTION, environment_of, with_changes, write_stack_file
from workbench.sandbox.embedded import STATE_FILE

REGION = "ap-southeast-1"
PARAMETER = "/zelly/staging/wireguard/peers"
STAGING = ("--stack", "staging")
OWN_KEY = base64.b64encode(bytes(range(32))).decode()


def _fetched(sandbox: Up) -> dict[str, dict[str, str]]:
    value = sandbox.client("ssm", REGION).get_parameter(Name=PARAMETER)["Parameter"]["Value"]
    return {entry["name"]: entry for entry in json.loads(value)}


def _config(sandbox: Up, peer: str) -> str:
    outputs = sandbox.aws.outputs("staging")
    assert outputs is not None
    return outputs["vpn_client_configs"][peer]


def _wg(program: str, *arguments: str, text: str = "") -> str:
    path = require_program(program, package="wireguard-tools")
    return subprocess.run([path, *arguments], input=text, capture_output=True, text=True, check=True).stdout


def test_config_is_written_for_its_owner_alone_and_wireguard_reads_it(
    operator: Operator, sandbox: Up, tmp_path: Path
) -> None:
    file = tmp_path / "peer1.conf"
    completed = operator.run("vpn", "config", "peer1", "--output", str(file), *STAGING)
    assert completed == Completed(
        exit_code=0, stdout="", stderr=f"{file}: written, mode 600. On Linux: sudo wg-quick up {file}\n"
    )
    assert (file.stat().st_mode & 0o777, file.read_text()) == (0o600, _config(sandbox, "peer1"))
    assert [path.name for path in tmp_path.iterdir()] == ["peer1.conf"]
    stripped = _wg("wg-quick", "strip", str(file))
    (private,) = (line.partition(" = ")[2] for line in stripped.splitlines() if line.startswith("PrivateKey"))
    assert _wg("wg", "pubkey", text=private).strip() == _fetched(sandbox)["peer1"]["public_key"]


def test_config_goes_to_a_pipe_as_it_is(operator: Operator, sandbox: Up) -> None:
    assert operator.run("vpn", "config", "peer2", *STAGING) == Completed(
        exit_code=0, stdout=_config(sandbox, "peer2"), stderr=""
    )
    assert json.loads(operator.run("vpn", "config", "peer2", "--json", *STAGING).stdout) == {
        "peer": "peer2",
        "holds_private_key": True,
        "config": _config(sandbox, "peer2"),
    }


def test_private_key_is_not_printed_on_a_terminal(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert operator.run("vpn", "config", "peer1", *STAGING) == Completed(
        exit_code=2,
        stdout="",
        stderr=(
            "standard output: a terminal, where the private key would stay; allowed: --output FILE, --qr, or a pipe\n"
        ),
    )


def test_existing_file_is_replaced_only_with_a_yes(operator: Operator, sandbox: Up, tmp_path: Path) -> None:
    file = tmp_path / "peer1.conf"
    file.write_text("somebody's\n")
    file.chmod(0o644)
    arguments = ("vpn", "config", "peer1", "--output", str(file), *STAGING)
    assert operator.run(*arguments) == Completed(
        exit_code=2, stdout="", stderr=f"{file}: there already; --yes replaces it\n"
    )
    assert file.read_text() == "somebody's\n"
    assert operator.run(*arguments, "--yes").exit_code == 0
    assert (file.stat().st_mode & 0o777, file.read_text()) == (0o600, _config(sandbox, "peer1"))
    nowhere = tmp_path / "nowhere" / "peer1.conf"
    assert operator.run("vpn", "config", "peer1", "--output", str(nowhere), *STAGING).stderr == (
        f"{nowhere}: No such file or directory; a file that can be written is required\n"
    )


def _modules(drawn: str) -> list[list[int]]:
    """Return a code that was drawn in half blocks as rows of 0 (light) and 1 (dark)."""
    rows: list[list[int]] = []
    for line in drawn.splitlines():
        rows.append([0 if block in "█▀" else 1 for block in line])
        rows.append([0 if block in "█▄" else 1 for block in line])
    return rows


def test_code_for_a_camera_is_the_config_inside_a_light_margin(operator: Operator, sandbox: Up) -> None:
    completed = operator.run("vpn", "config", "peer1", "--qr", *STAGING)
    expected = [[int(module) for module in row] for row in segno.make(_config(sandbox, "peer1"), micro=False).matrix]
    width = len(expected) + 8
    margin = [[0] * width] * 4
    drawn = _modules(completed.stdout)
    assert (completed.exit_code, completed.stderr) == (0, "")
    assert drawn[:width] == [*margin, *([0] * 4 + row + [0] * 4 for row in expected), *margin]


def test_unknown_peer_and_mixed_options_are_one_line(operator: Operator) -> None:
    assert operator.run("vpn", "config", "peer3", *STAGING).stderr == (
        "peer: came peer3; allowed in staging: peer1, peer2\n"
    )
    assert operator.run("vpn", "config", "peer1", "--qr", "--json", *STAGING).stderr == (
        "--qr: came with --json; allowed: one of them\n"
    )


def test_peers_are_those_that_the_bastion_fetches(operator: Operator, sandbox: Up) -> None:
    fetched = _fetched(sandbox)
    assert json.loads(operator.run("vpn", "peers", "--json", *STAGING).stdout) == {
        "stack": "staging",
        "peers": [
            {
                "peer": name,
                "address": address,
                "public_key": fetched[name]["public_key"],
                "in_sync": True,
                "state": "in sync",
            }
            for name, address in (("peer1", "10.10.0.2"), ("peer2", "10.10.0.3"))
        ],
    }


@pytest.fixture
def project(operator: Operator, sandbox: Up, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another checkout of the project, whose staging has other peers, with the same embedded AWS."""
    del operator  # its environment is what is wanted
    folder = tmp_path / "checkout"
    folder.mkdir()
    shutil.copy(sandbox.folder / "Pulumi.yaml", folder)
    environment = with_changes(
        environment_of("staging"),
        {
            "bastion/peers": {
                "peer1": {"address": "10.10.0.2", "public_key": OWN_KEY},
                "asha": {"address": "10.10.0.9"},
            }
        },
    )
    write_stack_file(folder, "staging", environment)
    monkeypatch.chdir(folder)
    return folder


def test_peers_that_differ_say_what_the_next_up_does(operator: Operator, project: Path, sandbox: Up) -> None:
    del project
    rows = json.loads(operator.run("vpn", "peers", "--json", *STAGING).stdout)["peers"]
    fetched = _fetched(sandbox)
    assert [(row["peer"], row["address"], row["public_key"], row["in_sync"], row["state"]) for row in rows] == [
        ("peer1", "10.10.0.2", OWN_KEY, False, "differs in AWS: the next `pulumi up` changes it"),
        ("asha", "10.10.0.9", None, False, "not in AWS yet: the next `pulumi up` adds it"),
        (
            "peer2",
            "10.10.0.3",
            fetched["peer2"]["public_key"],
            False,
            "not in the stack file: the next `pulumi up` removes it",
        ),
    ]


# From Pulumi's command line: another project, so that the embedded AWS that is running is not its own.


@pytest.fixture
def pulumi(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a ``pulumi`` on the PATH that answers the one command there is; it keeps what it was called with."""
    folder = tmp_path / "bin"
    folder.mkdir()
    called = tmp_path / "called"
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    expected = "stack output vpn_client_configs --show-secrets --json --stack staging --non-interactive"

    def answer(script: str) -> Path:
        (folder / "pulumi").write_text(
            f'#!/bin/sh\nprintf "%s|%s" "$PWD" "$*" >"{called}"\n[ "$*" = "{expected}" ] || exit 99\n{script}\n'
        )
        (folder / "pulumi").chmod(0o755)
        return called

    del project
    return answer


def _answer(configs: dict[str, str]) -> str:
    return f"cat <<'END'\n{json.dumps(configs)}\nEND"


def test_outputs_of_another_stack_come_from_pulumi_in_the_projects_folder(
    operator: Operator, project: Path, pulumi: Callable[[str], Path]
) -> None:
    called = pulumi(_answer({"asha": "[Interface]\nPrivateKey = abc\n"}))
    assert operator.run("vpn", "config", "asha", *STAGING) == Completed(
        exit_code=0, stdout="[Interface]\nPrivateKey = abc\n", stderr=""
    )
    assert called.read_text() == (
        f"{project}|stack output vpn_client_configs --show-secrets --json --stack staging --non-interactive"
    )


def test_peer_with_its_own_key_is_told_to_put_it_in(
    operator: Operator, pulumi: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "[Interface]\nPrivateKey = <private key of peer1>\n"
    pulumi(_answer({"peer1": text}))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert operator.run("vpn", "config", "peer1", *STAGING) == Completed(
        exit_code=0,
        stdout=text,
        stderr="peer1 made its own key: put the private one where the line PrivateKey says so.\n",
    )
    assert operator.run("vpn", "config", "peer1", "--qr", *STAGING).stderr == (
        "--qr: peer1 made its own key, which a code cannot be completed with; allowed: --output FILE\n"
    )


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        (_answer({}), "peer asha: in the stack file, and not made yet; `pulumi up` makes it"),
        (
            "echo 'warning: x' >&2; echo \"error: no stack named 'staging' found\" >&2; echo s3cret; exit 255",
            "pulumi stack output vpn_client_configs --stack staging: no stack named 'staging' found",
        ),
        ("echo s3cret; exit 3", "pulumi stack output vpn_client_configs --stack staging: it ended with 3"),
        ("echo s3cret", "pulumi stack output vpn_client_configs --stack staging: it answered with no JSON"),
    ],
)
def test_what_pulumi_cannot_tell_is_one_line(
    operator: Operator, pulumi: Callable[[str], Path], script: str, complaint: str
) -> None:
    pulumi(script)
    assert operator.run("vpn", "config", "asha", *STAGING) == Completed(exit_code=2, stdout="", stderr=f"{complaint}\n")


def test_without_pulumi_it_says_so(operator: Operator, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project))
    assert operator.run("vpn", "config", "asha", *STAGING).stderr == (
        "pulumi: not on PATH; the output vpn_client_configs of staging stands in the state, which only Pulumi reads\n"
    )


def test_stack_that_is_not_up_in_the_embedded_aws_is_named(operator: Operator, project: Path, sandbox: Up) -> None:
    (project / STATE_FILE).parent.mkdir()
    shutil.copy(sandbox.folder / STATE_FILE, project / STATE_FILE)
    write_stack_file(project, "preproduction", with_changes(environment_of("staging"), PREPRODUCTION))
    assert operator.run("vpn", "config", "peer1", "--stack", "preproduction").stderr == (
        f"preproduction: not up in the embedded AWS at {sandbox.aws.endpoint_url}; "
        "`zelly sandbox up preproduction` brings it up\n"
    )


def test_outputs_are_given_to_nobody_without_the_token(sandbox: Up) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.aws.state.port)
    connection.request("POST", "/workbench-sandbox/outputs", headers={"X-Up-Token": "guess"})
    response = connection.getresponse()
    answer: Any = response.read()
    assert (response.status, answer) == (403, b"{}")
