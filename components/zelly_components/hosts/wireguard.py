"""WireGuard keys, address checks and configuration files as pure functions."""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from zelly_components.limits import vpn
from zelly_components.limits.errors import LimitError
from zelly_components.limits.sizes import ADVANCED_PARAMETER

KEY_BYTES = 32

INTERFACE_MTU_BYTES = 1420
"""The rest of an internet packet of 1500 bytes; without it wg-quick derives 8921 from EC2's jumbo frames."""

KEEPALIVE_SECONDS = 25
"""Below the 30 s after which a NAT, or a security group's tracking, forgets a silent UDP flow (wireguard.com,
"NAT and Firewall Traversal Persistence")."""

_PEER_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")
_PUBLIC_KEY_PLACEHOLDER = "A" * 43 + "="


@dataclass(frozen=True, kw_only=True)
class PeerArgs:
    """One device that may join the VPN."""

    name: str
    """Lower-case letters, digits and inner hyphens, e.g. ``asha-laptop``."""
    address: str
    """Its address inside the VPN, e.g. ``10.10.0.2``; the first one of the range is the server's."""
    public_key: str | None = None
    """32 bytes in base64, from ``wg pubkey``. Left out, a key pair is made for the peer, and its private key stands
    (encrypted) in the state."""


def private_key(random_base64: str) -> str:
    """Return 32 random bytes as a private key in base64, clamped as RFC 7748, section 5 demands, like ``wg genkey``.

    Raises:
        ValueError: when it is not 32 bytes in base64.
    """
    scalar = bytearray(_key_bytes("random_base64", random_base64))
    scalar[0] &= 0b1111_1000
    scalar[31] = scalar[31] & 0b0111_1111 | 0b0100_0000
    return base64.b64encode(scalar).decode()


def public_key(private_key: str) -> str:
    """Return the public key of a private one, like ``wg pubkey``.

    Raises:
        ValueError: when it is not 32 bytes in base64.
    """
    key = X25519PrivateKey.from_private_bytes(_key_bytes("private_key", private_key))
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def server_address(vpn_cidr_block: str) -> str:
    """Return the server's address inside the VPN: the first one of the range."""
    return str(IPv4Network(vpn_cidr_block).network_address + 1)


def resolver_address(vpc_cidr_block: str) -> str:
    """Return the address of a VPC's own DNS resolver: the range's base plus two (VPC User Guide, "DNS attributes")."""
    return str(IPv4Network(vpc_cidr_block).network_address + 2)


def check_peers(peers: Sequence[PeerArgs], vpn_cidr_block: str) -> None:
    """Check names, addresses and keys of all peers, each by itself and against the others.

    Raises:
        LimitError: naming the first peer that is wrong, what came and what is allowed.
    """
    network = IPv4Network(vpn_cidr_block)
    _check_names([peer.name for peer in peers])
    keys = {peer.name: peer.public_key for peer in peers if peer.public_key is not None}
    for name, key in keys.items():
        _key_bytes(f"peers.{name}.public_key", key)
    vpn.check_addresses({peer.name: _address(peer) for peer in peers}, network)
    vpn.check_keys(keys)
    # About 75 peers.
    document = peers_document(peers, {peer.name: _PUBLIC_KEY_PLACEHOLDER for peer in peers})
    if (excess := ADVANCED_PARAMETER.excess(document)) is not None:
        raise ValueError(f"peers: came {len(peers)}, as a list: {excess}")


def peers_document(peers: Sequence[PeerArgs], public_keys: Mapping[str, str]) -> str:
    """Return the list that the server fetches: name, public key and address of each peer as JSON, sorted by name."""
    return json.dumps(
        [
            {"address": peer.address, "name": peer.name, "public_key": public_keys[peer.name]}
            for peer in sorted(peers, key=lambda peer: peer.name)
        ],
        separators=(",", ":"),
    )


def server_interface_config(*, vpn_cidr_block: str, port: int) -> str:
    """Return the fixed part of the server's wg-quick configuration; the host adds its private key and the peers."""
    network = IPv4Network(vpn_cidr_block)
    return _lines(
        "[Interface]",
        f"Address = {server_address(vpn_cidr_block)}/{network.prefixlen}",
        f"ListenPort = {port}",
        f"MTU = {INTERFACE_MTU_BYTES}",
    )


def client_config(
    peer: PeerArgs,
    *,
    private_key: str | None,
    server_public_key: str,
    endpoint: str,
    vpc_cidr_block: str,
    vpn_cidr_block: str,
) -> str:
    """Return a peer's complete wg-quick configuration.

    Only the VPC and the VPN go through the tunnel. Without a ``private_key`` its line holds a placeholder, for a peer
    that kept the key to itself. ``endpoint`` is the server's public ``address:port``.
    """
    return _lines(
        "[Interface]",
        f"PrivateKey = {private_key or f'<private key of {peer.name}>'}",
        f"Address = {peer.address}/32",
        f"DNS = {resolver_address(vpc_cidr_block)}",
        "",
        "[Peer]",
        f"PublicKey = {server_public_key}",
        f"Endpoint = {endpoint}",
        f"AllowedIPs = {vpc_cidr_block}, {vpn_cidr_block}",
        f"PersistentKeepalive = {KEEPALIVE_SECONDS}",
    )


def _lines(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def _check_names(names: Sequence[str]) -> None:
    for position, name in enumerate(names):
        if _PEER_NAME.fullmatch(name) is None:
            raise LimitError("peers", f"the name {name!r}", "1 to 32 lower-case letters, digits and inner hyphens")
        if name in names[:position]:
            raise LimitError("peers", f"the name {name} more than once", "once")


def _address(peer: PeerArgs) -> IPv4Address:
    try:
        return IPv4Address(peer.address)
    except AddressValueError:
        raise LimitError(
            f"peers.{peer.name}.address", repr(peer.address), "an IPv4 address such as 10.10.0.2"
        ) from None


def _key_bytes(field: str, text: str) -> bytes:
    # The text itself is kept out of the message: it may be a private key.
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"{field}: came {len(text)} characters; allowed {KEY_BYTES} bytes in base64")
    return key
