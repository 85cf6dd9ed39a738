"""The bastion's rendered files and a developer's rendered configuration, brought up: what passes, and what does not."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.machines.vpn_artefacts import standing_artefacts
from tests.machines.vpn_namespaces import Machine
from tests.machines.vpn_room import (
    INTERNET_HOST,
    METADATA,
    PORT,
    PRIVATE_NAME,
    SILENCE_SECONDS,
    SSH_PORT,
    Developer,
    Room,
    reach,
    room,
)
from tests.zelly_infra.evaluations import STACKS

NO_ANSWER = "no answer"
UNREACHABLE = "Network is unreachable"

INTERNET = f"{INTERNET_HOST}:80"
INSTANCE_METADATA = f"{METADATA}:80"


@pytest.fixture(params=STACKS)
def vpn(request: pytest.FixtureRequest) -> Iterator[Room]:
    with room(standing_artefacts(request.param)) as made:
        yield made


def connected(vpn: Room, peer: str) -> Developer:
    developer = vpn.developer(vpn.artefacts.client_configs[peer])
    developer.up()
    return developer


def routes(machine: Machine) -> set[tuple[str, str]]:
    listed: list[dict[str, Any]] = json.loads(machine.run("ip", "-json", "route", "show", "table", "all").stdout)
    return {(route["dst"], route["dev"]) for route in listed if route.get("type") not in {"local", "broadcast"}}


def test_developer_reaches_the_vpc_under_the_bastions_address_through_the_tunnel_alone(vpn: Room) -> None:
    private = f"{vpn.private_address}:{PORT}"
    developer = vpn.developer(vpn.artefacts.client_configs["peer1"])
    assert developer.reach(private) == {private: UNREACHABLE}
    developer.up()
    assert developer.reach(private) == {private: vpn.bastion_address}
    assert vpn.stray_packets() == 0
    endpoint = developer.machine.run("wg", "show", "wg0", "endpoints").stdout.split()[1]
    assert endpoint == f"{vpn.artefacts.public_ip}:51820"
    (known,) = [peer for peer in vpn.peers().values() if peer.latest_handshake > 0]
    assert (known.allowed_ips, known.endpoint.split(":")[0]) == ("10.10.0.2/32", developer.public_ip)


def test_names_are_resolved_by_the_vpcs_resolver_while_the_tunnel_is_up(vpn: Room) -> None:
    named = f"{PRIVATE_NAME}:{PORT}"
    developer = vpn.developer(vpn.artefacts.client_configs["peer1"])
    at_home = developer.machine.read("/etc/resolv.conf")
    developer.up()
    assert developer.machine.read("/etc/resolv.conf") == f"nameserver {vpn.artefacts.vpc.network_address + 2}\n"
    assert developer.reach(named) == {named: vpn.bastion_address}
    developer.machine.run("wg-quick", "down", "wg0")
    assert developer.machine.read("/etc/resolv.conf") == at_home


def test_only_the_vpc_and_the_vpn_are_routed_through_the_tunnel(vpn: Room) -> None:
    developer = vpn.developer(vpn.artefacts.client_configs["peer1"])
    before = routes(developer.machine)
    assert ("default", "eth0") in before
    developer.up()
    added = {(str(vpn.artefacts.vpc), "wg0"), (str(vpn.artefacts.vpn), "wg0")}
    # The tunnel's device comes with what IPv6 gives to every device.
    assert {route for route in routes(developer.machine) - before if ":" not in route[0]} == added
    assert before <= routes(developer.machine)
    assert developer.reach(INTERNET) == {INTERNET: developer.public_ip}


def test_developer_who_sends_everything_into_the_tunnel_reaches_neither_internet_nor_metadata(vpn: Room) -> None:
    assert reach(vpn.bastion, INTERNET, INSTANCE_METADATA) == {
        INTERNET: vpn.artefacts.public_ip,
        INSTANCE_METADATA: vpn.bastion_address,
    }
    developer = connected(vpn, "peer1")
    server = developer.machine.run("wg", "show", "wg0", "peers").stdout.strip()
    developer.machine.run("wg", "set", "wg0", "peer", server, "allowed-ips", "0.0.0.0/0")
    developer.machine.ip(f"route add {INTERNET_HOST}/32 dev wg0", f"route add {METADATA}/32 dev wg0")
    private = f"{vpn.private_address}:{PORT}"
    assert developer.reach(private) == {private: vpn.bastion_address}
    assert developer.reach(INTERNET, INSTANCE_METADATA, seconds=SILENCE_SECONDS) == {
        INTERNET: NO_ANSWER,
        INSTANCE_METADATA: NO_ANSWER,
    }
    # Nor did anything go out that only found no way back.
    assert vpn.stray_packets() == 0


def test_developers_do_not_reach_each_other(vpn: Room) -> None:
    one, other = connected(vpn, "peer1"), connected(vpn, "peer2")
    private, neighbour = f"{vpn.private_address}:{PORT}", f"10.10.0.3:{PORT}"
    assert one.reach(private) == {private: vpn.bastion_address}
    assert other.reach(private, neighbour) == {private: vpn.bastion_address, neighbour: "10.10.0.3"}
    assert one.reach(neighbour, seconds=SILENCE_SECONDS) == {neighbour: NO_ANSWER}


def test_bastion_answers_pings_through_the_tunnel_and_nothing_else(vpn: Room) -> None:
    developer = connected(vpn, "peer1")
    addresses = ("10.10.0.1", vpn.bastion_address)
    ssh = [f"{address}:{SSH_PORT}" for address in addresses]
    assert reach(vpn.private_host, ssh[1]) == {ssh[1]: vpn.private_address}
    assert developer.reach(*ssh, seconds=SILENCE_SECONDS) == dict.fromkeys(ssh, NO_ANSWER)
    for address in addresses:
        developer.machine.run("ping", "-c", "1", "-W", "2", address)


def test_vpc_opens_no_connection_to_a_developer_even_if_it_had_a_route(vpn: Room) -> None:
    developer = connected(vpn, "peer1")
    inside = f"10.10.0.2:{PORT}"
    # The developer's firewall would let it in, and the bastion itself finds the way.
    assert reach(vpn.bastion, inside) == {inside: "10.10.0.1"}
    vpn.aws.ip(f"route add {vpn.artefacts.vpn} via {vpn.bastion_address}")
    assert reach(vpn.private_host, inside, seconds=SILENCE_SECONDS) == {inside: NO_ANSWER}
    private = f"{vpn.private_address}:{PORT}"
    assert developer.reach(private) == {private: vpn.bastion_address}


def test_packets_larger_than_the_tunnels_come_through_in_pieces_both_ways(vpn: Room) -> None:
    developer = connected(vpn, "peer1")
    developer.machine.run("ping", "-c", "1", "-W", "2", "-s", "3000", "-M", "dont", vpn.private_address)


def test_boot_units_run_again_change_nothing(vpn: Room) -> None:
    developer = connected(vpn, "peer1")
    private = f"{vpn.private_address}:{PORT}"

    def state() -> list[object]:
        firewall = vpn.bastion.run("nft", "list", "ruleset").stdout
        addresses = vpn.bastion.run("ip", "address", "show", "dev", "wg0").stdout
        return [firewall, addresses, {key: (peer.endpoint, peer.allowed_ips) for key, peer in vpn.peers().items()}]

    assert developer.reach(private) == {private: vpn.bastion_address}
    before = state()
    vpn.boot_bastion()
    assert state() == before
    assert developer.reach(private) == {private: vpn.bastion_address}
