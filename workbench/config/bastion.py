"""The section of the environment config on a bastion and its VPN."""

from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Self

from pydantic import model_validator

from workbench.config import types
from workbench.config.hosts import BurstableHost
from workbench.config.section import Section
from zelly_components.limits import vpn


class Peer(Section):
    """One developer's device on the VPN."""

    address: IPv4Address
    public_key: types.WireGuardPublicKey | None = None
    """Left out: a key pair is made and the finished client config is a secret output."""


class Bastion(BurstableHost):
    """The bastion and its VPN."""

    ami_id: types.AmiId
    ssh_public_key: types.SshPublicKey
    ssh_allowed_cidrs: Mapping[types.Slug, types.AllowedNetwork]
    """Ranges that may reach SSH over the internet; empty: none (Session Manager and the VPN remain)."""
    wireguard_port: types.Port
    vpn_cidr: types.PrivateNetwork
    peers: Mapping[types.Slug, Peer]
    log_retention_days: types.LogRetentionDays

    @model_validator(mode="after")
    def _peers_fit(self) -> Self:
        vpn.check_range("vpn_cidr", self.vpn_cidr)
        vpn.check_addresses({name: peer.address for name, peer in self.peers.items()}, self.vpn_cidr)
        vpn.check_keys({name: peer.public_key for name, peer in self.peers.items() if peer.public_key is not None})
        return self
