from typing import Any, cast

import pytest
from ruamel.yaml import YAML

from zelly_components.hosts.cloud_config import template_text
from zelly_components.hosts.nat_boot import NatBootValues, user_data

VALUES = NatBootValues(vpc_cidr_block="10.8.0.0/16", ports=(443, 5223), log_group_name="/shop/nat")


def document(values: NatBootValues = VALUES) -> dict[str, Any]:
    loaded: object = YAML(typ="safe", pure=True).load(user_data(values))  # pyright: ignore[reportUnknownMemberType] (untyped)
    return cast(dict[str, Any], loaded)


def rules(values: NatBootValues = VALUES) -> list[str]:
    (text,) = [file["content"] for file in document(values)["write_files"] if file["path"] == "/etc/host/nat.nft"]
    return [line for line in (line.split("#")[0].strip() for line in text.splitlines()) if line]


def test_boot_document_writes_these_files_and_starts_the_timer() -> None:
    loaded = document()
    assert [(file["path"], file["permissions"]) for file in loaded["write_files"]] == [
        ("/etc/host/cloudwatch-agent.json", "0644"),
        ("/usr/local/sbin/retry", "0755"),
        ("/usr/local/sbin/host-packages", "0755"),
        ("/etc/systemd/system/host-logging.service", "0644"),
        ("/etc/host/nat.nft", "0644"),
        ("/etc/systemd/system/nat.service", "0644"),
        ("/etc/systemd/system/nat.timer", "0644"),
    ]
    assert loaded["runcmd"] == [["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", "nat.timer"]]


def test_the_vpc_reaches_the_listed_ports_of_the_internet_and_nothing_else_passes() -> None:
    assert rules() == [
        "table inet nat",
        "delete table inet nat",
        "table inet nat {",
        "chain forward {",
        "type filter hook forward priority filter; policy drop;",
        "tcp flags syn tcp option maxseg size set 1460",
        "ct state established,related accept",
        "ip daddr { 10.0.0.0/8, 100.64.0.0/10, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16 } drop",
        "ip saddr 10.8.0.0/16 tcp dport { 443, 5223 } ct state new accept",
        "}",
        "chain input {",
        "type filter hook input priority filter; policy drop;",
        'iifname "lo" accept',
        "ct state established,related accept",
        "icmp type echo-request accept",
        "}",
        "chain postrouting {",
        "type nat hook postrouting priority srcnat; policy accept;",
        "ip saddr 10.8.0.0/16 ip daddr != 10.8.0.0/16 masquerade",
        "}",
        "}",
    ]


@pytest.mark.parametrize(
    ("vpc", "dropped"),
    [
        ("198.18.0.0/16", "100.64.0.0/10, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16, 198.18.0.0/16"),
        ("192.168.0.0/20", "100.64.0.0/10, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16"),
    ],
)
def test_the_vpcs_own_range_is_no_internet_whether_it_is_a_private_one_or_not(vpc: str, dropped: str) -> None:
    values = NatBootValues(vpc_cidr_block=vpc, ports=(443,), log_group_name="/shop/nat")
    assert f"ip daddr {{ 10.0.0.0/8, {dropped} }} drop" in rules(values)


def test_firewall_stands_before_anything_is_forwarded() -> None:
    unit = template_text("nat/nat.service")
    assert 0 < unit.index("nft --file") < unit.index("net.ipv4.ip_forward=1")
