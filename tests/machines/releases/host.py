"""The service host with its release agent: releases to deploy, and what the agent says and leaves."""

import hashlib
import json
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pakashop_infra import catalog
from tests.machines.conftest import machines_in, volumes_in
from tests.machines.machine import wait_for
from tests.machines.releases import database, load
from tests.machines.services.artefacts import File, Files, ReleaseFiles, build_release
from tests.machines.services.authorities import Origin
from tests.machines.services.behaviour import Behaviour
from tests.machines.services.host import LANGUAGES, PLATFORM, RELEASES, ServiceMachine, inputs, secret_value

HOST_FILE = f"/etc/{PLATFORM}/host.json"
ENVIRONMENT = "staging"
STATE = f"/var/lib/{PLATFORM}/releases"

SHORT: Mapping[str, object] = {
    "ready_seconds": 40,
    "settle_seconds": 2,
    "undo_seconds": 2,
    "minimum_free_mib": 64,
    "releases_kept": 3,
    "migration_lock_seconds": 1,
}
"""What differs from the program's configuration of the agent: tests don't wait as long."""

_DATABASE = "/machine/practice-database.py"
_LOAD = "/machine/load.py"
_STOP = "/machine/load-stop"


def migrations(*names: str) -> tuple[Files, tuple[str, ...]]:
    """Return the migrations' artefact: a tool that speaks to the practice database with the secret that it is given."""
    asked = "".join(f"&name={name}" for name in names)
    tool = f"""#!/bin/sh
set -eu
secret=$(printf %s "$DATABASE_URL" | sha256sum | cut --characters=1-64)
exec curl --silent --show-error --fail-with-body "http://127.0.0.1:{database.PORT}/$1?secret=$secret{asked}"
"""
    return {"migrate": File(tool.encode(), 0o755)}, names


@dataclass(frozen=True)
class Ran:
    """What came of the agent."""

    code: int
    document: Mapping[str, Any]
    talk: str

    @property
    def end(self) -> tuple[int, str, str | None]:
        """The exit code, the outcome and the stage."""
        return self.code, self.document["outcome"], self.document["stage"]


