"""A NAT instance on a machine, and the questions that tests ask of it."""

from collections.abc import Callable

from tests.machines.machine import Machine, wait_for

NAT = "nat.service"
LOGGING = "host-logging.service"
TIMER = "nat.timer"


class NatMachine:
    """A machine with a NAT instance's user data."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def boot(self) -> str:
        """Switch on, wait until the timer has started forwarding and logging once, and return how the first ended."""
        self.machine.boot()
        for unit in (NAT, LOGGING):
            self._wait_for(unit)
        return self.machine.show(NAT, "Result")

    def reboot(self) -> str:
        """Switch off and on, and return how the start of the forwarding ended."""
        self.machine.shut_down()
        return self.boot()

    def _wait_for(self, unit: str) -> None:
        wait_for(lambda: self.machine.show(unit, "ActiveState") in {"active", "failed"}, f"the end of {unit}")

    def rules(self, chain: str) -> list[str]:
        """Return a chain of the firewall as the kernel has it; empty where there is none."""
        listed = self.machine.run("nft", "list", "chain", "inet", "nat", chain, check=False).stdout
        return [line.strip() for line in listed.splitlines()[2:-2]]

    def forwards(self) -> bool:
        """Tell whether the kernel passes packets on."""
        return self.machine.run("cat", "/proc/sys/net/ipv4/ip_forward").stdout == "1\n"

    def tries_again(self) -> bool:
        """Tell whether the timer will start the forwarding once more by itself, which is within a minute."""
        return self.machine.show(TIMER, "NextElapseUSecMonotonic") not in {"", "0", "infinity"}

    def actions(self) -> list[str]:
        """Return, and forget, what was asked of the packages and of the CloudWatch agent, in order."""
        return self.machine.commands("aws", "dnf", "amazon-cloudwatch-agent-ctl")


NatFactory = Callable[..., NatMachine]
"""A NAT instance from its first boot on: real systemd, cloud-init and nftables; AWS stands in."""
