"""A VPC with its NAT instance, the internet, and somebody else's private network: the whole way of a packet.

What is rendered for the instance is used as it is. What AWS does is played by the machine ``aws``: the route tables,
the instance's security group and source/destination check as the program registers them, and the internet gateway,
which swaps the Elastic IP and the instance's own address, and takes neither other senders nor large packets.
"""

import functools
import json
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

from tests.machines.vpn_artefacts import HostFile, written_files
from tests.machines.vpn_namespaces import Machine, machine, require_namespaces
from tests.machines.vpn_room import (
    INTERNET_MTU_BYTES,
    SILENCE_SECONDS,
    VPC_MTU_BYTES,
    furnish,
    host_address,
    listen_command,
    reach,
    run_unit,
)
from tests.support.programs import require_program
from tests.zelly_infra.switches import NAT_INSTANCE, with_switch
from workbench.evaluate import Evaluation

SERVER = "203.0.113.80"
"""On the internet, as is the Elastic IP: of a range that is kept for examples (RFC 5737)."""
ELASTIC_IP = "203.0.113.10"
PEERED = "172.20.0.10"
"""A host in another private network, to which the public subnets have a route and the private ones have none."""
PORT = 443
OTHER_PORTS = (22, 80, 8443)

_TABLES = {"a": 101, "b": 102, "c": 103}
"""The number that each zone's private route table has on ``aws``."""
_PEERED_TABLE = 200
_WHOLE = "link set {} gso_max_segs 1"
"""TCP cuts its packets itself: what it leaves to the network card to cut would be seen too large here."""

_PROGRAMS = {"nft": "nftables", "ping": "iputils-ping", "sysctl": "procps", "dpkg": "dpkg"}
_SECURITY_GROUP_RULE = "aws:vpc/securityGroup{}Rule:SecurityGroup{}Rule"


@dataclass(frozen=True, kw_only=True)
class NatArtefacts:
    """What a stack hands to its NAT instance, and what it tells AWS of it."""

    vpc: IPv4Network
    public_subnet: IPv4Network
    private_subnets: Mapping[str, IPv4Network]
    """By the last letter of the zone."""
    led_to_the_instance: frozenset[str]
    """The zones whose private subnet has a default route to the instance's network interface."""
    checks_source_and_destination: bool
    elastic_ip: str | None
    ingress: tuple[Mapping[str, Any], ...]
    egress: tuple[Mapping[str, Any], ...]
    files: Mapping[str, HostFile]
    """By path, off the user data."""


@functools.cache
def nat_artefacts(stack: str) -> NatArtefacts:
    """Return them for one of the repository's stacks with the switch on."""
    return artefacts_of(with_switch(stack, NAT_INSTANCE))


def artefacts_of(evaluation: Evaluation) -> NatArtefacts:
    """Read them off an evaluated program."""
    name = f"zelly-{evaluation.stack}-network"
    instance = evaluation.one("aws:ec2/instance:Instance", f"{name}-nat-instance").inputs
    interface = f"${{{name}-nat-instance.primaryNetworkInterfaceId}}"
    subnets = {
        subnet.name.removeprefix(f"{name}-"): IPv4Network(subnet.inputs["cidrBlock"])
        for subnet in evaluation.of_type("aws:ec2/subnet:Subnet")
    }
    led = {
        route.inputs["routeTableId"]
        for route in evaluation.of_type("aws:ec2/route:Route")
        if (route.inputs["destinationCidrBlock"], route.inputs.get("networkInterfaceId")) == ("0.0.0.0/0", interface)
    }
    associations = evaluation.of_type("aws:ec2/eipAssociation:EipAssociation")
    has_address = any(each.inputs["instanceId"] == f"${{{name}-nat-instance.id}}" for each in associations)
    return NatArtefacts(
        vpc=IPv4Network(evaluation.one("aws:ec2/vpc:Vpc").inputs["cidrBlock"]),
        public_subnet=subnets[instance["subnetId"].removeprefix(f"${{{name}-").removesuffix(".id}")],
        private_subnets={zone: subnets[f"private-{zone}"] for zone in "abc"},
        led_to_the_instance=frozenset(zone for zone in "abc" if f"${{{name}-private-{zone}-routes.id}}" in led),
        checks_source_and_destination=instance.get("sourceDestCheck", True),
        elastic_ip=ELASTIC_IP if has_address else None,
        ingress=_rules(evaluation, "Ingress", f"${{{name}-nat-sg.id}}"),
        egress=_rules(evaluation, "Egress", f"${{{name}-nat-sg.id}}"),
        files=written_files(instance["userData"]),
    )


