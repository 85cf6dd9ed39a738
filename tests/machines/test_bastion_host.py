"""A bastion from its first boot on: real systemd, cloud-init, nftables and WireGuard; AWS stands in."""

import json

import pytest

from tests.machines.bastion_machine import NETWORK, PEERS, BastionFactory, Interface
from tests.machines.hosts import SERVER_KEY, peer_key
from tests.zelly_infra.evaluations import STACKS
from zelly_components.alarms.host_metrics import UNIT_FAILED
from zelly_components.hosts import wireguard

FILES = {
    "etc/host/cloudwatch-agent.json": "-rw-r--r--",
    "etc/host/environment": "-rw-r--r--",
    "etc/host/vpn.nft": "-rw-r--r--",
    "etc/host/wg0-interface.conf": "-rw-r--r--",
    "etc/systemd/system/host-logging.service": "-rw-r--r--",
    "etc/systemd/system/multi-user.target.wants/rsyslog.service": "lrwxrwxrwx",
    "etc/systemd/system/timers.target.wants/vpn-peers.timer": "lrwxrwxrwx",
    "etc/systemd/system/vpn-network.service": "-rw-r--r--",
    "etc/systemd/system/vpn-peers.service": "-rw-r--r--",
    "etc/systemd/system/vpn-peers.timer": "-rw-r--r--",
    "etc/wireguard/wg0.conf": "-rw-------",
    "usr/local/sbin/host-packages": "-rwxr-xr-x",
    "usr/local/sbin/retry": "-rwxr-xr-x",
    "usr/local/sbin/vpn-peers": "-rwxr-xr-x",
    "usr/local/sbin/vpn-server-key": "-rwxr-xr-x",
}
VPC = {"production": "10.0.0.0/16", "staging": "10.1.0.0/16"}
SERVER = wireguard.public_key(SERVER_KEY)
WANTED = Interface(SERVER, 51820, {peer_key("peer1"): "10.10.0.2/32", peer_key("peer2"): "10.10.0.3/32"})
ASKED_FOR_KEY = (
    "aws secretsmanager get-secret-value --secret-id zelly/wireguard/server --query SecretString --output text"
)


@pytest.mark.parametrize("stack", STACKS)
def test_second_boot_changes_nothing(stack: str, new_bastion: BastionFactory) -> None:
    bastion = new_bastion(stack)
    logging = "amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:/etc/host/cloudwatch-agent.json"
    asked_for_peers = (
        f"aws ssm get-parameter --name /zelly/{stack}/wireguard/peers --query Parameter.Value --output text"
    )
    installations = [
        "dnf --assumeyes --quiet install amazon-cloudwatch-agent rsyslog",
        "dnf --assumeyes --quiet install jq nftables wireguard-tools",
    ]

    assert bastion.boot() == "success"
    files = bastion.machine.files()
    assert {name: file.mode for name, file in files.items()} == FILES
    assert bastion.actions() == sorted([logging, ASKED_FOR_KEY, asked_for_peers, *installations])

    assert bastion.reboot() == "success"
    assert bastion.machine.files().keys() == files.keys()
    changed = [name for name, file in bastion.machine.files().items() if file != files[name]]
    # Written anew with the interface, which no reboot outlives; its content is the same.
    assert changed == ["etc/wireguard/wg0.conf"]
    assert bastion.machine.files()[changed[0]].sha256 == files[changed[0]].sha256
    assert bastion.actions() == sorted([logging, ASKED_FOR_KEY, asked_for_peers])
    assert bastion.machine.journal(NETWORK) == [f"server's public key: {SERVER}"]

    files = bastion.machine.files()
    assert bastion.run_again() == "success"
    assert (bastion.machine.files(), bastion.actions()) == (files, [asked_for_peers])


