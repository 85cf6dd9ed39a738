"""The start of a platform: what is made first, what stands in the way, and what became of it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from workbench.counting import counted, listed
from workbench.errors import OperationFailedError, OperatorError
from workbench.local_dev.model import FOLDER, Build, LocalPlatform
from workbench.local_dev.writing import differences
from workbench.operations.local_dev.certificates import CertificatesPlan, plan_certificates, write_certificates
from workbench.operations.local_dev.chosen import Chosen
from workbench.operations.local_dev.docker import Compose, ContainerState, port_holders
from workbench.operations.local_dev.environment_files import (
    EnvironmentPlan,
    plan_environment,
    write_environment,
    write_for_host,
)
from workbench.operations.local_dev.ports import Taken, holder, is_taken
from workbench.words import command

OVERRIDE = "compose.override.yaml"
"""The developer's own changes of the compose file, which compose reads after it."""

OTHER_BRANCH = "check out a branch that has it"

_WAIT_SECONDS = 900
"""For everything to be healthy, once images are there. A first MySQL and migrations take minutes (an estimate)."""


@dataclass(frozen=True, kw_only=True)
class UpPlan:
    """What a start makes and starts."""

    chosen: Chosen
    environment: EnvironmentPlan
    certificates: CertificatesPlan
    running: tuple[str, ...]
    """The containers that run already."""
    outdated: int
    """How many committed files are not as they are written."""
    builds: bool
    recreates: bool

    def lines(self) -> list[str]:
        """Return what is going to happen, for the developer to read."""
        lines = [] if self.environment.is_empty else self.environment.lines()
        lines += [] if self.certificates.is_empty else self.certificates.lines()
        if self.outdated:
            lines.append(
                f"{counted(self.outdated, 'file')} not as {command('dev write')} writes them; started as they are"
            )
        lines.append(f"start {listed([part.name for part in self.chosen.parts])}")
        if self.chosen.migrations:
            lines.append(f"migrate {listed([each.name for each in self.chosen.migrations])} before")
        if self.chosen.on_host:
            lines.append(f"not in Docker: {listed([each.name for each in self.chosen.on_host])}")
        return lines

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {
            "environment": self.environment.document(),
            "certificates": self.certificates.document(),
            "starts": [part.name for part in self.chosen.parts],
            "migrates": [each.name for each in self.chosen.migrations],
            "without": [each.name for each in self.chosen.on_host],
            "running": list(self.running),
            "outdated_files": self.outdated,
        }


def plan_up(
    platform: LocalPlatform, root: Path, compose: Compose, chosen: Chosen, *, builds: bool, recreates: bool
) -> UpPlan:
    """Look what a start has to make, and whether it can be.

    Raises:
        OperatorError: when a repository is missing or a port is taken, with a line for each.
    """
    if missing := tuple(missing_folders(root, chosen)):
        raise OperatorError(*missing)
    environment = plan_environment(platform, root)
    certificates = plan_certificates(platform, root, datetime.now(UTC))
    running = tuple(state.service for state in compose.states() if state.is_running)
    if taken := taken_ports(chosen, {*running, *moved_ports(root)}, compose.program):
        then = f"next: stop it, or publish another port in {FOLDER}/{OVERRIDE}"
        raise OperatorError(
            *(f"port {each.port} for {each.wanted_by}: taken by {each.holder}; {then}" for each in taken)
        )
    return UpPlan(
        chosen=chosen,
        environment=environment,
        certificates=certificates,
        running=running,
        outdated=len(differences(platform, root)),
        builds=builds,
        recreates=recreates or not certificates.is_empty,
    )


def missing_folders(root: Path, chosen: Chosen) -> Iterator[str]:
    """Yield a line for each folder that an image is built from and that is not there."""
    for build, name in chosen.built:
        repository = root if build.repository is None else root.parent / build.repository
        if not repository.is_dir():
            yield f"{repository}: not there, and {name} is built from it; next: {command('dev clone', repository.name)}"
        elif (lacking := lacking_folder(build, repository)) is not None:
            yield f"{repository}: without the folder {lacking}, which {name} is built from; next: {OTHER_BRANCH}"


def lacking_folder(build: Build, repository: Path) -> str | None:
    """Return the folder that an image is built from and that the repository has not; None: it has it."""
    return None if (repository / build.folder).is_dir() else build.folder


