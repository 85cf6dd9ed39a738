"""The platform on a developer's machine: its generated files, resolved by compose's own loader, run as processes."""

import json
import os
import shlex
import subprocess
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.local_dev import images
from tests.local_dev.containers import Container, Host, host
from tests.local_dev.images import Image
from tests.local_dev.model import Service, read
from tests.local_dev.rules import callers
from tests.local_dev.runner import Runner
from tests.support.programs import require_built, require_program
from zelly_infra import catalog
from zelly_infra.surroundings import QUEUES, SCHEMAS

MIGRATION = "-migrate"
"""How the names of the containers end that migrate, and end themselves."""
EVENTS = "default.events"
"""The table that the consumer of events writes to."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer over HTTPS, from somebody whose certificate was checked."""

    status: int
    body: str
    complaint: str
    """Why there is no answer; empty: there is one."""


class Platform:
    """Everything that a developer has; :func:`standing` makes it, with nothing started yet."""

    def __init__(self, folder: Path, services: Mapping[str, Service], host: Host) -> None:
        self.folder = folder
        """Holds ``local-dev`` with the files that each machine makes for itself, and ``volumes``."""
        self.services = dict(services)
        """Of the compose file as it is generated, resolved."""
        self.host = host
        self.runner = Runner(services, host.start)

    def container(self, name: str) -> Container:
        """Return what runs as a service, or ran last."""
        return self.host.containers[name]

    def change(self, services: Mapping[str, Service], *, anew: str | None = None) -> dict[str, str]:
        """Go over to another model; ``anew`` and all that waits for it start anew. Return what went wrong."""
        if anew is not None:
            self.runner.stop({anew, *callers(self.runner.services, anew)})
        self.runner.replace(services)
        self.host.publish(services)
        return self.runner.up()

    def resolved(self, variables: Mapping[str, str] | None = None) -> dict[str, Service]:
        """Return the services of the compose file with the environment files as they are now, in every profile.

        Raises:
            ValueError: when compose refuses the file, with what it says.
        """
        return resolved(self.folder, variables)

    @contextmanager
    def changed_environment(self, changes: Mapping[str, Callable[[str], str]]) -> Generator[None]:
        """Change environment files, by service, until the block ends."""
        files = {self.folder / "local-dev" / "env" / f"{name}.env": change for name, change in changes.items()}
        before = {path: path.read_text(encoding="utf-8") for path in files}
        for path, change in files.items():
            changed = change(before[path])
            assert changed != before[path], f"{path.name} is as it was"
            path.write_text(changed, encoding="utf-8")
        try:
            yield
        finally:
            for path, text in before.items():
                path.write_text(text, encoding="utf-8")

    def ask(self, url: str, *, body: str | None = None) -> Answer:
        """Send a request from the developer's machine, as somebody who trusts the authority there."""
        marker = "\n--\n"
        command = [require_program("curl", package="curl"), "--silent", "--show-error", "--max-time", "10", url]
        command += ["--cacert", str(self.authority), "--write-out", f"{marker}%{{http_code}}"]
        command += [] if body is None else ["--data", body]
        ran = self.host.machine.run(*command, check=False)
        content, _, status = ran.stdout.rpartition(marker)
        return Answer(status=int(status), body=content, complaint=ran.stderr.strip())

    @contextmanager
    def on_host(self, name: str, variables: Path) -> Generator[None]:
        """Run an application on the developer's machine itself, with a file of variables, until the block ends.

        As docs/local-development.md says it, "One service outside of Docker".
        """
        folder = self.folder / "on-host" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "facts.json").write_text(json.dumps(_facts(name, images.BULLMQ)), encoding="utf-8")
        node = require_program("node", package="nodejs")
        words = [node, "--env-file", str(variables), str(images.APPLICATION / "application.mjs")]
        authority = f"NODE_EXTRA_CA_CERTS={shlex.quote(str(self.authority))}"
        start = f"{authority} exec {shlex.join(words)} 2>&1"
        self.host.machine.start("sh", "-c", f"cd {shlex.quote(str(folder))}; echo $$ >process; {start}")
        try:
            yield
        finally:
            self.host.machine.run("kill", (folder / "process").read_text(encoding="utf-8").strip())

    def commands(self) -> list[str]:
        """Return the command line of every process in the containers."""
        first = [psutil.Process(each.first_process) for each in self.host.containers.values() if each.ended() is None]
        return [" ".join(each.cmdline()) for top in first for each in (top, *top.children(recursive=True))]

    @property
    def authority(self) -> Path:
        """Return the certificate that a developer has to trust."""
        return self.folder / "local-dev" / "certificates" / "ca.pem"


@contextmanager
def standing(folder: Path) -> Generator[Platform]:
    """Make the files of a developer's machine in a folder, and the machine."""
    services = resolved(folder)
    for service in services.values():
        for mount in service.mounts:
            if mount.source is not None and mount.source.is_relative_to(folder / "volumes"):
                mount.source.mkdir(parents=True, exist_ok=True)
    (folder / "containers").mkdir()
    with host(services, lambda service: _image(service, folder / "containers"), folder / "containers") as machine:
        yield Platform(folder, services, machine)


def resolved(folder: Path, variables: Mapping[str, str] | None = None) -> dict[str, Service]:
    """Return the services of the compose file in ``local-dev``, with more variables if given."""
    loader = require_built("compose-config", target="compose")
    ran = subprocess.run(
        [loader, "compose.yaml"],
        cwd=folder / "local-dev",
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        raise ValueError(ran.stderr.strip())
    document: dict[str, Any] = json.loads(ran.stdout)
    return read(document, folder / "volumes")


def _image(service: Service, folder: Path) -> Image:
    name = service.name.removesuffix(MIGRATION)
    if service.image is not None and name not in _CONTAINERS:
        return images.store(service)
    if name == "caddy":
        return images.caddy()
    path = folder / f"{service.name}.facts.json"
    path.write_text(json.dumps(_facts(name, images.BULLMQ_IN_CONTAINER)), encoding="utf-8")
    return images.application(path)


def _facts(name: str, bullmq: Path) -> dict[str, Any]:
    """Return what a stand-in is told of the application that it plays."""
    owner, container = _CONTAINERS[name]
    return {
        "service": name,
        "variables": [
            *container.environment,
            *container.settings,
            *(variable.name for variable in container.secrets),
        ],
        "uses": [schema.name for schema in SCHEMAS if name in schema.used_by],
        "owns": [schema.name for schema in SCHEMAS if name == schema.used_by[0]],
        "produces": [queue.name for queue in QUEUES if name == queue.producer],
        "consumes": [queue.name for queue in QUEUES if name == queue.consumer],
        "clickhouse": catalog.Store.CLICKHOUSE in owner.stores,
        "events": EVENTS,
        "bullmq": f"{bullmq}/",
        # Third parties' images know theirs by themselves.
        "port": next(iter(container.ports), None) if owner.github_repository is None else None,
    }


_CONTAINERS: Mapping[str, tuple[catalog.Service, catalog.Container]] = {
    container.name: (service, container) for service in catalog.SERVICES for container in service.containers
}
