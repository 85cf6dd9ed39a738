"""A VPC with its bastion, the internet, and developers at home: the whole way of a packet, on one machine.

What is rendered for the bastion and for a developer is used as it is. What AWS does is played by the machine ``aws``:
the VPC's router, its DNS resolver and the instance metadata, the bastion's security group, and the internet gateway,
which swaps the Elastic IP and the bastion's own address.
"""

import json
import shlex
import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from tests.machines.vpn_artefacts import Artefacts, HostFile
from tests.machines.vpn_namespaces import Machine, machine, require_namespaces
from tests.support.programs import require_program

PORT = 8123
"""On which the private host and the developers listen."""
SSH_PORT = 22
INTERNET_HOST = "192.0.2.80"
METADATA = "169.254.169.254"
PRIVATE_NAME = "clickhouse.example.internal"
INTERNET_MTU_BYTES = 1500
VPC_MTU_BYTES = 9001
"""EC2's jumbo frames ("Network maximum transmission unit (MTU) for your EC2 instance")."""

SILENCE_SECONDS = 0.7
"""How long nobody has answered when nobody will: a hundred times what an answer takes here."""
_PATIENCE_SECONDS = 5.0

_PROGRAMS = {
    "wg": "wireguard-tools",
    "wg-quick": "wireguard-tools",
    "wireguard-go": "wireguard-go",
    "nft": "nftables",
    "jq": "jq",
    "ping": "iputils-ping",
    "dnsmasq": "dnsmasq-base",
    "sysctl": "procps",
    "dpkg": "dpkg",
}
_PROBE = (sys.executable, "-I", "-S", str(Path(__file__).with_name("vpn_probe.py")))
_PEERS_ANSWER = "/run/aws/peers"
_SECRET_ANSWER = "/run/aws/secret"

# Debian's nftables, jq and wireguard-tools are called as they are on Amazon Linux.
_RPM = '#!/bin/sh\n[ "$1 $2" = "--query --quiet" ] && shift 2 && exec dpkg --status "$@" >/dev/null\nexit 2\n'

# What openresolv does with -x: these servers and no others, until the interface goes.
_RESOLVCONF = """#!/bin/sh
set -e
case "$*" in
"-a wg0 -m 0 -x") cp /etc/resolv.conf /run/resolv.conf; cat >/etc/resolv.conf ;;
"-d wg0 -f") cp /run/resolv.conf /etc/resolv.conf ;;
*) echo "unexpected: resolvconf $*" >&2; exit 2 ;;
esac
"""


