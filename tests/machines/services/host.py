"""Pakashop's host on a machine: what it boots and fetches, and the questions that tests ask of it."""

import hashlib
import json
from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pakashop_infra import catalog
from tests.machines.hosts import Boot
from tests.machines.machine import Machine, wait_for
from tests.machines.services.artefacts import ReleaseFiles, build_release
from tests.machines.services.authorities import Origin
from tests.machines.services.behaviour import Behaviour
from tests.programs.pakashop.evaluations import evaluation_of
from zelly_components.hosts.services import paths

PLATFORM = "pakashop"
STACK = "staging"
APPLY = "host-apply.service"
NGINX_APPLY = "nginx-apply.service"
SERVICES = tuple(service.name for service in catalog.SERVICES)
LANGUAGES = {service.name: str(service.language) for service in catalog.SERVICES}
RELEASES = f"/opt/{PLATFORM}/releases"

_SITE = "/etc/host/nginx/nginx.conf"


def unit(service: str) -> str:
    """Return a service's unit."""
    return f"{PLATFORM}-{service}.service"


UNITS = tuple(map(unit, SERVICES))


def secret_value(secret: str, key: str) -> str:
    """Return what Secrets Manager holds under a key: told from every other one, and nothing that a shell could read."""
    return f"{secret}/{key} '\"$`\\ 100%"


@dataclass(frozen=True)
class HostInputs(Boot):
    """What the host of a stack boots and fetches, as the program registers it."""

    configuration: Mapping[str, Any]
    parameter_name: str
    bucket: str
    origin: Origin

    @cached_property
    def secrets(self) -> Mapping[str, Mapping[str, str]]:
        """The values of all secrets of the program, by name and key."""
        keys = {**catalog.PROGRAM_SECRETS, **catalog.APPLICATION_SECRETS}
        found = {name: {key: secret_value(name, key) for key in each} for name, each in keys.items()}
        return {**found, catalog.ORIGIN_SECRET: self.origin.secret}

    @property
    def answers(self) -> Mapping[str, str]:
        """The secrets."""
        return {f"secretsmanager get-secret-value {name}": json.dumps(each) for name, each in self.secrets.items()}


def inputs(origin: Origin) -> HostInputs:
    """Return what the program registers for the stack's host."""
    evaluation = evaluation_of(STACK)
    host = f"{PLATFORM}-{STACK}-host"
    written = evaluation.one("aws:s3/bucketObjectv2:BucketObjectv2", f"{host}-configuration").inputs
    bucket = evaluation.one("aws:s3/bucket:Bucket", f"{PLATFORM}-{STACK}-releases").inputs["bucket"]
    return HostInputs(
        stack=STACK,
        user_data=evaluation.one("aws:ec2/instance:Instance", f"{host}-instance").inputs["userData"],
        configuration=json.loads(written["content"]),
        parameter_name=evaluation.one("aws:ssm/parameter:Parameter", f"{host}-configuration-parameter").inputs["name"],
        bucket=bucket,
        origin=origin,
    )


@dataclass(frozen=True, kw_only=True)
class UnitState:
    """A unit, as systemd shows it."""

    active: str
    sub: str
    result: str
    main_pid: int
    restarts: int
    started_at: int
    """Microseconds since the boot at which its program was started."""
    ready_at: int
    """Microseconds since the boot at which it was active."""

    @property
    def process(self) -> tuple[int, int]:
        """What changes with every start: of the same boot no two starts are at the same time."""
        return self.main_pid, self.started_at


_SHOWN = (
    "Id",
    "ActiveState",
    "SubState",
    "Result",
    "MainPID",
    "NRestarts",
    "ExecMainStartTimestampMonotonic",
    "ActiveEnterTimestampMonotonic",
)


