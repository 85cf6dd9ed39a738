"""The NAT instance's rendered files, brought up: what passes, and what does not."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.machines.nat_machine import NatFactory
from tests.machines.nat_room import (
    ELASTIC_IP,
    OTHER_PORTS,
    PEERED,
    PORT,
    SERVER,
    NatRoom,
    furnished_nat,
    nat_artefacts,
    nat_room,
    reached,
    start_forwarding,
)
from tests.machines.vpn_namespaces import Machine
from tests.machines.vpn_room import hold_command, reach, reset_command
from tests.zelly_infra.evaluations import STACKS

NO_ANSWER = "no answer"
INTERNET = f"{SERVER}:{PORT}"
NOTHING = {"other_sender": 0, "private_target": 0}


@pytest.fixture(params=STACKS)
def room(request: pytest.FixtureRequest) -> Iterator[NatRoom]:
    with nat_room(nat_artefacts(request.param)) as made:
        yield made


@pytest.fixture
def nat(room: NatRoom) -> Iterator[Machine]:
    with furnished_nat(room) as made:
        start_forwarding(made)
        yield made


@pytest.fixture
def alone(room: NatRoom, nat: Machine) -> NatRoom:
    """A room whose instance has only its own firewall, its security group letting everything through."""
    del nat
    room.open_security_group()
    return room


@pytest.mark.usefixtures("nat")
def test_every_private_subnet_reaches_the_internet_under_the_instances_address(room: NatRoom) -> None:
    assert {zone: reach(client, INTERNET) for zone, client in room.clients.items()} == {
        zone: {INTERNET: ELASTIC_IP} for zone in "abc"
    }
    assert room.strays() == NOTHING


@pytest.mark.usefixtures("nat")
def test_security_group_and_firewall_together_let_nothing_else_through(room: NatRoom) -> None:
    targets = [f"{SERVER}:{port}" for port in OTHER_PORTS]
    assert reached(room.clients["b"], *targets) == dict.fromkeys(targets, NO_ANSWER)
    from_outside = [f"{ELASTIC_IP}:{port}" for port in (PORT, *OTHER_PORTS)]
    assert reached(room.internet, *from_outside) == dict.fromkeys(from_outside, NO_ANSWER)
    assert room.strays() == NOTHING


def test_other_ports_of_the_internet_are_closed_by_the_instance_itself(alone: NatRoom) -> None:
    targets = [f"{SERVER}:{port}" for port in OTHER_PORTS]
    assert reached(alone.clients["a"], *targets) == dict.fromkeys(targets, NO_ANSWER)
    assert reach(alone.clients["a"], INTERNET) == {INTERNET: ELASTIC_IP}
    assert alone.strays() == NOTHING


def test_instance_is_no_way_round_into_another_private_network(alone: NatRoom) -> None:
    peered = f"{PEERED}:{PORT}"
    assert reached(alone.clients["a"], peered) == {peered: NO_ANSWER}
    assert alone.strays() == NOTHING


def test_nobody_but_the_vpc_is_passed_on(alone: NatRoom) -> None:
    private = f"{alone.client_address('a')}:{PORT}"
    assert reached(alone.peered, INTERNET, private) == {INTERNET: NO_ANSWER, private: NO_ANSWER}
    assert alone.strays() == NOTHING


def test_what_the_internet_begins_ends_at_the_instance(alone: NatRoom) -> None:
    targets = [f"{ELASTIC_IP}:{port}" for port in (PORT, *OTHER_PORTS)]
    assert reached(alone.internet, *targets) == dict.fromkeys(targets, NO_ANSWER)
    # A router that hands over packets for the private subnets as they are.
    private = f"{alone.client_address('a')}:{PORT}"
    alone.aws.ip(f"rule add iif internet to {alone.artefacts.vpc} lookup 200 priority 400")
    assert reached(alone.internet, private) == {private: NO_ANSWER}


def test_instance_answers_the_vpcs_pings_and_nothing_else(alone: NatRoom) -> None:
    client, own = alone.clients["c"], alone.nat_address
    client.run("ping", "-c", "1", "-W", "2", own)
    ports = [f"{own}:{port}" for port in OTHER_PORTS]
    assert reached(client, *ports) == dict.fromkeys(ports, NO_ANSWER)


def test_packets_of_no_connection_do_not_leave_under_their_senders_address(alone: NatRoom) -> None:
    alone.clients["a"].run(*reset_command(INTERNET))
    assert reach(alone.clients["a"], INTERNET) == {INTERNET: ELASTIC_IP}
    assert alone.strays() == NOTHING


@pytest.mark.usefixtures("nat")
def test_large_packets_of_the_vpc_are_made_to_fit_the_internet_both_ways(room: NatRoom) -> None:
    # The server's interface takes as much as the client's: only the internet gateway between them does not.
    with_echo = room.clients["a"].start(*hold_command(INTERNET))
    line = "x" * 60_000
    assert _echoed(with_echo, line) == line


def test_connection_outlives_a_second_run_of_the_unit(room: NatRoom, nat: Machine) -> None:
    held = room.clients["a"].start(*hold_command(INTERNET))
    before = nat.run("nft", "list", "ruleset").stdout
    assert start_forwarding(nat) == (0, "")
    assert nat.run("nft", "list", "ruleset").stdout == before
    assert _echoed(held, "still there") == "still there"


def test_nothing_is_passed_on_before_the_firewall_stands(room: NatRoom) -> None:
    with furnished_nat(room) as nat:
        room.open_security_group()
        assert reached(room.clients["a"], INTERNET) == {INTERNET: NO_ANSWER}
        firewall = nat.read("/etc/host/nat.nft")
        nat.write("/etc/host/nat.nft", firewall.replace("policy drop", "policy deny"))
        code, log = start_forwarding(nat, check=False)
        assert (code, "policy deny" in log) == (1, True)
        assert nat.read("/proc/sys/net/ipv4/ip_forward") == "0\n"
        assert reached(room.clients["a"], INTERNET) == {INTERNET: NO_ANSWER}
        assert room.strays() == NOTHING


def test_booted_machine_carries_traffic_and_does_so_again_after_a_reboot(new_nat: NatFactory) -> None:
    nat = new_nat("production")
    with nat_room(nat_artefacts("production")) as room:
        for boot in (nat.boot, nat.reboot):
            assert boot() == "success"
            # A network of its own went with the boot before.
            room.plug_in(Machine(nat.machine.process_id))
            assert reach(room.clients["b"], INTERNET) == {INTERNET: ELASTIC_IP}
        assert room.strays() == NOTHING


def _echoed(process: "subprocess.Popen[str]", line: str) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{line}\n")
    return process.stdout.readline().rstrip("\n")
