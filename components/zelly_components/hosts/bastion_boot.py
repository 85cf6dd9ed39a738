"""The boot document of a WireGuard bastion, as a pure function."""

from dataclasses import dataclass

from zelly_components.alarms.host_metrics import ROOT_MOUNT_POINTS
from zelly_components.hosts.cloud_config import HostFile, cloud_config, host_files, render, script, unit
from zelly_components.hosts.wireguard import server_interface_config

MOUNT_POINTS = ROOT_MOUNT_POINTS
"""By a short name, the file systems whose use is published."""


@dataclass(frozen=True, kw_only=True)
class BastionBootValues:
    """Values in the bastion's boot document. Another value makes another bastion."""

    region: str
    vpc_cidr_block: str
    vpn_cidr_block: str
    wireguard_port: int
    server_key_secret_name: str
    peers_parameter_name: str
    log_group_name: str


def user_data(values: BastionBootValues) -> str:
    """Return the bastion's cloud-config. It names the server key's secret and the peers' parameter, and holds neither.

    Raises:
        ValueError: when the document is larger than EC2 accepts.
    """
    shared = host_files(
        environment={
            "AWS_REGION": values.region,
            "SERVER_KEY_SECRET": values.server_key_secret_name,
            "PEERS_PARAMETER": values.peers_parameter_name,
        },
        log_group_name=values.log_group_name,
        mount_points=list(MOUNT_POINTS.values()),
    )
    firewall = render("bastion/vpn.nft.j2", vpc_cidr_block=values.vpc_cidr_block, vpn_cidr_block=values.vpn_cidr_block)
    interface = server_interface_config(vpn_cidr_block=values.vpn_cidr_block, port=values.wireguard_port)
    own = (
        HostFile(path="/etc/host/vpn.nft", content=firewall),
        HostFile(path="/etc/host/wg0-interface.conf", content=interface),
        script("bastion/vpn-server-key.sh", "/usr/local/sbin/vpn-server-key"),
        script("bastion/vpn-peers.sh", "/usr/local/sbin/vpn-peers"),
        unit("bastion/vpn-network.service"),
        unit("bastion/vpn-peers.service"),
        unit("bastion/vpn-peers.timer"),
    )
    return cloud_config(
        [*shared, *own], [["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", "vpn-peers.timer"]]
    )
