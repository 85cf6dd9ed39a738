"""The VPN's peers: those of the stack file beside those that the bastion fetches, and their configurations."""

import json
from ipaddress import IPv4Address

import pytest

from workbench.config.bastion import Peer
from workbench.errors import OperatorError
from zelly_infra.vpn import check_peer, client_config, peer_rows

ANN, BOB = Peer(address=IPv4Address("10.0.0.2")), Peer(address=IPv4Address("10.0.0.3"), public_key="k" * 43 + "=")
PEERS = {"ann": ANN, "bob": BOB}


def entry(name: str, address: str, key: str) -> dict[str, str]:
    return {"name": name, "address": address, "public_key": key}


@pytest.mark.parametrize(
    ("fetched", "states"),
    [
        (None, ["added", "added"]),
        ([entry("ann", "10.0.0.2", "made"), entry("bob", "10.0.0.3", "k" * 43 + "=")], ["in sync", "in sync"]),
        ([entry("ann", "10.0.0.9", "made"), entry("bob", "10.0.0.3", "other")], ["changed", "changed"]),
        ([entry("eve", "10.0.0.4", "e")], ["added", "added", "removed"]),
    ],
)
def test_peers_are_compared_with_those_that_the_bastion_fetches(
    fetched: list[dict[str, str]] | None, states: list[str]
) -> None:
    words = {
        "added": "not in AWS yet: the next `pulumi up` adds it",
        "changed": "differs in AWS: the next `pulumi up` changes it",
        "removed": "not in the stack file: the next `pulumi up` removes it",
        "in sync": "in sync",
    }
    rows = peer_rows(PEERS, None if fetched is None else json.dumps(fetched))
    assert [row.state for row in rows] == [words[state] for state in states]
    assert [row.document()["in_sync"] for row in rows] == [state == "in sync" for state in states]


def test_row_of_a_peer_has_the_key_that_was_made_for_it() -> None:
    (row, other) = peer_rows(PEERS, json.dumps([entry("ann", "10.0.0.2", "made")]))
    assert row.document() == {
        "peer": "ann",
        "address": "10.0.0.2",
        "public_key": "made",
        "in_sync": True,
        "state": "in sync",
    }
    assert other.public_key == BOB.public_key


@pytest.mark.parametrize("text", ["{", "7", '[{"name": "ann"}]', '["ann"]'])
def test_parameter_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(OperatorError, match="the peers' parameter: not the list that the program writes"):
        peer_rows(PEERS, text)


def test_configuration_of_a_peer_says_whether_its_key_is_in_it() -> None:
    configs = {"ann": "[Interface]", "bob": "[Interface]"}
    found = [client_config(name, PEERS, configs) for name in PEERS]
    assert [(one.peer, one.text, one.holds_private_key) for one in found] == [
        ("ann", "[Interface]", True),
        ("bob", "[Interface]", False),
    ]
    with pytest.raises(OperatorError, match=r"^peer ann: in the stack file, and not made yet; `pulumi up` makes it$"):
        client_config("ann", PEERS, {})


def test_name_that_is_no_peers_is_refused_with_those_there_are() -> None:
    check_peer("ann", PEERS, "staging")
    for peers, allowed in ((PEERS, "ann, bob"), ({}, "none, its file has no peer")):
        with pytest.raises(OperatorError, match=f"^peer: came eve; allowed in staging: {allowed}$"):
            check_peer("eve", peers, "staging")