def taken_ports(chosen: Chosen, settled: Collection[str], program: str | None) -> tuple[Taken, ...]:
    """Return the ports that containers would publish and somebody else has; ``settled`` are the ones not asked for."""

    def containers(port: int) -> tuple[str, ...]:
        return () if program is None else port_holders(program, port)

    return tuple(
        Taken(port.published, part.name, holder(port.published, containers))
        for part in chosen.parts
        if part.name not in settled
        for port in part.ports
        if is_taken(port.published)
    )


def moved_ports(root: Path) -> frozenset[str]:
    """Return the services whose ports the developer's own file says.

    Raises:
        OperatorError: when it is no YAML.
    """
    path = root / FOLDER / OVERRIDE
    if not path.is_file():
        return frozenset()
    try:
        # As it is read for editing, so that compose's own tags (``!override``) are no mistake.
        document: Any = YAML(pure=True).load(path)  # pyright: ignore[reportUnknownMemberType]
    except (YAMLError, UnicodeDecodeError) as error:
        raise OperatorError(f"{path}: {' '.join(str(error).split())}; YAML is required") from None
    services: Any = document.get("services") if isinstance(document, Mapping) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if not isinstance(services, Mapping):
        return frozenset()
    found = cast(Mapping[str, Any], services)
    return frozenset(name for name, service in found.items() if isinstance(service, Mapping) and "ports" in service)


def up(plan: UpPlan, root: Path, compose: Compose) -> Mapping[str, str]:
    """Carry a plan out, and return the states of its containers.

    Raises:
        OperationFailedError: when not everything became healthy; it says what did not.
    """
    write_environment(plan.environment, root)
    if not plan.certificates.is_empty:
        write_certificates(plan.certificates, root, datetime.now(UTC))
    for application in plan.chosen.on_host:
        write_for_host(application, root)
    code = compose.run(*_arguments(plan), profiles=plan.chosen.profiles or None, variables=_addresses(plan.chosen))
    states = {state.service: state for state in compose.states()}
    if code != 0:
        raise OperationFailedError(*_went_wrong(code, plan, states))
    return {part.name: states[part.name].words for part in plan.chosen.parts if part.name in states}


def _arguments(plan: UpPlan) -> Iterator[str]:
    # --wait takes a migration that has ended for well, since somebody waits for its end (docker/compose#9572).
    yield from ("up", "--detach", "--wait", "--wait-timeout", str(_WAIT_SECONDS))
    if plan.builds:
        yield "--build"
    if plan.recreates:
        # A file that was written anew is another one to Docker, and a running container still has the old one.
        yield "--force-recreate"
    for application in plan.chosen.on_host:
        # Compose waits for no service of which it starts none (``shouldWaitForDependency`` in its convergence.go).
        yield from ("--scale", f"{application.name}=0")
    yield from plan.chosen.names


def _addresses(chosen: Chosen) -> Mapping[str, str]:
    return {
        application.upstream_variable: application.upstream_on_host
        for application in chosen.on_host
        if application.reached_port is not None
    }


def _went_wrong(code: int, plan: UpPlan, states: Mapping[str, ContainerState]) -> Iterator[str]:
    yield f"docker compose up ended with exit code {code}"
    migrations = [each.migration_name for each in plan.chosen.migrations]
    names = [*(part.name for part in plan.chosen.parts), *migrations]
    bad = [name for name in names if name in states and not states[name].is_well]
    yield from (f"  {name}: {states[name].words}" for name in bad)
    if unmade := [name for name in names if name not in states]:
        yield f"  not started: {listed(unmade)}"
    well = [name for name in names if name in states and name not in bad]
    look = command("dev logs", *bad[:1]) if bad else command("dev doctor")
    yield f"What runs goes on running: {listed(well)}. next: {look}; then the same command again"


def addresses_of(platform: LocalPlatform, chosen: Chosen) -> Mapping[str, str]:
    """Return the URLs that are answered now, each with who answers."""
    names = {part.name for part in chosen.parts}
    through_proxy = platform.proxy.application in names
    answering = names | {application.name for application in chosen.on_host}
    return {
        url: name
        for url, name in platform.urls
        if name in answering and (through_proxy or not url.startswith("https:"))
    }
