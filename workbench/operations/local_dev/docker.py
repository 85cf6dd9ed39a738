"""Docker on a developer's machine: whether it can run the platform, and compose's commands for it."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from workbench.errors import OperatorError
from workbench.local_dev.model import COMPOSE_VERSION, ENGINE_VERSION, FOLDER, LocalPlatform
from workbench.words import command

_STDERR = 2
"""Docker's progress is talk; stdout is the command's own."""

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")

# How Docker words a container's status: "Up 2 minutes (healthy)", "Exited (1) 3 seconds ago".
_HEALTH = re.compile(r"\((?:health: )?(healthy|unhealthy|starting)\)")
_EXIT_CODE = re.compile(r"(?:Exited|Restarting) \((\d+)\)")

_OWN_VARIABLES = ("COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME", "COMPOSE_ENV_FILES")
"""What of a developer's shell would let compose read other files, or call the project otherwise."""


@dataclass(frozen=True, kw_only=True)
class DockerFacts:
    """What Docker says of itself."""

    program: str | None
    """Its path; None: there is none."""
    engine: str | None = None
    """The engine's version; None: no engine answers."""
    complaint: str = ""
    """Why no engine answers."""
    compose: str | None = None
    """The version of its compose; None: it has none."""
    memory_mib: int | None = None
    """The memory that containers can have altogether."""

    @property
    def problems(self) -> Sequence[tuple[str, str]]:
        """Why it cannot run the platform, each with what is to be done."""
        return tuple(_problems(self))


def _problems(facts: DockerFacts) -> Iterator[tuple[str, str]]:
    engine, compose = _written(ENGINE_VERSION), _written(COMPOSE_VERSION)
    wanted = f"Docker {engine} or later with compose {compose} or later"
    if facts.program is None:
        yield "docker: not on PATH", f"install {wanted} (https://docs.docker.com/get-started/get-docker/)"
        return
    if facts.engine is None:
        yield f"docker: no engine answers ({facts.complaint})", _how_to_reach(facts.complaint)
    elif _older(facts.engine, ENGINE_VERSION):
        yield f"docker: the engine is {facts.engine}; {engine} or later is required", f"install {wanted}"
    if facts.compose is None:
        yield "docker compose: there is none", f"install compose {compose} or later (package docker-compose-plugin)"
    elif _older(facts.compose, COMPOSE_VERSION):
        yield (
            f"docker compose: it is {facts.compose}; {compose} or later is required",
            f"install compose {compose} or later (package docker-compose-plugin)",
        )


def _how_to_reach(complaint: str) -> str:
    if "permission denied" in complaint.lower():
        # "Linux post-installation steps for Docker Engine", Docker's documentation.
        return "sudo usermod -aG docker $USER, and log in again"
    return "start Docker"


def _older(version: str, than: tuple[int, ...]) -> bool:
    found = _VERSION.search(version)
    # One that has no number is a build of somebody's own.
    return found is not None and tuple(int(part or 0) for part in found.groups()) < than


