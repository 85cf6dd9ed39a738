from typing import Any, cast

from ruamel.yaml import YAML

from zelly_components.hosts.bastion_boot import BastionBootValues, user_data
from zelly_components.hosts.cloud_config import template_text

VALUES = BastionBootValues(
    region="eu-west-1",
    vpc_cidr_block="10.8.0.0/16",
    vpn_cidr_block="10.10.0.0/24",
    wireguard_port=51820,
    server_key_secret_name="shop/wireguard/server",
    peers_parameter_name="/shop/wireguard/peers",
    log_group_name="/shop/bastion",
)


def document() -> dict[str, Any]:
    loaded: object = YAML(typ="safe", pure=True).load(user_data(VALUES))  # pyright: ignore[reportUnknownMemberType] (untyped)
    return cast(dict[str, Any], loaded)


def content(path: str) -> str:
    return next(file["content"] for file in document()["write_files"] if file["path"] == path)


def test_boot_document_writes_these_files_and_starts_the_timer() -> None:
    loaded = document()
    assert [(file["path"], file["permissions"]) for file in loaded["write_files"]] == [
        ("/etc/host/environment", "0644"),
        ("/etc/host/cloudwatch-agent.json", "0644"),
        ("/usr/local/sbin/retry", "0755"),
        ("/usr/local/sbin/host-packages", "0755"),
        ("/etc/systemd/system/host-logging.service", "0644"),
        ("/etc/host/vpn.nft", "0644"),
        ("/etc/host/wg0-interface.conf", "0644"),
        ("/usr/local/sbin/vpn-server-key", "0755"),
        ("/usr/local/sbin/vpn-peers", "0755"),
        ("/etc/systemd/system/vpn-network.service", "0644"),
        ("/etc/systemd/system/vpn-peers.service", "0644"),
        ("/etc/systemd/system/vpn-peers.timer", "0644"),
    ]
    assert loaded["runcmd"] == [["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", "vpn-peers.timer"]]


def test_host_learns_where_key_and_peers_are_and_neither() -> None:
    assert content("/etc/host/environment") == (
        "AWS_REGION=eu-west-1\nSERVER_KEY_SECRET=shop/wireguard/server\nPEERS_PARAMETER=/shop/wireguard/peers\n"
    )
    assert content("/etc/host/wg0-interface.conf") == (
        "[Interface]\nAddress = 10.10.0.1/24\nListenPort = 51820\nMTU = 1420\n"
    )


def rules() -> list[str]:
    lines = (line.split("#")[0].strip() for line in content("/etc/host/vpn.nft").splitlines())
    return [line for line in lines if line]


def test_vpn_reaches_the_vpc_under_the_bastions_address_and_nothing_else() -> None:
    assert rules() == [
        "table inet vpn",
        "delete table inet vpn",
        "table inet vpn {",
        "chain forward {",
        "type filter hook forward priority filter; policy drop;",
        "ct state established,related accept",
        'iifname "wg0" ip saddr 10.10.0.0/24 ip daddr 10.8.0.0/16 accept',
        "}",
        "chain input {",
        "type filter hook input priority filter; policy accept;",
        'iifname "wg0" ct state established,related accept',
        'iifname "wg0" icmp type echo-request accept',
        'iifname "wg0" drop',
        "}",
        "chain postrouting {",
        "type nat hook postrouting priority srcnat; policy accept;",
        "ip saddr 10.10.0.0/24 ip daddr 10.8.0.0/16 masquerade",
        "}",
        "}",
    ]


def test_firewall_stands_before_anything_is_forwarded() -> None:
    unit = template_text("bastion/vpn-network.service")
    assert 0 < unit.index("nft --file") < unit.index("net.ipv4.ip_forward=1")