@pytest.mark.parametrize("stack", STACKS)
def test_tunnel_firewall_and_forwarding_are_up(stack: str, new_bastion: BastionFactory) -> None:
    bastion = new_bastion(stack)
    bastion.boot()
    assert bastion.interface() == WANTED
    assert bastion.forwards()
    assert bastion.rules("forward") == [
        "type filter hook forward priority filter; policy drop;",
        "ct state established,related accept",
        f'iifname "wg0" ip saddr 10.10.0.0/24 ip daddr {VPC[stack]} accept',
    ]
    assert bastion.rules("input") == [
        "type filter hook input priority filter; policy accept;",
        'iifname "wg0" ct state established,related accept',
        'iifname "wg0" icmp type echo-request accept',
        'iifname "wg0" drop',
    ]
    assert bastion.rules("postrouting") == [
        "type nat hook postrouting priority srcnat; policy accept;",
        f"ip saddr 10.10.0.0/24 ip daddr {VPC[stack]} masquerade",
    ]
    link = json.loads(bastion.machine.run("ip", "-4", "-json", "address", "show", "dev", "wg0").stdout)[0]
    assert link["mtu"] == 1420
    assert [(found["local"], found["prefixlen"]) for found in link["addr_info"]] == [("10.10.0.1", 24)]


def test_peers_come_and_go_with_the_parameter(new_bastion: BastionFactory) -> None:
    bastion = new_bastion()
    bastion.boot()
    peers = json.loads(bastion.host.parameter)
    newcomer = {"name": "asha", "address": "10.10.0.9", "public_key": peer_key("asha")}
    bastion.machine.answer(bastion.host.parameter_request, json.dumps([*peers[1:], newcomer]))
    assert bastion.run_again() == "success"
    assert bastion.interface() == Interface(
        SERVER, 51820, {peer_key("peer2"): "10.10.0.3/32", peer_key("asha"): "10.10.0.9/32"}
    )
    assert bastion.machine.journal(PEERS)[-1] == "peers changed"


def test_key_that_is_refused_at_first_is_asked_for_again(new_bastion: BastionFactory) -> None:
    bastion = new_bastion()
    bastion.machine.answer(bastion.host.secret_request, bastion.host.secret, refusals=2)
    assert bastion.boot() == "success"
    assert [line for line in bastion.machine.journal(NETWORK) if line.startswith("attempt")] == [
        f"attempt {attempt} of 30 failed: {ASKED_FOR_KEY}" for attempt in (1, 2)
    ]
    assert bastion.interface() == WANTED


def test_key_that_never_comes_ends_visibly_behind_a_closed_firewall_and_heals(new_bastion: BastionFactory) -> None:
    bastion = new_bastion()
    bastion.machine.answer(bastion.host.secret_request, bastion.host.secret, refusals=1000)
    assert bastion.boot() == "exit-code"
    assert [bastion.machine.show(unit, "ActiveState") for unit in (NETWORK, PEERS)] == ["failed", "failed"]
    last = f"attempt 30 of 30 failed: {ASKED_FOR_KEY}"
    assert bastion.machine.journal(NETWORK)[-1] == last
    assert last in bastion.machine.console()
    assert f"{NETWORK}{UNIT_FAILED}exit-code'." in bastion.machine.systemd_says(NETWORK)
    assert bastion.interface() is None
    assert bastion.rules("forward")[0] == "type filter hook forward priority filter; policy drop;"
    assert "etc/wireguard/wg0.conf" not in bastion.machine.files()

    bastion.machine.answer(bastion.host.secret_request, bastion.host.secret)
    assert bastion.run_again() == "success"
    assert bastion.interface() == WANTED


@pytest.mark.parametrize("program", ["wg", "mv", "wg-quick"])
def test_bastion_that_lost_its_power_halfway_is_whole_after_the_next_boot(
    program: str, new_bastion: BastionFactory
) -> None:
    bastion = new_bastion()
    cut = bastion.machine.hang_after(program)
    bastion.machine.boot()
    cut()
    assert bastion.boot() == "success"
    assert {name: file.mode for name, file in bastion.machine.files().items()} == FILES
    assert bastion.interface() == WANTED
    assert bastion.forwards()


def test_servers_key_stands_in_wireguards_file_alone(new_bastion: BastionFactory) -> None:
    bastion = new_bastion()
    bastion.boot()
    bastion.reboot()
    assert bastion.machine.mentions(SERVER_KEY) == ["etc/wireguard/wg0.conf"]
    key = bastion.machine.run("stat", "--format", "%A %U", "/run/vpn", "/run/vpn/server.key").stdout
    assert key == "drwx------ root\n-rw------- root\n"
