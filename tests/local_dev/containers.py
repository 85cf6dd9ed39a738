"""Services of a compose file as processes that find what they would in containers, without Docker.

Each has a root directory (this Debian under an overlay), mounts, processes and a network of its own, on a bridge of a
network namespace that stands for the developer's machine. So paths, ports, host names, ``127.0.0.1`` in a health check
and signals to a first process are those of the compose file, and nothing in it is rewritten.
"""

import os
import shlex
import signal
import subprocess
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.local_dev.images import Image
from tests.local_dev.model import Service
from tests.machines.vpn_namespaces import Machine, machine, require_namespaces
from tests.support.programs import require_program

_SUBNET = "172.30.0"
HOST_ADDRESS = f"{_SUBNET}.1"
"""The developer's machine, as containers see it: what compose makes of ``host-gateway``."""

_ROOT = """\
set -eu
mount -t tmpfs tmpfs "$1"
cd "$1"
mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
cd root
mount --rbind /dev dev
mount -t proc proc proc
echo 0 >proc/sys/net/ipv4/ip_unprivileged_port_start
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
chmod 1777 tmp
"""
_NETWORK = """\
echo made
read -r _
ip link set lo up
ip address add {address}/24 dev eth0
ip link set eth0 up
ip route add default via {host}
exec </dev/null
"""
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# It ends with this process, and takes everything in the container along.
_APART = (
    *("setpriv", "--pdeathsig", "KILL"),
    *("unshare", "--mount", "--propagation", "private", "--pid", "--net", "--uts", "--fork", "--kill-child"),
)


class Container:
    """A service that was started; :class:`Host` starts it."""

    def __init__(self, service: Service, image: Image, script: str, folder: Path) -> None:
        self._service = service
        self._as_user = _as_user(service.user or image.user)
        self._directory = service.working_directory or image.working_directory
        self._log, self._check_log = folder / f"{service.name}.log", folder / f"{service.name}.check.log"
        self._earlier_lives = self._log.stat().st_size if self._log.exists() else 0
        self._check: subprocess.Popen[bytes] | None = None
        root = folder / f"{service.name}.root"
        root.mkdir(exist_ok=True)
        self._environment = {"PATH": _PATH, "HOME": "/root", **image.environment, **service.environment}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_APART, "sh", "-c", script, "sh", str(root)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=self._environment,
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line == b"made\n", f"{service.name}: {self._log.read_text(encoding='utf-8')}"
        (first,) = psutil.Process(self._process.pid).children()
        self.first_process = first.pid

    def begin(self) -> None:
        """Let it run, after its network is there."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.close()

    def ended(self) -> int | None:
        """Return the exit code; None: it runs."""
        return self._process.poll()

    def begin_check(self) -> None:
        """Run the command of the health check."""
        check = self._service.health_check
        assert check is not None
        kind, *words = check.test
        command = ["/bin/sh", "-c", *words] if kind == "CMD-SHELL" else words
        with self._check_log.open("wb") as log:
            self._check = subprocess.Popen(
                self._entered(["timeout", "--signal=KILL", str(check.timeout), *command]),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
            )

    def checked(self) -> bool | None:
        """Return whether the check that was begun succeeded; None: it runs."""
        assert self._check is not None
        code = self._check.poll()
        return None if code is None else code == 0

    def last_words(self) -> str:
        """Return the last line that it wrote in this life."""
        return _last_line(self._log.read_bytes()[self._earlier_lives :])

    def last_words_of_check(self) -> str:
        """Return the last line that its last check wrote."""
        return _last_line(self._check_log.read_bytes() if self._check_log.exists() else b"")

    def run(self, *command: str, timeout: float = 20, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        """Run a program inside, as ``docker compose exec`` does."""
        return subprocess.run(
            self._entered(command),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            env=self._environment,
        )

    def kill(self) -> None:
        """Let it crash."""
        os.kill(self.first_process, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int | None:
        """Send the stop signal and wait; return the exit code, or None where it had to be killed."""
        os.kill(self.first_process, signal.Signals[self._service.stop_signal])
        try:
            code: int | None = self._process.wait(self._service.stop_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            code = None
        if self._check is not None:
            self._check.wait()
        return code

    def log(self) -> str:
        """Return what it wrote, in all its lives."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _entered(self, command: "list[str] | tuple[str, ...]") -> list[str]:
        enter = ["nsenter", "--target", str(self.first_process), "--net", "--mount", "--pid", "--root"]
        return [*enter, f"--wdns={self._directory}", *self._as_user, *command]


