"""The keys that a stack makes are WireGuard's own, each half where it belongs."""

import json
from configparser import ConfigParser

import pytest

from tests.machines.vpn_artefacts import Artefacts, artefacts_with_peers, standing_artefacts
from tests.machines.vpn_keys import private_key, wg
from tests.machines.vpn_room import room
from tests.zelly_infra.evaluations import STACKS

OWN_KEY = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="


def server_private_key(artefacts: Artefacts) -> str:
    return json.loads(artefacts.server_key_secret)["WIREGUARD_PRIVATE_KEY"]


def listed_keys(artefacts: Artefacts) -> dict[str, str]:
    return {peer["name"]: peer["public_key"] for peer in json.loads(artefacts.peers_document)}


def servers_key_in(config: str) -> str:
    parser = ConfigParser()
    parser.read_string(config)
    return parser["Peer"]["PublicKey"]


@pytest.mark.parametrize("stack", STACKS)
def test_every_public_key_is_the_one_that_wg_derives(stack: str) -> None:
    artefacts = standing_artefacts(stack)
    configs = artefacts.client_configs
    assert listed_keys(artefacts) == {name: wg("pubkey", private_key(config)) for name, config in configs.items()}
    of_server = wg("pubkey", server_private_key(artefacts))
    assert artefacts.server_public_key == of_server
    assert {servers_key_in(config) for config in configs.values()} == {of_server}
    # Server and peers: nobody shares a key with anybody.
    assert len({of_server, *listed_keys(artefacts).values()}) == 1 + len(configs)


def test_peer_with_a_key_of_its_own_is_listed_with_it_and_nothing_is_made_for_it() -> None:
    artefacts = artefacts_with_peers("production", {"peer3": {"address": "10.10.0.4", "public_key": OWN_KEY}})
    assert listed_keys(artefacts) == {**listed_keys(standing_artefacts("production")), "peer3": OWN_KEY}
    assert private_key(artefacts.client_configs["peer3"]) == "<private key of peer3>"


def test_bastion_runs_with_the_key_of_its_secret_and_tells_nobody() -> None:
    artefacts = standing_artefacts("production")
    key = server_private_key(artefacts)
    with room(artefacts) as vpn:
        assert vpn.bastion.run("wg", "show", "wg0", "private-key").stdout == f"{key}\n"
        # As at the next boot: the network's unit fetches the key, the peers' unit brings the interface up.
        vpn.bastion.run("wg-quick", "down", "wg0")
        vpn.bastion.run("rm", "/run/vpn/server.key")
        _, network_log = vpn.run_unit("vpn-network.service")
        _, peers_log = vpn.apply_peers(artefacts.peers_document)
        assert network_log == f"server's public key: {artefacts.server_public_key}\n"
        assert "[#] ip link set mtu 1420 up dev wg0\n" in peers_log
        assert key not in network_log + peers_log
        modes = vpn.bastion.run("stat", "--format", "%a", "/run/vpn/server.key", "/etc/wireguard/wg0.conf").stdout
        assert modes == "600\n600\n"
