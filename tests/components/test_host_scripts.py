import json
import os
import re
import subprocess
import sys
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
    folders = dict.fromkeys(script.parent.name for script in SCRIPTS)
    assert {folder: [script.name for script in SCRIPTS if script.parent.name == folder] for folder in folders} == {
        "agent": ["agent-age.sh", "build-agent.sh"],
        "bastion": ["vpn-peers.sh", "vpn-server-key.sh"],
        "clickhouse": ["clickhouse-configure.sh"],
        "edge": ["certificate-expiry.sh"],
        "host": ["data-volume.sh", "host-packages.sh", "retry.sh"],
        "redis": ["redis-ask.sh", "redis-configure.sh", "redis-observe.sh"],
        "services": ["nginx-apply.sh", "service-credentials.sh", "service-ready.sh"],
    }


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

    def calls(self) -> list[str]:
        """Return, and forget, what was done to the network, with files by their names alone."""
        return [re.sub(r"\S*/", "", call) for call in self.host.calls() if not call.startswith("aws ")]


def peer(name: str, address: str) -> dict[str, str]:
    return {"name": name, "address": address, "public_key": PEER_KEY}


ONE_PEER = json.dumps([peer("asha", "10.10.0.2")])
TWO_PEERS = json.dumps([peer("asha", "10.10.0.2"), peer("ben", "10.10.0.3")])


@pytest.fixture
def vpn(host: FakeHost) -> Vpn:
    return Vpn(host)


def test_first_run_brings_the_interface_up_with_its_peers(vpn: Vpn) -> None:
    assert vpn.apply(ONE_PEER).returncode == 0
    assert vpn.config.read_text(encoding="utf-8") == (
        "[Interface]\nListenPort = 51820\nPrivateKey = server-key\n"
        f"\n# asha\n[Peer]\nPublicKey = {PEER_KEY}\nAllowedIPs = 10.10.0.2/32\n"
    )
    assert vpn.config.stat().st_mode & 0o777 == 0o600
    assert vpn.calls() == ["ip link show dev wg0", "wg-quick up wg0.conf"]


def test_unchanged_peers_are_left_alone(vpn: Vpn) -> None:
    vpn.apply(ONE_PEER)
    vpn.calls()
    assert vpn.apply(ONE_PEER).returncode == 0
    assert vpn.calls() == ["ip link show dev wg0"]


def test_changed_peers_are_synchronised_without_a_restart(vpn: Vpn) -> None:
    vpn.apply(ONE_PEER)
    vpn.calls()
    assert vpn.apply(TWO_PEERS).returncode == 0
    assert vpn.calls() == ["ip link show dev wg0", "wg-quick strip wg0.conf", "wg syncconf wg0 stripped"]
    assert "AllowedIPs = 10.10.0.3/32" in vpn.config.read_text(encoding="utf-8")


def test_last_peer_can_be_removed(vpn: Vpn) -> None:
    vpn.apply(ONE_PEER)
    assert vpn.apply("[]").returncode == 0
    assert "[Peer]" not in vpn.config.read_text(encoding="utf-8")


def test_interface_that_went_down_comes_up_again(vpn: Vpn) -> None:
    vpn.apply(ONE_PEER)
    vpn.calls()
    (vpn.host.directory / "up").unlink()
    assert vpn.apply(ONE_PEER).returncode == 0
    assert vpn.calls() == ["ip link show dev wg0", "wg-quick up wg0.conf"]


@pytest.mark.parametrize("peers", ["{}", "null", "no json", ""])
def test_list_that_cannot_be_read_changes_nothing_and_fails(vpn: Vpn, peers: str) -> None:
    vpn.apply(ONE_PEER)
    before = vpn.config.read_text(encoding="utf-8")
    vpn.calls()
    assert vpn.apply(peers).returncode != 0
    assert vpn.config.read_text(encoding="utf-8") == before
    assert vpn.calls() == []


def test_list_that_wireguard_refuses_is_tried_again_and_fails_again(vpn: Vpn) -> None:
    vpn.apply(ONE_PEER)
    before = vpn.config.read_text(encoding="utf-8")
    (vpn.host.directory / "refuse").touch()
    for _ in range(2):
        vpn.calls()
        assert vpn.apply(TWO_PEERS).returncode != 0
        assert vpn.calls()[-1] == "wg syncconf wg0 stripped"
        assert vpn.config.read_text(encoding="utf-8") == before