def _rules(evaluation: Evaluation, direction: str, group: str) -> tuple[Mapping[str, Any], ...]:
    found = evaluation.of_type(_SECURITY_GROUP_RULE.format(direction, direction))
    return tuple(rule.inputs for rule in found if rule.inputs["securityGroupId"] == group)


@dataclass(kw_only=True)
class NatRoom:
    """The machines, which stand until the room is closed."""

    artefacts: NatArtefacts
    aws: Machine
    internet: Machine
    peered: Machine
    clients: Mapping[str, Machine] = field(default_factory=dict[str, Machine])
    """In the private subnets, by the last letter of the zone."""

    @property
    def nat_address(self) -> str:
        """The instance's own address in the VPC."""
        return host_address(self.artefacts.public_subnet)

    def client_address(self, zone: str) -> str:
        """Return the address of a client in the VPC."""
        return host_address(self.artefacts.private_subnets[zone])

    def plug_in(self, nat: Machine) -> None:
        """Connect the instance to its subnet, as EC2 does before it boots."""
        subnet = self.artefacts.public_subnet
        _connect_host(self.aws, "nat", nat, subnet)
        # Tables are made for an interface that is there.
        for zone in self.artefacts.led_to_the_instance:
            self.aws.ip(f"route replace default via {self.nat_address} dev nat table {_TABLES[zone]}")
        self.aws.ip(f"route replace default via {self.nat_address} dev nat table {_PEERED_TABLE}")

    def open_security_group(self) -> None:
        """Let AWS pass what it otherwise keeps from the instance, so that only its own firewall is left."""
        self.aws.run("nft", "flush", "chain", "ip", "aws", "security_group")
        self.aws.run("nft", "add", "rule", "ip", "aws", "security_group", "accept")

    def strays(self) -> dict[str, int]:
        """Return how many packets the instance sent that it should not have: to whom nobody is, or as somebody else."""
        listed = json.loads(self.aws.run("nft", "--json", "list", "counters").stdout)
        counters = (entry["counter"] for entry in listed["nftables"] if "counter" in entry)
        return {counter["name"]: counter["packets"] for counter in counters}


@contextmanager
def nat_room(artefacts: NatArtefacts) -> Generator[NatRoom]:
    """Make the machines and their cables, but for the instance."""
    require_namespaces()
    for program, package in _PROGRAMS.items():
        require_program(program, package=package)
    with ExitStack() as stack:
        aws, internet, peered = (stack.enter_context(machine()) for _ in range(3))
        clients = {zone: stack.enter_context(machine()) for zone in _TABLES}
        made = NatRoom(artefacts=artefacts, aws=aws, internet=internet, peered=peered, clients=clients)
        aws.run("sysctl", "--quiet", "--write", "net.ipv4.ip_forward=1")
        _connect_internet(made)
        for zone, client in clients.items():
            _connect_host(aws, f"private-{zone}", client, artefacts.private_subnets[zone])
            aws.ip(f"rule add iif private-{zone} lookup {_TABLES[zone]} priority 2000")
            client.start(*listen_command(PORT))
        # The VPC's own range first, as in every route table of AWS.
        aws.ip(f"rule add to {artefacts.vpc} lookup main priority 1000")
        _connect_host(aws, "peered", peered, IPv4Network(f"{PEERED}/24", strict=False))
        aws.ip(f"rule add iif peered lookup {_PEERED_TABLE} priority 500")
        peered.start(*listen_command(PORT))
        aws.run("nft", "--file", "-", stdin=_aws_rules(made))
        yield made


