"""The VPN's peers: their client configurations, and the list on the bastion."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.errors import OperatorError

if TYPE_CHECKING:
    from workbench.config.bastion import Peer

OUTPUT = "vpn_client_configs"
"""The stack's output: a WireGuard configuration by peer."""


@dataclass(frozen=True, kw_only=True)
class ClientConfig:
    """A peer's configuration for wg-quick and WireGuard's applications."""

    peer: str
    text: str = field(repr=False)
    holds_private_key: bool
    """False: the peer made its key itself, and puts it in the place of the line's placeholder."""


@dataclass(frozen=True, kw_only=True)
class PeerRow:
    """One peer in the stack file and in the list that the bastion fetches."""

    name: str
    address: str
    public_key: str | None
    """None: not made yet."""
    state: str

    @property
    def is_in_sync(self) -> bool:
        """True if the bastion's list agrees with the stack file."""
        return self.state == IN_SYNC

    def document(self) -> Mapping[str, Any]:
        """Return the row as a document for ``--json``."""
        return {
            "peer": self.name,
            "address": self.address,
            "public_key": self.public_key,
            "in_sync": self.is_in_sync,
            "state": self.state,
        }


IN_SYNC = "in sync"
_TO_BE_ADDED = "not in AWS yet: the next `pulumi up` adds it"
_TO_BE_CHANGED = "differs in AWS: the next `pulumi up` changes it"
_TO_BE_REMOVED = "not in the stack file: the next `pulumi up` removes it"


def client_config(peer: str, peers: "Mapping[str, Peer]", configs: Mapping[str, str]) -> ClientConfig:
    """Return a peer's configuration from the stack's output.

    Raises:
        OperatorError: when the output has none for it.
    """
    if peer not in configs:
        raise OperatorError(f"peer {peer}: in the stack file, and not made yet; `pulumi up` makes it")
    return ClientConfig(peer=peer, text=configs[peer], holds_private_key=peers[peer].public_key is None)


def check_peer(peer: str, peers: "Mapping[str, Peer]", stack: str) -> None:
    """Refuse the name of an unknown peer.

    Raises:
        OperatorError: naming those there are.
    """
    if peer not in peers:
        raise OperatorError(
            f"peer: came {peer}; allowed in {stack}: {', '.join(peers) or 'none, its file has no peer'}"
        )


def peer_rows(peers: "Mapping[str, Peer]", parameter: str | None) -> list[PeerRow]:
    """Compare the stack file's peers with the parameter that the bastion fetches; None if there is no parameter.

    Raises:
        OperatorError: when the value is not as the program writes it.
    """
    fetched = _fetched(parameter)
    rows = [_row(name, peer, fetched.get(name)) for name, peer in peers.items()]
    return rows + [
        PeerRow(name=name, address=entry["address"], public_key=entry["public_key"], state=_TO_BE_REMOVED)
        for name, entry in fetched.items()
        if name not in peers
    ]


def _row(name: str, peer: "Peer", fetched: Mapping[str, str] | None) -> PeerRow:
    address = str(peer.address)
    if fetched is None:
        return PeerRow(name=name, address=address, public_key=peer.public_key, state=_TO_BE_ADDED)
    same = fetched["address"] == address and peer.public_key in {None, fetched["public_key"]}
    return PeerRow(
        name=name,
        address=address,
        public_key=peer.public_key or fetched["public_key"],
        state=IN_SYNC if same else _TO_BE_CHANGED,
    )


def _fetched(parameter: str | None) -> Mapping[str, Mapping[str, str]]:
    if parameter is None:
        return {}
    try:
        entries = json.loads(parameter)
        return {
            str(entry["name"]): {"address": str(entry["address"]), "public_key": str(entry["public_key"])}
            for entry in entries
        }
    except (ValueError, KeyError, TypeError):
        raise OperatorError(
            "the peers' parameter: not the list that the program writes; `pulumi up` writes it"
        ) from None