# data-volume


class Volume:
    """A device whose content is a word, and the programs that look at it, format it and mount it."""

    def __init__(self, host: FakeHost, content: str) -> None:
        self.host = host
        self.content = host.directory / "content"
        self.content.write_text(content, encoding="utf-8")
        self.fstab = host.directory / "fstab"
        self.fstab.touch()
        self.device = host.directory / "device"
        mounted = f"{host.directory}/mounted"
        host.fake(
            "blkid",
            f"""
            case $(<"{self.content}") in
                blank | partitions) exit 2 ;;
                unreadable) exit 4 ;;
                *) cat "{self.content}" ;;
            esac""",
        )
        host.fake("wipefs", f'[[ $(<"{self.content}") == blank ]] || cat "{self.content}"')
        host.fake("cmp", f'[[ $(<"{self.content}") == blank ]]')
        host.fake("mkfs.xfs", f'echo -n xfs >"{self.content}"')
        host.fake("mountpoint", f'[ -e "{mounted}" ]')
        host.fake("mount", f'touch "{mounted}"')
        host.fake("findmnt", f'echo "{self.device}"')
        for program in ("chown", "xfs_growfs"):
            host.fake(program)

    def prepare(self, *, arrives: bool = True) -> subprocess.CompletedProcess[str]:
        # A function exported to bash, since "test -b" is a builtin and a real block device needs root.
        return self.host.run(
            "host/data-volume.sh",
            self.device,
            self.host.directory / "mount",
            self.fstab,
            "101:101",
            environment={"BASH_FUNC_test%%": f"() {{ return {0 if arrives else 1}; }}"},
        )

    def programs(self) -> list[str]:
        return [call.split()[0] for call in self.host.calls()]


def test_blank_volume_is_formatted_mounted_and_mounted_again_after_a_reboot(host: FakeHost) -> None:
    volume = Volume(host, "blank")
    assert volume.prepare().returncode == 0
    mount_point = host.directory / "mount"
    assert host.calls() == [
        f"mountpoint --quiet {mount_point}",
        f"blkid --probe {volume.device}",
        f"wipefs --no-act --noheadings {volume.device}",
        f"cmp --silent --bytes=1048576 {volume.device} /dev/zero",
        f"mkfs.xfs -q {volume.device}",
        f"blkid --probe --match-tag TYPE --output value {volume.device}",
        f"mount --types xfs --options noatime {volume.device} {mount_point}",
        f"findmnt --noheadings --output SOURCE --mountpoint {mount_point}",
        f"xfs_growfs {mount_point}",
        f"chown 101:101 {mount_point}",
    ]
    assert volume.fstab.read_text(encoding="utf-8") == (
        f"{volume.device} {mount_point} xfs noatime,nofail,x-systemd.device-timeout=60s 0 0\n"
    )


def test_volume_with_data_is_mounted_and_never_formatted(host: FakeHost) -> None:
    volume = Volume(host, "xfs")
    assert volume.prepare().returncode == 0
    programs = volume.programs()
    assert "mount" in programs
    assert "mkfs.xfs" not in programs


def test_second_run_mounts_nothing_and_adds_no_second_line(host: FakeHost) -> None:
    volume = Volume(host, "blank")
    volume.prepare()
    fstab = volume.fstab.read_text(encoding="utf-8")
    volume.programs()
    assert volume.prepare().returncode == 0
    assert volume.programs() == ["mountpoint", "findmnt", "xfs_growfs", "chown"]
    assert volume.fstab.read_text(encoding="utf-8") == fstab


@pytest.mark.parametrize("content", ["partitions", "unreadable", "ext4"])
def test_volume_that_is_neither_blank_nor_xfs_is_left_as_it_is(host: FakeHost, content: str) -> None:
    volume = Volume(host, content)
    ran = volume.prepare()
    assert ran.returncode == 1
    assert ran.stderr == f"{volume.device} holds no XFS file system and is not blank: left as it is\n"
    assert not {"mkfs.xfs", "mount"} & set(volume.programs())
    assert volume.fstab.read_text(encoding="utf-8") == ""