@contextmanager
def furnished_nat(room: NatRoom) -> Generator[Machine]:
    """Make the instance with the files of its boot document, connected; its unit has not run yet."""
    with machine() as nat:
        furnish(nat, room.artefacts.files)
        room.plug_in(nat)
        nat.start(*listen_command(*OTHER_PORTS))
        yield nat


def start_forwarding(nat: Machine, *, check: bool = True) -> tuple[int, str]:
    """Run the instance's unit; return exit code and log."""
    return run_unit(nat, "nat.service", check=check)


def reached(source: Machine, *targets: str) -> dict[str, str]:
    """Do as :func:`reach` does, with no more patience than silence takes."""
    return reach(source, *targets, seconds=SILENCE_SECONDS)


def _connect_internet(made: NatRoom) -> None:
    # Large packets are the internet gateway's to refuse: it drops them without a word.
    made.internet.connect("aws", made.aws, "internet", mtu_bytes=VPC_MTU_BYTES)
    made.internet.ip(_WHOLE.format("aws"), "address add 100.64.0.1/30 dev aws", f"address add {SERVER}/32 dev lo")
    made.internet.ip(f"route add default via 100.64.0.2 src {SERVER}")
    made.internet.start(*listen_command(PORT, *OTHER_PORTS))
    made.aws.ip("address add 100.64.0.2/30 dev internet", "route add default via 100.64.0.1")


def _connect_host(aws: Machine, interface: str, host: Machine, subnet: IPv4Network) -> None:
    router = subnet.network_address + 1
    aws.connect(interface, host, "eth0", mtu_bytes=VPC_MTU_BYTES)
    aws.ip(f"address add {router}/{subnet.prefixlen} dev {interface}")
    host.ip(_WHOLE.format("eth0"))
    host.ip(f"address add {host_address(subnet)}/{subnet.prefixlen} dev eth0", f"route add default via {router}")


def _aws_rules(made: NatRoom) -> str:
    artefacts, own = made.artefacts, made.nat_address
    check = f"oifname nat ip daddr != {own} drop\n        iifname nat ip saddr != {own} drop"
    group = "\n        ".join(
        [
            *(f"oifname nat ip saddr {rule['cidrIpv4']} {_ports(rule)} accept" for rule in artefacts.ingress),
            *(f"iifname nat ip daddr {rule['cidrIpv4']} {_ports(rule)} accept" for rule in artefacts.egress),
        ]
    )
    inbound = f"iifname internet ip daddr {artefacts.elastic_ip} dnat to {own}" if artefacts.elastic_ip else ""
    outbound = f"oifname internet ip saddr {own} snat to {artefacts.elastic_ip}" if artefacts.elastic_ip else ""
    return f"""
table ip aws {{
    counter other_sender {{}}
    counter private_target {{}}
    chain strays {{
        type filter hook prerouting priority raw;
        iifname nat ip saddr != {own} ip daddr != {artefacts.vpc} counter name other_sender
        iifname nat ip daddr {PEERED} counter name private_target
    }}
    chain internet_gateway_in {{
        type nat hook prerouting priority dstnat;
        {inbound}
    }}
    chain internet_gateway_out {{
        type nat hook postrouting priority srcnat;
        {outbound}
    }}
    chain internet_gateway {{
        type filter hook forward priority filter - 2;
        oifname internet meta length > {INTERNET_MTU_BYTES} drop
        iifname internet meta length > {INTERNET_MTU_BYTES} drop
        oifname internet ip saddr != {own} drop
    }}
    chain source_dest_check {{
        type filter hook forward priority filter - 1;
        {check if artefacts.checks_source_and_destination else ""}
    }}
    chain security_group {{
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        {group}
        iifname != nat oifname != nat accept
    }}
}}
"""


def _ports(rule: Mapping[str, Any]) -> str:
    return f"{rule['ipProtocol']} dport {rule['fromPort']}-{rule['toPort']}"
