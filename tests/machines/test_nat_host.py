"""A NAT instance from its first boot on: what it writes, loads and says, and how it comes back."""

import pytest

from tests.machines.nat_machine import LOGGING, NAT, NatFactory
from tests.zelly_infra.evaluations import STACKS
from zelly_components.alarms.host_metrics import UNIT_FAILED

FILES = {
    "etc/host/cloudwatch-agent.json": "-rw-r--r--",
    "etc/host/nat.nft": "-rw-r--r--",
    "etc/systemd/system/host-logging.service": "-rw-r--r--",
    "etc/systemd/system/multi-user.target.wants/rsyslog.service": "lrwxrwxrwx",
    "etc/systemd/system/nat.service": "-rw-r--r--",
    "etc/systemd/system/nat.timer": "-rw-r--r--",
    "etc/systemd/system/timers.target.wants/nat.timer": "lrwxrwxrwx",
    "usr/local/sbin/host-packages": "-rwxr-xr-x",
    "usr/local/sbin/retry": "-rwxr-xr-x",
}
VPC = {"production": "10.0.0.0/16", "staging": "10.1.0.0/16"}
AGENT = "amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:/etc/host/cloudwatch-agent.json"
CLOSED = "type filter hook forward priority filter; policy drop;"


@pytest.mark.parametrize("stack", STACKS)
def test_second_boot_forwards_again_and_installs_nothing(stack: str, new_nat: NatFactory) -> None:
    nat = new_nat(stack)
    assert nat.boot() == "success"
    files = nat.machine.files()
    assert {name: file.mode for name, file in files.items()} == FILES
    # The subnets wait for the first, nobody for the second.
    assert nat.actions() == [
        "dnf --assumeyes --quiet install nftables",
        "dnf --assumeyes --quiet install amazon-cloudwatch-agent rsyslog",
        AGENT,
    ]
    rules = nat.rules("forward")

    assert nat.reboot() == "success"
    assert nat.machine.files() == files
    assert nat.actions() == [AGENT]
    assert (nat.forwards(), nat.rules("forward")) == (True, rules)


@pytest.mark.parametrize("stack", STACKS)
def test_firewall_and_forwarding_are_up(stack: str, new_nat: NatFactory) -> None:
    nat = new_nat(stack)
    nat.boot()
    assert nat.forwards()
    assert nat.rules("forward") == [
        CLOSED,
        "tcp flags syn tcp option maxseg size set 1460",
        "ct state established,related accept",
        "ip daddr { 10.0.0.0/8, 100.64.0.0/10, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16 } drop",
        f"ip saddr {VPC[stack]} tcp dport 443 ct state new accept",
    ]
    assert nat.rules("input") == [
        "type filter hook input priority filter; policy drop;",
        'iifname "lo" accept',
        "ct state established,related accept",
        "icmp type echo-request accept",
    ]
    assert nat.rules("postrouting") == [
        "type nat hook postrouting priority srcnat; policy accept;",
        f"ip saddr {VPC[stack]} ip daddr != {VPC[stack]} masquerade",
    ]
    assert [nat.machine.show(unit, "ActiveState") for unit in (NAT, LOGGING)] == ["active", "active"]
    assert not nat.tries_again()


def test_firewall_that_cannot_be_loaded_ends_visibly_with_nothing_forwarded_and_heals(new_nat: NatFactory) -> None:
    nat = new_nat()
    nat.boot()
    firewall = nat.machine.root / "etc/host/nat.nft"
    good = firewall.read_text(encoding="utf-8")
    firewall.write_text(good.replace("policy drop", "policy deny"), encoding="utf-8")

    assert nat.reboot() == "exit-code"
    assert nat.machine.show(NAT, "ActiveState") == "failed"
    assert not nat.forwards()
    # What the alarm's filter looks for, and what "aws ec2 get-console-output" shows.
    assert f"{NAT}{UNIT_FAILED}exit-code'." in nat.machine.systemd_says(NAT)
    assert "policy deny" in nat.machine.console()
    # Which is how anybody hears of it.
    assert nat.machine.show(LOGGING, "ActiveState") == "active"
    assert nat.tries_again()

    firewall.write_text(good, encoding="utf-8")
    assert nat.machine.start(NAT) == "success"
    assert (nat.forwards(), nat.rules("forward")[0]) == (True, CLOSED)


def test_instance_that_lost_its_power_halfway_is_whole_after_the_next_boot(new_nat: NatFactory) -> None:
    nat = new_nat()
    cut = nat.machine.hang_after("dnf")
    nat.machine.boot()
    cut()
    assert nat.boot() == "success"
    assert {name: file.mode for name, file in nat.machine.files().items()} == FILES
    assert (nat.forwards(), nat.rules("forward")[0]) == (True, CLOSED)