@dataclass(frozen=True, kw_only=True)
class Developer:
    """A developer's machine at home, with the configuration that the stack handed out."""

    machine: Machine
    config: str = field(repr=False)
    public_ip: str

    def up(self) -> None:
        """Bring the tunnel up as the documentation says."""
        self.machine.write("/etc/wireguard/wg0.conf", self.config, mode=0o600)
        self.machine.run("wg-quick", "up", "wg0")

    def reach(self, *targets: str, seconds: float = _PATIENCE_SECONDS) -> dict[str, str]:
        """Do as :func:`reach` does, from this machine."""
        return reach(self.machine, *targets, seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A peer as the bastion's WireGuard knows it."""

    endpoint: str
    allowed_ips: str
    latest_handshake: int
    """In seconds since 1970; 0 when there was none yet."""
    received_bytes: int
    sent_bytes: int


@dataclass(kw_only=True)
class Room:
    """The machines, which stand until the room is closed."""

    artefacts: Artefacts
    aws: Machine
    internet: Machine
    bastion: Machine
    private_host: Machine
    _stack: ExitStack
    _developers: int = 0

    @property
    def bastion_address(self) -> str:
        """The bastion's own address in the VPC."""
        return host_address(self.artefacts.public_subnet)

    @property
    def private_address(self) -> str:
        """The private host's address in the VPC."""
        return host_address(self.artefacts.private_subnet)

    def developer(self, config: str) -> Developer:
        """Make one more developer's machine; its tunnel is not up yet."""
        network = IPv4Address("198.51.100.0") + 4 * self._developers
        router, own = network + 1, network + 2
        interface = f"home{self._developers}"
        self._developers += 1
        made = self._stack.enter_context(machine())
        self.internet.connect(interface, made, "eth0", mtu_bytes=INTERNET_MTU_BYTES)
        self.internet.ip(f"address add {router}/30 dev {interface}")
        made.ip(f"address add {own}/30 dev eth0", f"route add default via {router}")
        made.write("/etc/resolv.conf", f"nameserver {router}\n")
        made.write("/usr/local/bin/resolvconf", _RESOLVCONF, mode=0o755)
        made.start(*listen_command(PORT))
        return Developer(machine=made, config=config, public_ip=str(own))

    def boot_bastion(self) -> None:
        """Do what the bastion's units do at boot."""
        self.run_unit("vpn-network.service")
        self.apply_peers(self.artefacts.peers_document)

    def apply_peers(self, document: str, *, check: bool = True) -> tuple[int, str]:
        """Put another value into the SSM parameter and let the minute pass; return exit code and the unit's log."""
        self.bastion.write(_PEERS_ANSWER, document)
        return self.run_unit("vpn-peers.service", check=check)

    def run_unit(self, name: str, *, check: bool = True) -> tuple[int, str]:
        """Do as :func:`run_unit` does, on the bastion."""
        return run_unit(self.bastion, name, check=check)

    def peers(self) -> dict[str, Peer]:
        """Return the peers that the bastion's WireGuard knows at this moment, by public key."""
        lines = self.bastion.run("wg", "show", "wg0", "dump").stdout.splitlines()[1:]
        fields = (line.split("\t") for line in lines)
        return {
            key: Peer(
                endpoint=endpoint,
                allowed_ips=allowed_ips,
                latest_handshake=int(handshake),
                received_bytes=int(received),
                sent_bytes=int(sent),
            )
            for key, _, endpoint, allowed_ips, handshake, received, sent, _ in fields
        }

    def stray_packets(self) -> int:
        """Return how many packets from the VPN's range the VPC has seen: every one is one that NAT missed."""
        listed = json.loads(self.aws.run("nft", "--json", "list", "counters").stdout)
        (counter,) = [entry["counter"] for entry in listed["nftables"] if "counter" in entry]
        return counter["packets"]


def run_unit(host: Machine, name: str, *, check: bool = True) -> tuple[int, str]:
    """Run the commands of a oneshot unit as systemd would, up to the first that fails."""
    unit = [line.partition("=") for line in host.read(f"/etc/systemd/system/{name}").splitlines()]
    environment = [
        assignment for key, _, path in unit if key == "EnvironmentFile" for assignment in host.read(path).splitlines()
    ]
    log = ""
    for command in (value for key, _, value in unit if key == "ExecStart"):
        ran = host.run("env", *environment, *shlex.split(command), check=check)
        log += ran.stdout + ran.stderr
        if ran.returncode != 0:
            return ran.returncode, log
    return 0, log


def furnish(host: Machine, files: Mapping[str, HostFile]) -> None:
    """Write what a host's boot document writes, and what stands in for Amazon Linux."""
    for path, file in files.items():
        host.write(path, file.content, mode=file.mode)
    host.write("/usr/local/bin/rpm", _RPM, mode=0o755)


def listen_command(*ports: int) -> tuple[str, ...]:
    """Return the program that greets whoever connects to these ports."""
    return (*_PROBE, "listen", *map(str, ports))


def reach(source: Machine, *targets: str, seconds: float = _PATIENCE_SECONDS) -> dict[str, str]:
    """Return, for each ``host:port``, as whom it sees the machine, or why it can't be reached within the seconds."""
    return json.loads(source.run(*_PROBE, "reach", str(seconds), *targets).stdout)


def host_address(subnet: Any) -> str:
    """Return the address of the host in a subnet; the first four are AWS's own."""
    return str(subnet.network_address + 10)


def hold_command(target: str) -> tuple[str, ...]:
    """Return the program that keeps a connection open."""
    return (*_PROBE, "hold", target)


def reset_command(target: str) -> tuple[str, ...]:
    """Return the program that resets a connection that it never had."""
    return (*_PROBE, "reset", target)


@contextmanager
def room(artefacts: Artefacts) -> Generator[Room]:
    """Make the machines and their cables, and boot the bastion."""
    require_namespaces()
    for program, package in _PROGRAMS.items():
        require_program(program, package=package)
    with ExitStack() as stack:
        aws, internet, bastion, private_host = (stack.enter_context(machine()) for _ in range(4))
        made = Room(
            artefacts=artefacts, aws=aws, internet=internet, bastion=bastion, private_host=private_host, _stack=stack
        )
        _connect_internet(made)
        _connect_vpc(made)
        _furnish_bastion(made)
        made.boot_bastion()
        yield made


def _connect_internet(made: Room) -> None:
    made.internet.connect("aws", made.aws, "internet", mtu_bytes=INTERNET_MTU_BYTES)
    made.internet.ip(
        "address add 100.64.0.1/30 dev aws",
        f"address add {INTERNET_HOST}/32 dev lo",
        f"route add {made.artefacts.public_ip}/32 via 100.64.0.2",
    )
    made.internet.run("sysctl", "--quiet", "--write", "net.ipv4.ip_forward=1")
    made.internet.start(*listen_command(80))
    made.aws.ip("address add 100.64.0.2/30 dev internet", "route add default via 100.64.0.1")


def _connect_vpc(made: Room) -> None:
    artefacts = made.artefacts
    resolver = artefacts.vpc.network_address + 2
    made.aws.ip(f"address add {resolver}/32 dev lo", f"address add {METADATA}/32 dev lo")
    for host, name, subnet in (
        (made.bastion, "bastion", artefacts.public_subnet),
        (made.private_host, "private", artefacts.private_subnet),
    ):
        router = subnet.network_address + 1
        made.aws.connect(name, host, "eth0", mtu_bytes=VPC_MTU_BYTES)
        made.aws.ip(f"address add {router}/{subnet.prefixlen} dev {name}")
        host.ip(
            f"address add {host_address(subnet)}/{subnet.prefixlen} dev eth0",
            f"route add default via {router}",
        )
    made.aws.run("sysctl", "--quiet", "--write", "net.ipv4.ip_forward=1")
    made.aws.run("nft", "--file", "-", stdin=_aws_rules(made))
    made.aws.start(*listen_command(80))
    made.aws.start(
        "sh",
        "-c",
        f"dnsmasq --no-daemon --user=root --no-resolv --no-hosts --listen-address={resolver} --bind-interfaces "
        f"--address=/{PRIVATE_NAME}/{made.private_address} 2>&1",
    )
    made.private_host.start(*listen_command(PORT))


def _aws_rules(made: Room) -> str:
    ingress = "".join(
        f"        iifname internet ip daddr {made.bastion_address} ip saddr {rule['cidrIpv4']} "
        f"{rule['ipProtocol']} dport {rule['fromPort']}-{rule['toPort']} accept\n"
        for rule in made.artefacts.ingress_rules
    )
    return f"""
table ip aws {{
    counter stray {{}}
    chain stray {{
        type filter hook prerouting priority raw;
        iifname bastion ip saddr {made.artefacts.vpn} counter name stray
    }}
    chain internet_gateway_in {{
        type nat hook prerouting priority dstnat;
        iifname internet ip daddr {made.artefacts.public_ip} dnat to {made.bastion_address}
    }}
    chain internet_gateway_out {{
        type nat hook postrouting priority srcnat;
        oifname internet ip saddr {made.bastion_address} snat to {made.artefacts.public_ip}
    }}
    chain security_group {{
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        iifname {{ bastion, private }} accept
{ingress}    }}
}}
"""


def _furnish_bastion(made: Room) -> None:
    furnish(made.bastion, made.artefacts.files)
    made.bastion.write("/usr/local/bin/aws", _aws_cli(made.artefacts), mode=0o755)
    made.bastion.write(_SECRET_ANSWER, made.artefacts.server_key_secret, mode=0o600)
    made.bastion.start(*listen_command(SSH_PORT))


def _aws_cli(artefacts: Artefacts) -> str:
    answers: Mapping[str, str] = {
        f"ssm get-parameter --name {artefacts.peers_parameter_name} --query Parameter.Value": _PEERS_ANSWER,
        f"secretsmanager get-secret-value --secret-id {artefacts.server_key_secret_name} --query SecretString": (
            _SECRET_ANSWER
        ),
    }
    cases = "".join(f'"{artefacts.region} {call} --output text") cat {answer} ;;\n' for call, answer in answers.items())
    return (
        '#!/bin/sh\ncase "$AWS_REGION $*" in\n'
        f"{cases}"
        '*) echo "unexpected: aws $*, region $AWS_REGION" >&2; exit 252 ;;\nesac\n'
    )
