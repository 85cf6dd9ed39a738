"""The boot document of a NAT instance, as a pure function."""

from dataclasses import dataclass
from ipaddress import IPv4Network, collapse_addresses

from zelly_components.alarms.host_metrics import ROOT_MOUNT_POINTS
from zelly_components.hosts.cloud_config import HostFile, cloud_config, host_files, render, unit

MOUNT_POINTS = ROOT_MOUNT_POINTS
"""By a short name, the file systems whose use is published."""

_PRIVATE_RANGES = ("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
"""Ranges that are not on the internet (RFC 1918, 6598 and 3927)."""


@dataclass(frozen=True, kw_only=True)
class NatBootValues:
    """Values in the NAT instance's boot document. Another value makes another instance."""

    vpc_cidr_block: str
    ports: tuple[int, ...]
    """TCP, ascending."""
    log_group_name: str


def user_data(values: NatBootValues) -> str:
    """Return the instance's cloud-config.

    Raises:
        ValueError: when the document is larger than EC2 accepts.
    """
    shared = host_files(environment={}, log_group_name=values.log_group_name, mount_points=list(MOUNT_POINTS.values()))
    firewall = render(
        "nat/nat.nft.j2",
        vpc_cidr_block=values.vpc_cidr_block,
        # Collapsed: nft refuses a set whose members overlap.
        not_internet=list(collapse_addresses(map(IPv4Network, (values.vpc_cidr_block, *_PRIVATE_RANGES)))),
        ports=values.ports,
    )
    own = (HostFile(path="/etc/host/nat.nft", content=firewall), unit("nat/nat.service"), unit("nat/nat.timer"))
    return cloud_config(
        [*shared, *own], [["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", "nat.timer"]]
    )
