"""Machines for tests: each has a network, mounts and processes of its own, and is gone with the test that made it."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.support.programs import require_program, unavailable

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
"""What systemd gives to a service (systemd.exec, "Environment Variables in Spawned Processes")."""

_LONGEST_SECONDS = 30
"""What takes longer is a script that tries again and again, for minutes, what will not come here."""

_NSENTER = "/usr/bin/nsenter"
_NAMESPACES = ("--net", "--mount", "--pid")

# What a machine writes to these directories goes to its own memory. The last program ends when its standard input
# does: with the test, however that ends. It is the first process of its namespace, so that the others end with it.
_FIRST_PROCESS = """
set -e
mount -t tmpfs tmpfs /run
for directory in etc usr/local; do
    mkdir -p /run/overlay/$directory/upper /run/overlay/$directory/work
    mount -t overlay overlay /$directory \
        -o lowerdir=/$directory,upperdir=/run/overlay/$directory/upper,workdir=/run/overlay/$directory/work
done
ip link set lo up
echo ready
exec cat
"""


class Machine:
    """A machine that stands; :func:`machine` makes one."""

    def __init__(self, process_id: int) -> None:
        self.process_id = process_id
        """Of its first process, as this process sees it."""
        self._started: list[subprocess.Popen[str]] = []

    def run(self, *command: str, stdin: str = "", check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run a program with an empty environment but for systemd's search path, and return what came of it."""
        ran = subprocess.run(
            self._entered(command),
            input=stdin,
            capture_output=True,
            text=True,
            env={},
            check=False,
            timeout=_LONGEST_SECONDS,
        )
        if check:
            assert ran.returncode == 0, f"{' '.join(command)}: exit {ran.returncode}\n{ran.stdout}{ran.stderr}"
        return ran

    def start(self, *command: str) -> "subprocess.Popen[str]":
        """Start a program that prints a line when it is ready, and return it with that line read."""
        process = subprocess.Popen(
            self._entered(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
            env={},
        )
        self._started.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"{' '.join(command)}: ended before it was ready"
        return process

    def write(self, path: str, content: str, *, mode: int = 0o644) -> None:
        """Write a file that only this machine has."""
        file = self._outside(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.touch(mode=mode)
        file.write_text(content, encoding="utf-8")

    def read(self, path: str) -> str:
        """Return what a file of this machine holds."""
        return self._outside(path).read_text(encoding="utf-8")

    def ip(self, *lines: str) -> None:
        """Run lines of ``ip``'s batch language, e.g. ``route add default via 10.0.0.1``."""
        self.run("ip", "-batch", "-", stdin="".join(f"{line}\n" for line in lines))

    def connect(self, interface: str, other: "Machine", other_interface: str, *, mtu_bytes: int) -> None:
        """Join two machines by a cable; each end is up and has no address yet."""
        ends = f"link add {interface} mtu {mtu_bytes} type veth peer name {other_interface} mtu {mtu_bytes}"
        subprocess.run(
            # In the machine's network alone: the other one's process is known by the number that this process sees.
            [_NSENTER, f"--net=/proc/{self.process_id}/ns/net", "ip", *ends.split(), "netns", str(other.process_id)],
            check=True,
            capture_output=True,
            text=True,
        )
        self.ip(f"link set {interface} up")
        other.ip(f"link set {other_interface} up")

    def close(self) -> None:
        """Wait for what was started, after the machine's first process has ended."""
        for process in self._started:
            process.communicate()

    def _entered(self, command: tuple[str, ...]) -> list[str]:
        target = ("--target", str(self.process_id), *_NAMESPACES)
        return [_NSENTER, *target, "/usr/bin/env", f"PATH={PATH}", *command]

    def _outside(self, path: str) -> Path:
        return Path(f"/proc/{self.process_id}/root") / path.removeprefix("/")


def require_namespaces() -> None:
    """Skip the test, or in CI fail it, where no machine can be made."""
    unshare = require_program("unshare", package="util-linux")
    require_program("ip", package="iproute2")
    ran = subprocess.run([unshare, *_NAMESPACES, "--fork", "true"], capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        unavailable(f"no namespaces can be made here, which takes root: {ran.stderr.strip()}")


@contextmanager
def machine() -> Generator[Machine]:
    """Make a machine without any network but its loopback, and take it away afterwards.

    Nothing of it has a name outside, so that tests beside each other cannot meet, and nothing is left behind.
    """
    command = ["unshare", *_NAMESPACES, "--fork", "--mount-proc", "sh", "-c", _FIRST_PROCESS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", "the machine did not start"
        (first_process,) = psutil.Process(process.pid).children()
        made = Machine(first_process.pid)
        try:
            yield made
        finally:
            process.communicate()
            made.close()