class Host:
    """The developer's machine, with the bridge of the containers; :func:`host` makes one."""

    def __init__(
        self,
        machine: Machine,
        services: Mapping[str, Service],
        images: Callable[[Service], Image],
        folder: Path,
    ) -> None:
        self.machine = machine
        self.containers: dict[str, Container] = {}
        self._images = images
        self._folder = folder
        self._addresses = {name: f"{_SUBNET}.{number}" for number, name in enumerate(services, start=2)}
        machine.ip("link add bridge0 type bridge", f"address add {HOST_ADDRESS}/24 dev bridge0", "link set bridge0 up")
        # What Docker does for a port that is published on 127.0.0.1.
        machine.run("sysctl", "--quiet", "--write", "net.ipv4.conf.all.route_localnet=1")
        self.publish(services)

    def start(self, service: Service) -> Container:
        """Start a service as its image and the compose file say."""
        image = self._images(service)
        address = self._addresses[service.name]
        container = Container(service, image, self._script(service, image, address), self._folder)
        number = int(address.rsplit(".", 1)[1])
        interface = f"to{number}"
        self.machine.run("sh", "-c", f"ip link delete {interface} 2>/dev/null || true")
        # In the machine's network alone: the container's process is known by the number that this process sees.
        subprocess.run(
            [
                *("nsenter", f"--net=/proc/{self.machine.process_id}/ns/net", "ip", "link", "add", interface),
                *("master", "bridge0", "up", "type", "veth", "peer", "name", "eth0"),
                # The same at each start, as Docker's, so that nobody remembers another.
                *("netns", str(container.first_process), "address", f"02:42:ac:1e:00:{number:02x}"),
            ],
            check=True,
        )
        container.begin()
        self.containers[service.name] = container
        return container

    def publish(self, services: Mapping[str, Service]) -> None:
        """Publish the ports and names of these services, and of no others."""
        self._names = {name: (name, *service.aliases) for name, service in services.items()}
        self.machine.run("nft", "--file", "-", stdin=self._rules(services))

    def _rules(self, services: Mapping[str, Service]) -> str:
        rules = "\n".join(
            f"ip daddr {port.host_address} tcp dport {port.published} dnat to {self._addresses[name]}:{port.target}"
            for name, service in services.items()
            for port in service.ports
        )
        return f"""
table ip published
delete table ip published
table ip published {{
    chain out {{ type nat hook output priority -100;
{rules}
    }}
    chain back {{ type nat hook postrouting priority srcnat; oifname bridge0 ip saddr 127.0.0.0/8 masquerade; }}
}}
"""

    def _hosts(self, service: Service) -> str:
        lines = ["127.0.0.1 localhost"]
        lines += [f"{self._addresses[name]} {' '.join(names)}" for name, names in self._names.items()]
        lines += [
            f"{HOST_ADDRESS if address == 'host-gateway' else address} {name}"
            for name, address in service.extra_hosts.items()
        ]
        return "".join(f"{line}\n" for line in lines)

    def _script(self, service: Service, image: Image, address: str) -> str:
        lines = [
            _ROOT,
            f"hostname {service.name}",
            f"printf %s {shlex.quote(self._hosts(service))} >etc/hosts",
            # Whatever else is asked for is answered at once: there is nobody.
            "echo nameserver 127.0.0.1 >etc/resolv.conf",
        ]
        for target, source in image.files.items():
            lines.append(_bound(source, target, read_only=True))
        for mount in sorted(service.mounts, key=lambda each: len(each.target)):
            if mount.content is not None:
                target = shlex.quote("." + mount.target)
                lines.append(f"mkdir -p $(dirname {target}); printf %s {shlex.quote(mount.content)} >{target}")
            elif mount.source is None:
                target = shlex.quote("." + mount.target)
                lines.append(f"mkdir -p {target}; mount -t tmpfs tmpfs {target}")
            else:
                lines.append(_bound(mount.source, mount.target, read_only=mount.read_only))
                if mount.is_volume:
                    lines.append(f"chown {image.owner} .{mount.target}")
        entrypoint = image.entrypoint if service.entrypoint is None else service.entrypoint
        # As Docker does: another entrypoint takes the image's command away (Dockerfile reference, "CMD").
        otherwise = image.command if service.entrypoint is None else ()
        words = [*entrypoint, *(otherwise if service.command is None else service.command)]
        if service.init:
            # What Docker has under the name docker-init: it passes signals on, which a first process without a handler
            # of its own does not heed.
            words = [require_program("tini", package="tini"), "--", *words]
        words = [*_as_user(service.user or image.user), *words]
        inside = f"cd {service.working_directory or image.working_directory}; exec {shlex.join(words)}"
        lines += [_NETWORK.format(address=address, host=HOST_ADDRESS), f"exec chroot . sh -c {shlex.quote(inside)} >&2"]
        return "\n".join(lines)


@contextmanager
def host(services: Mapping[str, Service], images: Callable[[Service], Image], folder: Path) -> Generator[Host]:
    """Make the developer's machine, and end with it whatever still runs."""
    require_namespaces()
    require_program("nft", package="nftables")
    with machine() as made:
        standing = Host(made, services, images, folder)
        try:
            yield standing
        finally:
            for container in standing.containers.values():
                if container.ended() is None:
                    container.kill()


def _as_user(user: str) -> list[str]:
    name, _, group = user.partition(":")
    # The signal of `_APART` is forgotten with the user.
    return ["setpriv", f"--reuid={name}", f"--regid={group or name}", "--clear-groups", "--pdeathsig", "KILL", "--"]


def _last_line(log: bytes) -> str:
    lines = log.decode(errors="replace").splitlines()
    return next((line for line in reversed(lines) if line.strip()), "")


def _bound(source: Path, target: str, *, read_only: bool) -> str:
    """Return the lines of a script that show a file or folder of this computer at a path of a container."""
    here = shlex.quote("." + target)
    there = shlex.quote(str(source))
    make = f"mkdir -p {here}" if source.is_dir() else f"mkdir -p $(dirname {here}); [ -e {here} ] || : >{here}"
    return f"{make}; mount --bind {'-o ro ' if read_only else ''}{there} {here}"
