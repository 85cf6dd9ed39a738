"""Rules of a VPN's addresses and keys."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network

from zelly_components.limits.errors import LimitError

LONGEST_PREFIX = 30
"""Room for the server and one peer, beside the network's own address and broadcast."""


def check_range(field: str, network: IPv4Network) -> None:
    """Check that a range has room for a server and a peer.

    Raises:
        LimitError: with the field, what came and what is allowed.
    """
    if network.prefixlen > LONGEST_PREFIX:
        raise LimitError(field, network, f"/{LONGEST_PREFIX} or larger, for a server and one peer")


def check_addresses(addresses: Mapping[str, IPv4Address], network: IPv4Network) -> None:
    """Check that every peer, by name, has an address of its own; the first one of the range is the server's.

    Raises:
        LimitError: for the first that has not.
    """
    first, last = network.network_address + 2, network.broadcast_address - 1
    taken = {
        network.network_address: "the network itself",
        network.network_address + 1: "the server's",
        network.broadcast_address: "broadcast",
    }
    for name, address in addresses.items():
        field = f"peers.{name}.address"
        if address not in network:
            raise LimitError(field, address, f"{first} to {last}")
        if address in taken:
            raise LimitError(field, f"{address}, which is {taken[address]}", f"another one of {first} to {last}")
        taken[address] = f"{name}'s"


def check_keys(public_keys: Mapping[str, str]) -> None:
    """Check that no two peers, by name, have one public key: WireGuard would take the two for one.

    Raises:
        LimitError: for the first that repeats another's.
    """
    taken: dict[str, str] = {}
    for name, key in public_keys.items():
        if key in taken:
            raise LimitError(f"peers.{name}.public_key", f"{key}, which is {taken[key]}'s", "another one")
        taken[key] = name