class ReleaseMachine:
    """The booted host and its agent."""

    def __init__(self, services: ServiceMachine) -> None:
        self.services = services
        self.machine = services.machine
        self._commits = 0

    # Releases

    def release(
        self,
        behaviours: Mapping[str, Behaviour] | None = None,
        *,
        migrated: tuple[Files, tuple[str, ...]] | None = None,
    ) -> str:
        """Put a new release into the bucket and return its id."""
        self._commits += 1
        made = build_release(
            PLATFORM, LANGUAGES, commit=f"{self._commits:040x}", behaviours=behaviours, migrations=migrated
        )
        self.put(made)
        return made.release

    def put(self, made: ReleaseFiles) -> None:
        """Put a release into the bucket."""
        for key, content in made.objects.items():
            self.machine.put_object(self.services.host.bucket, key, content)

    # The agent

    def agent(self, action: str, release: str = "none", service: str = "all") -> Ran:
        """Run an action to its end."""
        ran = self.machine.run(*_command(action, release, service), check=False, timeout=300)
        return Ran(ran.returncode, json.loads(ran.stdout), ran.stderr)

    def deploy_and_confirm(self, release: str) -> None:
        """Deploy and confirm, which has to succeed."""
        deployed = self.agent("deploy", release)
        assert deployed.end == (0, "waiting", "confirm"), deployed.talk
        confirmed = self.agent("confirm", release)
        assert confirmed.end == (0, "healthy", "confirm"), confirmed.talk

    @contextmanager
    def deploying(self, release: str) -> Generator["subprocess.Popen[str]"]:
        """Deploy while something else happens, and wait for the end."""
        inside = ["nsenter", "--target", str(self.machine.process_id), "--all", "--root", "--wd=/"]
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
        process = subprocess.Popen(
            [*inside, "env", path, *_command("deploy", release, "all")],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def transaction(self) -> Mapping[str, Any] | None:
        """Return the transaction that is under way."""
        path = self.machine.root / f"{STATE}/transaction.json"[1:]
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def wait_for_phase(self, phase: str, *, touched: int = 0) -> None:
        """Wait until a transaction has come so far."""

        def is_there() -> bool:
            found = self.transaction()
            return found is not None and found["phase"] == phase and len(found["touched"]) >= touched

        wait_for(is_there, f"the phase {phase}")

    def history(self) -> list[dict[str, Any]]:
        """Return the whole history."""
        path = self.machine.root / f"{STATE}/history.jsonl"[1:]
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def configure(self, **changes: object) -> None:
        """Let the agent's configuration differ from now on."""
        path = self.machine.root / HOST_FILE[1:]
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")

    # What runs

    def answering(self) -> dict[str, str]:
        """Return, by service, the release that answers on its port."""
        found: dict[str, str] = {}
        for service in catalog.SERVICES:
            directory: str = self.services.get(service.name, "/health")["release"]
            release, name = directory.removeprefix(f"{RELEASES}/").split("/")
            assert name == service.name
            found[name] = release
        return found

    def start_database(self) -> None:
        """Start the database of the migrations, empty."""
        self._put(_DATABASE, database.__file__)
        url = secret_value(catalog.DATABASE_SECRET, "DATABASE_URL")
        digest = hashlib.sha256(url.encode()).hexdigest()
        self.machine.run("systemd-run", "--quiet", "--unit=practice-database", "/usr/bin/python3", _DATABASE, digest)
        ask = ("curl", "--silent", "--output", "/dev/null", f"http://127.0.0.1:{database.PORT}/status")
        wait_for(lambda: self.machine.run(*ask, check=False).returncode == 0, "the database")

    def _put(self, place: str, program: str) -> None:
        (self.machine.root / place[1:]).write_text(Path(program).read_text(encoding="utf-8"), encoding="utf-8")

    def failed(self) -> list[str]:
        """Return the platform's units that failed."""
        return [unit for unit in self.services.failed() if unit.startswith(f"{PLATFORM}-")]

    # Load

    @contextmanager
    def load(self, *, threads: int) -> Generator[dict[str, Any]]:
        """Ask nginx, and each service on its own port, without a pause until the block ends; what came is filled in."""
        self._put(_LOAD, load.__file__)
        (self.machine.root / _STOP[1:]).unlink(missing_ok=True)
        urls = [f"http://127.0.0.1:{service.port}{service.health_path}" for service in catalog.SERVICES]
        inside = ["nsenter", "--target", str(self.machine.process_id), "--all", "--root", "--wd=/"]
        process = subprocess.Popen(
            [*inside, "/usr/bin/python3", _LOAD, _STOP, str(threads), "https://api.pakashop.store/health", *urls],
            stdout=subprocess.PIPE,
            text=True,
        )
        result: dict[str, Any] = {}
        try:
            yield result
        finally:
            (self.machine.root / _STOP[1:]).touch()
            out, _ = process.communicate(timeout=120)
            result.update(json.loads(out))


def _command(action: str, release: str, service: str) -> list[str]:
    return ["release-agent", action, "--release", release, "--service", service, "--environment", ENVIRONMENT]


@contextmanager
def booted(folder: Path) -> Generator[ReleaseMachine]:
    """Boot the host, with nothing released yet, until the block ends."""
    origin = Origin()
    with volumes_in(folder), machines_in(folder) as new_machine:
        boot = inputs(origin)
        host_file = boot.configuration["files"][HOST_FILE]
        content = json.dumps(json.loads(host_file["content"]) | SHORT)
        files = {**boot.configuration["files"], HOST_FILE: {**host_file, "content": content}}
        boot = replace(boot, configuration={**boot.configuration, "files": files})
        machine = new_machine(boot)
        origin.write(machine.root)
        host = ServiceMachine(machine, boot)
        assert host.boot() == "success", machine.journal("host-apply.service")
        yield ReleaseMachine(host)
