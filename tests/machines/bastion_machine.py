"""A bastion on a machine, and the questions that tests ask of it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.machines.hosts import HostInputs
from tests.machines.machine import Machine

PEERS = "vpn-peers.service"
NETWORK = "vpn-network.service"


@dataclass(frozen=True)
class Interface:
    """What WireGuard has been told: its own public key and port, and the allowed addresses by peer."""

    public_key: str
    port: int
    peers: dict[str, str]


class BastionMachine:
    """A machine with a bastion's user data."""

    def __init__(self, machine: Machine, host: HostInputs) -> None:
        self.machine = machine
        self.host = host

    def boot(self) -> str:
        """Switch on, wait until the timer has brought the peers up once, and return how that ended."""
        self.machine.boot()
        return self.machine.first_run(PEERS)

    def reboot(self) -> str:
        """Switch off and on, and return how the first run ended."""
        self.machine.shut_down()
        return self.boot()

    def run_again(self) -> str:
        """Do what the timer does every minute, and return how it ended."""
        return self.machine.start(PEERS)

    def interface(self) -> Interface | None:
        """Return the state of ``wg0``, or nothing when there is no such interface."""
        shown = self.machine.run("wg", "show", "wg0", "dump", check=False)
        if shown.returncode != 0:
            return None
        (_, public_key, port, _), *peers = [line.split("\t") for line in shown.stdout.splitlines()]
        return Interface(public_key, int(port), {peer[0]: peer[3] for peer in peers})

    def rules(self, chain: str) -> list[str]:
        """Return a chain of the firewall as the kernel has it."""
        listed = self.machine.run("nft", "list", "chain", "inet", "vpn", chain, check=False).stdout
        return [line.strip() for line in listed.splitlines()[2:-2]]

    def forwards(self) -> bool:
        """Tell whether the kernel passes packets on."""
        return self.machine.run("cat", "/proc/sys/net/ipv4/ip_forward").stdout == "1\n"

    def actions(self) -> list[str]:
        """Return, and forget, what was asked of AWS and of the packages, sorted: two units run side by side."""
        return sorted(self.machine.commands("aws", "dnf", "amazon-cloudwatch-agent-ctl"))


BastionFactory = Callable[..., BastionMachine]