def test_volume_that_cannot_be_examined_is_not_taken_for_blank(host: FakeHost) -> None:
    volume = Volume(host, "blank")
    host.fake("wipefs", "exit 1")
    assert volume.prepare().returncode == 1
    assert "mkfs.xfs" not in volume.programs()


def test_another_device_at_the_mount_point_is_refused(host: FakeHost) -> None:
    volume = Volume(host, "xfs")
    host.answer("findmnt", "/dev/nvme0n1p1\n")
    ran = volume.prepare()
    assert ran.returncode == 1
    assert ran.stderr == f"{host.directory}/mount holds /dev/nvme0n1p1, not {volume.device}\n"


def test_volume_is_waited_for_and_its_absence_is_a_failure(host: FakeHost) -> None:
    volume = Volume(host, "blank")
    assert volume.prepare(arrives=False).returncode == 1
    assert volume.programs() == ["sleep"] * 119


# service-credentials

NAMES = json.dumps({"web": {"shop/db": ["DB_PASSWORD"], "shop/web": ["TOKEN"]}, "jobs": {}})
SECRETS = """case "$4" in
    shop/db) echo '{"DB_PASSWORD": "a=\\"b\\" $c", "DB_USER": "shop"}' ;;
    shop/web) echo '{"TOKEN": "t"}' ;;
esac"""


def credentials_of(host: FakeHost, name: str, names: str = NAMES) -> subprocess.CompletedProcess[str]:
    require_program("jq", package="jq")
    (host.directory / "names.json").write_text(names, encoding="utf-8")
    return host.run("services/service-credentials.sh", host.directory / "names.json", name, host.directory / "run")


def test_service_gets_the_keys_that_it_is_to_have_and_no_other(host: FakeHost) -> None:
    host.fake("aws", SECRETS)
    ran = credentials_of(host, "web")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    file = host.directory / "run/web"
    assert file.read_text(encoding="utf-8") == 'DB_PASSWORD=a="b" $c\nTOKEN=t\n'
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert credentials_of(host, "jobs").returncode == 0
    assert (host.directory / "run/jobs").read_text(encoding="utf-8") == ""


@pytest.mark.parametrize(
    ("names", "aws", "message"),
    [
        ('{"web": {"shop/db": ["LOST"]}}', SECRETS, "shop/db has no text under LOST"),
        (NAMES, """echo '{"DB_PASSWORD": "1\\nDB_USER=root"}'""", "shop/db: DB_PASSWORD has a line break"),
        (NAMES, "echo '[]'", "shop/db is no JSON object"),
        ("{}", SECRETS, "web is none of the services with secrets"),
        (NAMES, "exit 254", "attempt 5 of 5 failed: aws secretsmanager get-secret-value --secret-id shop/db"),
    ],
)
def test_credentials_that_cannot_be_whole_leave_those_that_are_there(
    names: str, aws: str, message: str, host: FakeHost
) -> None:
    host.fake("aws", SECRETS)
    assert credentials_of(host, "web").returncode == 0
    host.fake("aws", aws)
    ran = credentials_of(host, "web", names)
    assert ran.returncode != 0
    assert message in ran.stderr
    assert "root" not in ran.stderr
    assert [path.name for path in (host.directory / "run").iterdir()] == ["web"]
    assert (host.directory / "run/web").read_text(encoding="utf-8").endswith("TOKEN=t\n")


# service-ready


def test_service_that_ended_is_not_waited_for(host: FakeHost) -> None:
    host.fake("curl", "exit 7")
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    ran = host.run("services/service-ready.sh", "8000", "/health", environment={"MAINPID": str(ended.pid)})
    assert (ran.returncode, ran.stderr) == (1, "ended before http://127.0.0.1:8000/health answered\n")


def test_service_is_waited_for_until_it_answers(host: FakeHost) -> None:
    host.fake("curl", f"[ -e {host.directory}/second ] || {{ touch {host.directory}/second; exit 22; }}")
    ran = host.run("services/service-ready.sh", "8000", "/health", environment={"MAINPID": str(os.getpid())})
    assert (ran.returncode, ran.stderr) == (0, "")
    asked = "curl --fail --silent --max-time 2 --output /dev/null http://127.0.0.1:8000/health"
    assert host.calls() == [asked, asked]
