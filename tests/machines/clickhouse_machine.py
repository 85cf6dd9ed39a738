"""A ClickHouse host on a machine, and the questions that tests ask of it."""

from collections.abc import Callable

from tests.machines.hosts import PASSWORD, VOLUME_LINK, HostInputs
from tests.machines.machine import Machine
from tests.machines.volumes import Volume

SERVICE = "clickhouse-apply.service"
DATA = "/var/lib/clickhouse"
_OF_THE_SERVER = ("docker rm", "docker run", "docker stop")

LINK = f"/dev/disk/by-id/{VOLUME_LINK}"


class ClickHouseMachine:
    """A machine with a ClickHouse host's user data."""

    def __init__(self, machine: Machine, host: HostInputs) -> None:
        self.machine = machine
        self.host = host

    def attach(self, volume: Volume) -> None:
        """Attach the data volume."""
        self.machine.attach({VOLUME_LINK: volume.number})

    def boot(self) -> str:
        """Switch on, wait until the host's timer has done its work once, and return how that ended."""
        self.machine.boot()
        return self.machine.first_run(SERVICE)

    def reboot(self) -> str:
        """Switch off and on, and return how the first run ended."""
        self.machine.shut_down()
        return self.boot()

    def run_again(self) -> str:
        """Do what the timer does every five minutes, and return how it ended."""
        return self.machine.start(SERVICE)

    def messages(self) -> list[str]:
        """Return what the host has logged in this boot, without the attempts to reach a server that is starting."""
        return [line for line in self.machine.journal(SERVICE) if "/ping" not in line]

    def actions(self, *programs: str) -> list[str]:
        """Return, and forget, what was asked of AWS, the packages and Docker, sorted: two units run side by side.

        What only looks (rpm), what only waits (sleep) and what starts or stops the server is left out.
        """
        wanted = programs or ("amazon-cloudwatch-agent-ctl", "aws", "dnf", "docker")
        calls = [call.command for call in self.machine.calls()]
        return sorted(call for call in calls if call.startswith(wanted) and not call.startswith(_OF_THE_SERVER))

    def is_failed(self) -> bool:
        """Tell whether systemd lists the host's service as failed."""
        return self.machine.show(SERVICE, "ActiveState") == "failed"

    def configuration(self) -> list[str]:
        """Return the names of the files that the server is configured with."""
        current = self.machine.root / "etc/clickhouse-host/current"
        return sorted(str(path.relative_to(current)) for path in current.rglob("*") if path.is_file())

    def mounted(self) -> str:
        """Return the device on which the data lies."""
        return self.machine.run("findmnt", "--noheadings", "--output", "SOURCE", DATA).stdout.strip()

    def size_mib(self) -> int:
        """Return how much the data's file system was made to hold."""
        return int(self.machine.run("stat", "--file-system", "--format", "%b", DATA).stdout) * 4096 // 1024**2

    def query(self, sql: str, *, user: str | None = None, password: str = PASSWORD) -> str:
        """Return ClickHouse's answer over HTTP, or its error, in this host's network."""
        credentials = ["--user", f"{user}:{password}"] if user else []
        url = "http://127.0.0.1:8123/"
        return self.machine.run("curl", "--silent", *credentials, "--data-binary", sql, url).stdout.strip()

    def own_query(self, sql: str) -> str:
        """Return the answer to the host's own user."""
        return self.query(sql, user="zelly")

    def listening(self) -> list[str]:
        """Return the addresses on which the host accepts TCP connections."""
        lines = self.machine.run("ss", "--tcp", "--listening", "--numeric", "--no-header").stdout.splitlines()
        return sorted(line.split()[3] for line in lines)


ClickHouseFactory = Callable[..., ClickHouseMachine]
