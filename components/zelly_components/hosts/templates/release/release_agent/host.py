"""The host: its configuration, where everything lies, and the programs that the agent calls."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from release_agent.failures import RefusedError
from release_agent.files import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AGENT = "/usr/local/sbin/release-agent"
TIMED_OUT = 124
"""The exit code of a program that was ended since its time was over, as timeout(1) has it."""
_AWS_SECONDS = 900


@dataclass(frozen=True)
class Service:
    """One service of the host."""

    name: str
    unit: str
    socket: str | None
    """What holds its port while it restarts, unless it listens by itself."""
    user: str
    overlaps: bool
    """Whether the old one may still run when the new one starts."""


@dataclass(frozen=True)
class Configuration:
    """What the program tells the host of itself, in ``/etc/<platform>/host.json``."""

    platform: str
    environment: str
    region: str
    bucket: str
    waves: tuple[tuple[str, ...], ...]
    services: Mapping[str, Service]
    migrations_user: str
    migrations_credentials: str
    """The unit that fetches the secrets of migrations."""
    migrations_environment: str
    """The file with the variables that migrations get, in memory and root's alone."""
    database_instance: str | None
    """The RDS instance, of which a snapshot is taken; none where there is none."""
    snapshot_before_release: bool
    ready_seconds: float
    """How long a wave may take until all of it is ready."""
    settle_seconds: float
    """How long all have to stay ready, without a restart, before the release counts as good."""
    confirm_seconds: float
    """How long the operator has to confirm."""
    undo_seconds: float
    """How often somebody looks whether a transaction was left alone: by its agent, or by its operator."""
    releases_kept: int
    minimum_free_mib: float
    prepare_seconds: float
    migration_seconds: float
    migration_lock_seconds: float
    """How long to wait for whoever else works on the database's schema."""


@dataclass(frozen=True)
class Answer:
    """What came of a program."""

    code: int
    out: str
    error: str

    @property
    def words(self) -> str:
        """The last line that it said, in which programs name the cause."""
        text = self.error if self.error.strip() else self.out
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return lines[-1] if lines else f"exit code {self.code}"


@dataclass(frozen=True)
class Host:
    """The host that the agent runs on."""

    root: Path
    configuration: Configuration

    def path(self, absolute: str) -> Path:
        """Return where a path of the host lies; tests and the simulation have their hosts below a directory."""
        return self.root / absolute.lstrip("/")

    @property
    def releases(self) -> Path:
        """The directory with a directory for each release."""
        return self.path(f"/opt/{self.configuration.platform}/releases")

    @property
    def artefacts(self) -> Path:
        """The directory with what is fetched and not unpacked yet."""
        return self.path(f"/opt/{self.configuration.platform}/artefacts")

    @property
    def current(self) -> Path:
        """The link to the current release, for people. No unit reads it."""
        return self.path(f"/opt/{self.configuration.platform}/current")

    @property
    def state(self) -> Path:
        """The directory with what the agent remembers."""
        return self.path(f"/var/lib/{self.configuration.platform}/releases")

    def directory(self, release: str, part: str) -> Path:
        """Return where a service of a release lies."""
        return self.releases / release / part

    def directory_for_units(self, release: str, part: str) -> str:
        """Return the same as units name it."""
        return f"/opt/{self.configuration.platform}/releases/{release}/{part}"

    def lock(self, what: str) -> Path:
        """Return the file of a lock."""
        return self.path(f"/run/lock/{self.configuration.platform}-{what}")

    def boot(self) -> str:
        """Return the id of the boot (proc(5), ``/proc/sys/kernel/random/boot_id``)."""
        return self.path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()

    def free_bytes(self) -> int:
        """Return how much the disk with the releases still takes."""
        status = os.statvfs(self.releases)
        return status.f_bavail * status.f_frsize

    def aws(self, *arguments: str, seconds: float = _AWS_SECONDS) -> Answer:
        """Call AWS's command line."""
        return run(["aws", "--region", self.configuration.region, *arguments], seconds=seconds)


def run(command: Sequence[str], seconds: float) -> Answer:
    """Run a program to its end, or until its time is over."""
    try:
        ran = subprocess.run(  # noqa: S603 (its words come from the table of actions and from checked names)
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return Answer(code=TIMED_OUT, out="", error=f"{command[0]}: no end within {seconds:g} seconds")
    except FileNotFoundError:
        return Answer(code=127, out="", error=f"{command[0]}: no such program")
    return Answer(code=ran.returncode, out=ran.stdout, error=ran.stderr)


def read_host(root: Path, place: str) -> Host:
    """Return the host that a configuration describes.

    Raises:
        RefusedError: when there is none, or when it lacks something.
    """
    try:
        values = read_json(root / place.lstrip("/"))
    except ValueError as error:
        raise RefusedError(str(error)) from error
    if values is None:
        raise RefusedError(f"{place}: not there; the host has not been configured yet")
    try:
        return Host(root=root, configuration=_configuration(values))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RefusedError(f"{place}: {error} is missing or of the wrong kind") from error


def _configuration(values: Mapping[str, Any]) -> Configuration:
    platform = str(values["platform"])
    services = {str(name): _service(str(name), each) for name, each in values["services"].items()}
    waves = tuple(tuple(str(name) for name in wave) for wave in values["waves"])
    if sorted(name for wave in waves for name in wave) != sorted(services):
        raise ValueError("waves, in which each service has to stand once,")
    return Configuration(
        platform=platform,
        environment=str(values["environment"]),
        region=str(values["region"]),
        bucket=str(values["bucket"]),
        waves=waves,
        services=services,
        migrations_user=str(values["migrations_user"]),
        migrations_credentials=str(values.get("migrations_credentials", f"{platform}-credentials@migrations.service")),
        migrations_environment=str(values.get("migrations_environment", f"/run/{platform}/credentials/migrations")),
        database_instance=values["database_instance"],
        snapshot_before_release=bool(values["snapshot_before_release"]),
        ready_seconds=float(values["ready_seconds"]),
        settle_seconds=float(values["settle_seconds"]),
        confirm_seconds=float(values["confirm_seconds"]),
        undo_seconds=float(values.get("undo_seconds", 15)),
        releases_kept=int(values["releases_kept"]),
        minimum_free_mib=float(values["minimum_free_mib"]),
        prepare_seconds=float(values.get("prepare_seconds", 600)),
        migration_seconds=float(values.get("migration_seconds", 600)),
        migration_lock_seconds=float(values.get("migration_lock_seconds", 60)),
    )


def _service(name: str, values: Mapping[str, Any]) -> Service:
    unit = str(values["unit"])
    return Service(
        name=name,
        unit=unit,
        socket=values.get("socket"),
        user=str(values.get("user", unit.rpartition(".")[0])),
        overlaps=bool(values["overlaps"]),
    )
