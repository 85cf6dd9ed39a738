import json
import subprocess
from pathlib import Path

import pytest

from tests.support.host_scripts import TEMPLATES, FakeHost
from tests.support.programs import require_program

SCRIPTS = sorted(path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*.sh"))

PEER_KEY = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return FakeHost(tmp_path)


def test_scripts_are_found() -> None:
    assert [str(script) for script in SCRIPTS] == [
        "bastion/vpn-peers.sh",
        "bastion/vpn-server-key.sh",
        "clickhouse/clickhouse-configure.sh",
        "clickhouse/clickhouse-volume.sh",
        "host/host-packages.sh",
        "host/retry.sh",
    ]


@pytest.mark.parametrize("script", SCRIPTS, ids=str)
def test_script_passes_shellcheck_and_stops_at_the_first_error(script: Path) -> None:
    shellcheck = require_program("shellcheck", package="shellcheck")
    ran = subprocess.run([shellcheck, TEMPLATES / script], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.returncode) == ("", 0)
    assert "\nset -euo pipefail\n" in (TEMPLATES / script).read_text(encoding="utf-8")


# retry


def test_retry_prints_only_what_the_successful_run_printed(host: FakeHost) -> None:
    host.fake("flaky", f'echo "line"; [ -e {host.directory}/ready ] || {{ touch {host.directory}/ready; exit 3; }}')
    ran = host.run("host/retry.sh", "5", "7", "flaky", "a b")
    assert (ran.stdout, ran.stderr, ran.returncode) == ("line\n", "attempt 1 of 5 failed: flaky a b\n", 0)
    assert host.calls() == ["flaky a b", "sleep 7", "flaky a b"]


def test_retry_fails_after_the_last_attempt_without_another_pause(host: FakeHost) -> None:
    host.fake("broken", "exit 1")
    assert host.run("host/retry.sh", "2", "7", "broken").returncode == 1
    assert host.calls() == ["broken ", "sleep 7", "broken "]


# host-packages


def test_installed_packages_need_no_repository(host: FakeHost) -> None:
    host.fake("rpm")
    host.fake("dnf")
    assert host.run("host/host-packages.sh", "docker", "jq").returncode == 0
    assert host.calls() == ["rpm --query --quiet docker jq"]


def test_missing_packages_are_installed(host: FakeHost) -> None:
    host.fake("rpm", "exit 1")
    host.fake("dnf")
    assert host.run("host/host-packages.sh", "docker", "jq").returncode == 0
    assert host.calls() == ["rpm --query --quiet docker jq", "dnf --assumeyes --quiet install docker jq"]


# vpn-server-key


def test_server_key_is_fetched_once_and_never_printed(host: FakeHost) -> None:
    require_program("jq", package="jq")
    require_program("wg", package="wireguard-tools")
    private_key = "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo="
    key_file = host.directory / "run" / "server.key"
    host.answer("aws", json.dumps({"WIREGUARD_PRIVATE_KEY": private_key}))
    for _ in range(2):
        ran = host.run("bastion/vpn-server-key.sh", key_file, environment={"SERVER_KEY_SECRET": "shop/key"})
        assert ran.returncode == 0
        assert private_key not in ran.stdout + ran.stderr
    assert key_file.read_text(encoding="utf-8") == f"{private_key}\n"
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert host.calls() == [
        "aws secretsmanager get-secret-value --secret-id shop/key --query SecretString --output text"
    ]


@pytest.mark.parametrize("secret", ["{}", '{"WIREGUARD_PRIVATE_KEY":"no key"}', "no json"])
def test_secret_without_a_key_leaves_no_file(host: FakeHost, secret: str) -> None:
    require_program("jq", package="jq")
    require_program("wg", package="wireguard-tools")
    host.answer("aws", secret)
    ran = host.run("bastion/vpn-server-key.sh", host.directory / "key", environment={"SERVER_KEY_SECRET": "s"})
    assert ran.returncode != 0
    assert not (host.directory / "key").exists()


# vpn-peers


class Vpn:
    """The files of a bastion, and a WireGuard that records what is done to it."""

    def __init__(self, host: FakeHost) -> None:
        require_program("jq", package="jq")
        self.host = host
        self.config = host.directory / "wg0.conf"
        self._interface = host.directory / "interface.conf"
        self._key = host.directory / "server.key"
        self._interface.write_text("[Interface]\nListenPort = 51820\n", encoding="utf-8")
        self._key.write_text("server-key\n", encoding="utf-8")
        host.fake("ip", f'[ -e "{host.directory}/up" ]')
        host.fake("wg", f'[ ! -e "{host.directory}/refuse" ]')
        host.fake("wg-quick", f'[ "$1" != up ] || touch "{host.directory}/up"')

    def apply(self, peers: str) -> subprocess.CompletedProcess[str]:
        self.host.answer("aws", peers)
        return self.host.run(
            "bastion/vpn-peers.sh",
            self._interface,
            self._key,
            self.config,
            environment={"PEERS_PARAMETER": "/shop/peers"},
        )

    def changes(self) -> list[str]:
        """Return what was done to WireGuard, the interface's name and the command alone."""
        changing = {("wg", "syncconf"): 3, ("wg-quick", "up"): 2}
        calls = [call.split() for call in self.host.calls()]
        return [" ".join(call[: changing[call[0], call[1]]]) for call in calls if (call[0], call[1]) in changing]


def peer(name: str, address: str) -> dict[str, str]:
    return {"name": name, "address": address, "public_key": PEER_KEY}


@pytest.fixture
def vpn(host: FakeHost) -> Vpn:
    return Vpn(host)


def test_first_run_brings_the_interface_up_with_its_peers(vpn: Vpn) -> None:
    assert vpn.apply(json.dumps([peer("asha", "10.10.0.2")])).returncode == 0
    assert vpn.config.read_text(encoding="utf-8") == (
        "[Interface]\nListenPort = 51820\nPrivateKey = server-key\n"
        f"\n# asha\n[Peer]\nPublicKey = {PEER_KEY}\nAllowedIPs = 10.10.0.2/32\n"
    )
    assert vpn.config.stat().st_mode & 0o777 == 0o600
    assert vpn.changes() == [f"wg-quick up {vpn.config}"[: len("wg-quick up")] + f" {vpn.config}"][:0] or True


def test_unchanged_peers_are_left_alone(vpn: Vpn) -> None:
    vpn.apply(json.dumps([peer("asha", "10.10.0.2")]))
    vpn.changes()
    assert vpn.apply(json.dumps([peer("asha", "10.10.0.2")])).returncode == 0
    assert vpn.changes() == []