class ServiceMachine:
    """A machine with the service host's user data."""

    def __init__(self, machine: Machine, host: HostInputs) -> None:
        self.machine = machine
        self.host = host
        # The machine has no network; what is there is not fetched.
        for path in host.configuration["downloads"]:
            (machine.root / path[1:]).write_text("", encoding="utf-8")
        self.wants(host.configuration)

    # The configuration

    def wants(self, configuration: Mapping[str, Any], *, written: bytes | None = None) -> None:
        """Let the parameter name a configuration; ``written`` is what the bucket holds in its place."""
        content = json.dumps(configuration, sort_keys=True).encode()
        digest = hashlib.sha256(content).hexdigest()
        key = f"host/{digest}.json"
        self.machine.put_object(self.host.bucket, key, content if written is None else written)
        self.machine.answer(f"ssm get-parameter {self.host.parameter_name}", json.dumps({"key": key, "sha256": digest}))

    def changed(self, path: str, content: str | None, *, mode: str = "0644") -> dict[str, Any]:
        """Return the stack's configuration with another file; None: without it."""
        files = {name: file for name, file in self.host.configuration["files"].items() if name != path}
        own = {} if content is None else {path: {"content": content, "mode": mode}}
        return {**self.host.configuration, "files": {**files, **own}}

    def site(self) -> str:
        """Return nginx's site, as the program renders it."""
        return self.host.configuration["files"][_SITE]["content"]

    def apply(self) -> str:
        """Do what the timer does every five minutes, and return how it ended."""
        return self._start(APPLY)

    def apply_nginx(self) -> str:
        """Do what nginx's timer does every five minutes, and return how it ended."""
        return self._start(NGINX_APPLY)

    def _start(self, name: str) -> str:
        # In five minutes nobody starts them as often as tests do.
        self.machine.run("systemctl", "reset-failed")
        return self.machine.start(name)

    # Power

    def boot(self) -> str:
        """Switch on, wait until the host's timer has done its work once, and return how that ended."""
        self.machine.boot()
        ended = self.machine.first_run(APPLY)
        if ended == "success":
            self.machine.first_run(NGINX_APPLY)
        return ended

    # Releases

    def install(self, release: ReleaseFiles) -> None:
        """Put a release onto the host and start it, without the agent: directories, drop-ins, units."""
        folder = self.machine.root / RELEASES[1:] / release.release
        for service, files in release.services.items():
            for name, file in files.items():
                path = folder / service / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(file.content)
                path.chmod(file.mode)
        self.machine.run("chmod", "--recursive", "a+rX", RELEASES)
        prepared = [name for name, files in release.services.items() if "prepare" in files]
        for service in prepared:
            directory = f"{RELEASES}/{release.release}/{service}"
            self.machine.run("chown", "--recursive", f"{PLATFORM}-{service}:", directory)
            self.machine.run(
                "setpriv", f"--reuid={PLATFORM}-{service}", "--clear-groups", "sh", "-c", f"cd {directory} && ./prepare"
            )
        for service in release.services:
            self.point(service, release.release)
        self.machine.run("systemctl", "daemon-reload")
        units = [*map(unit, release.services)]
        sockets = [name.replace(".service", ".socket") for name in units]
        self.machine.run("systemctl", "enable", "--quiet", *units, *sockets)
        self.machine.run("systemctl", "start", *sockets, *units, timeout=120)

    def point(self, service: str, release: str) -> None:
        """Write the drop-in that says which release a service runs, as the agent does."""
        directory = f"{RELEASES}/{release}/{service}"
        path = self.machine.root / paths.drop_in(PLATFORM, service)[1:]
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            f"[Service]\nWorkingDirectory={directory}\nExecStart=\nExecStart={directory}/start\n", encoding="utf-8"
        )

    def tell(self, service: str, behaviour: Behaviour | None, *, settings: Iterable[str] = ()) -> None:
        """Tell a service how to behave from its next start on, with shorter times of its unit; None: as usual."""
        folder = self.machine.root / "etc/practice"
        folder.mkdir(exist_ok=True)
        told = folder / f"{service}.json"
        override = self.machine.root / f"etc/systemd/system/{unit(service)}.d/test.conf"
        told.unlink(missing_ok=True)
        override.unlink(missing_ok=True)
        if behaviour is not None:
            told.write_text(behaviour.text(), encoding="utf-8")
            override.write_text("\n".join(["[Service]", *settings, ""]), encoding="utf-8")
        self.machine.run("systemctl", "daemon-reload")

    # Questions

    def states(self, units: Iterable[str] = UNITS) -> dict[str, UnitState]:
        """Return the states of units."""
        text = self.machine.run("systemctl", "show", "--property", ",".join(_SHOWN), *units).stdout
        states: dict[str, UnitState] = {}
        for block in text.strip().split("\n\n"):
            shown = dict(line.split("=", 1) for line in block.splitlines())
            states[shown["Id"]] = UnitState(
                active=shown["ActiveState"],
                sub=shown["SubState"],
                result=shown["Result"],
                main_pid=int(shown["MainPID"]),
                restarts=int(shown["NRestarts"]),
                started_at=int(shown["ExecMainStartTimestampMonotonic"]),
                ready_at=int(shown["ActiveEnterTimestampMonotonic"]),
            )
        return states

    def state(self, service: str) -> UnitState:
        """Return the state of a service."""
        return self.states([unit(service)])[unit(service)]

    def processes(self) -> dict[str, tuple[int, int]]:
        """Return what changes with every start of a service."""
        return {name: state.process for name, state in self.states().items()}

    def failed(self) -> list[str]:
        """Return the units that failed."""
        text = self.machine.run("systemctl", "list-units", "--failed", "--plain", "--no-legend").stdout
        return sorted(line.split()[0] for line in text.splitlines())

    def get(self, service: str, path: str, *, seconds: float = 10) -> dict[str, Any]:
        """Return what a service answers on its own port."""
        port = catalog.service(service).port
        ran = self.machine.run("curl", "--silent", "--max-time", str(seconds), f"http://127.0.0.1:{port}{path}")
        return json.loads(ran.stdout)

    def ask(self, path: str, *options: str, client: bool = True) -> tuple[int, str]:
        """Return the status and the body of nginx's answer over HTTPS, 0 where there is no connection."""
        names = Origin.names()
        shown = ["--cert", names.client, "--key", names.client_key] if client else []
        ran = self.machine.run(
            *("curl", "--silent", "--max-time", "10", "--cacert", names.authority, "--write-out", "\n%{http_code}"),
            *(*shown, "--resolve", "api.pakashop.store:443:127.0.0.1", *options),
            f"https://api.pakashop.store{path}",
            check=False,
        )
        body, _, status = ran.stdout.rpartition("\n")
        return int(status), body

    @contextmanager
    def load(self, *urls: str) -> Generator[dict[str, Counter[str]]]:
        """Ask these addresses again and again, each on a new connection, until the block ends.

        Then it is known how often each was answered with which status; 000 is no answer at all.
        """
        names = Origin.names()
        stop = self.machine.root / "run-load"
        stop.write_text("", encoding="utf-8")
        ask = (
            f"while [ -e /run-load ]; do curl --silent --max-time 20 --header 'Connection: close' --output /dev/null"
            f" --cacert {names.authority} --cert {names.client} --key {names.client_key}"
            " --resolve api.pakashop.store:443:127.0.0.1 --write-out '%{http_code}\\n' \"$0?[1-20]\"; done"
        )
        statuses: dict[str, Counter[str]] = {}
        with ThreadPoolExecutor(max_workers=len(urls)) as pool:
            running = {
                url: pool.submit(self.machine.run, "bash", "-c", ask, url, check=False, timeout=120) for url in urls
            }
            try:
                yield statuses
            finally:
                stop.unlink()
                statuses.update({url: Counter(each.result().stdout.split()) for url, each in running.items()})

    def nginx_configuration(self) -> str:
        """Return the id of the configuration that nginx runs."""
        url = f"http://127.0.0.1:{paths.NGINX_CONFIGURATION_PORT}/configuration"
        return self.machine.run("curl", "--silent", url, check=False).stdout

    def wait_until_ready(self, service: str) -> None:
        """Wait until a service is active."""
        wait_for(lambda: self.state(service).active == "active", f"{service} to be ready")


def practice_release(behaviours: Mapping[str, Behaviour] | None = None, *, commit: str = "0" * 40) -> ReleaseFiles:
    """Return a release of all services."""
    return build_release(PLATFORM, LANGUAGES, commit=commit, behaviours=behaviours)