def _written(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def read_docker() -> DockerFacts:
    """Ask Docker what there is."""
    program = shutil.which("docker")
    if program is None:
        return DockerFacts(program=None)
    engine = _asked(program, "version", "--format", "{{.Server.Version}}")
    compose = _asked(program, "compose", "version", "--short")
    answers = engine.returncode == 0
    memory = _asked(program, "info", "--format", "{{.MemTotal}}").stdout.strip() if answers else ""
    return DockerFacts(
        program=program,
        engine=engine.stdout.strip() if answers else None,
        complaint="" if answers else _last_line(engine),
        compose=compose.stdout.strip() if compose.returncode == 0 else None,
        memory_mib=int(memory) // 2**20 if memory.isdigit() and int(memory) else None,
    )


def _asked(program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 (the program that was looked for)
        [program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def _last_line(ran: "subprocess.CompletedProcess[str]") -> str:
    return (ran.stderr.strip().splitlines() or [f"exit code {ran.returncode}"])[-1]


def port_holders(program: str, port: int) -> tuple[str, ...]:
    """Return the containers that publish a port."""
    return tuple(_asked(program, "ps", "--filter", f"publish={port}", "--format", "{{.Names}}").stdout.split())


@dataclass(frozen=True, kw_only=True)
class ContainerState:
    """What became of a container."""

    service: str
    state: str
    """``running``, ``restarting``, ``exited``, …"""
    health: str = ""
    """``healthy``, ``unhealthy`` or ``starting``; empty: nobody checks."""
    exit_code: int = 0

    @property
    def is_running(self) -> bool:
        """Whether it runs, healthy or not."""
        return self.state == "running"

    @property
    def is_well(self) -> bool:
        """Whether it runs and is healthy as far as anybody checks, or has ended with success."""
        runs = self.is_running and self.health in {"", "healthy"}
        return runs or (self.state == "exited" and self.exit_code == 0)

    @property
    def words(self) -> str:
        """The state in a line."""
        if not self.is_running and self.exit_code:
            return f"{self.state}, exit code {self.exit_code}"
        return f"{self.state}, {self.health}" if self.health else self.state


def container_states(program: str, project: str) -> tuple[ContainerState, ...]:
    """Return the containers of a project. Docker is asked, not compose: what runs does not depend on any file."""
    filters = [f"label=com.docker.compose.project={project}", "label=com.docker.compose.oneoff=False"]
    options = [word for each in filters for word in ("--filter", each)]
    columns = '{{.Label "com.docker.compose.service"}}\t{{.State}}\t{{.Status}}'
    rows = _asked(program, "ps", "--all", *options, "--format", columns).stdout.splitlines()
    return tuple(_state(*row.split("\t")) for row in rows if row.strip())


def _state(service: str, state: str, status: str) -> ContainerState:
    health, code = _HEALTH.search(status), _EXIT_CODE.match(status)
    return ContainerState(
        service=service,
        state=state,
        health=health[1] if health else "",
        exit_code=int(code[1]) if code else 0,
    )


@dataclass(frozen=True, kw_only=True)
class Compose:
    """The compose commands of one platform."""

    program: str
    folder: Path
    """Holds the compose file."""
    project: str
    profiles: tuple[str, ...]
    """All that there are."""
    foreign: frozenset[str]
    """Variables that compose must not have from the developer's shell."""

    @classmethod
    def find(cls, platform: LocalPlatform, root: Path) -> "Compose":
        """Find Docker for the platform of a repository.

        Raises:
            OperatorError: when Docker cannot run it, or the compose file is not there.
        """
        return cls.of(read_docker(), platform, root)

    @classmethod
    def of(cls, facts: DockerFacts, platform: LocalPlatform, root: Path) -> "Compose":
        """Return the commands of a Docker that was asked before.

        Raises:
            OperatorError: as :meth:`find` does.
        """
        if facts.program is None or facts.problems:
            raise OperatorError(*(f"{what}; next: {then}" for what, then in facts.problems))
        folder = root / FOLDER
        if not (folder / "compose.yaml").is_file():
            raise OperatorError(f"{FOLDER}/compose.yaml: not there; next: {command('dev write')}")
        profiles = dict.fromkeys(application.profile for application in platform.applications)
        return cls(
            program=facts.program,
            folder=folder,
            project=platform.name,
            profiles=tuple(profiles),
            # Compose prefers what the shell says to what the file says, of addresses too.
            foreign=frozenset({*_OWN_VARIABLES, *(each.upstream_variable for each in platform.applications)}),
        )

    def arguments(self, *arguments: str, profiles: Sequence[str] | None = None) -> list[str]:
        """Return a whole command line; without ``profiles`` it is for the services of all of them."""
        chosen = self.profiles if profiles is None else profiles
        options = [word for profile in chosen for word in ("--profile", profile)]
        return [self.program, "compose", *options, *arguments]

    def run(
        self, *arguments: str, profiles: Sequence[str] | None = None, variables: Mapping[str, str] | None = None
    ) -> int:
        """Run a command with its output on stderr, and return its exit code."""
        return subprocess.run(  # noqa: S603 (the program that was looked for)
            self.arguments(*arguments, profiles=profiles),
            cwd=self.folder,
            env={**self._environment, **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=_STDERR,
            check=False,
        ).returncode

    def become(self, *arguments: str) -> NoReturn:
        """Let a command take this process over, terminal and all."""
        os.chdir(self.folder)
        words = self.arguments(*arguments)
        os.execve(self.program, words, self._environment)  # noqa: S606 (no shell is wanted)

    @property
    def _environment(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name not in self.foreign}

    def states(self) -> tuple[ContainerState, ...]:
        """Return the containers that there are, also those that have ended."""
        return container_states(self.program, self.project)

    def volumes(self) -> tuple[str, ...]:
        """Return the volumes that there are: those with data."""
        wanted = f"label=com.docker.compose.project={self.project}"
        return tuple(_asked(self.program, "volume", "ls", "--filter", wanted, "--format", "{{.Name}}").stdout.split())
