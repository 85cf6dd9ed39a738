"""What a developer's machine lacks to run the platform, each with the next command."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from workbench.counting import counted, listed
from workbench.errors import OperatorError
from workbench.local_dev.model import AUTHORITY, CERTIFICATES, FOLDER, TOOLS, LocalPlatform
from workbench.local_dev.writing import differences
from workbench.operations.local_dev.certificates import is_trusted, plan_certificates
from workbench.operations.local_dev.chosen import choose
from workbench.operations.local_dev.docker import DockerFacts, container_states, read_docker
from workbench.operations.local_dev.environment_files import FileState, plan_environment
from workbench.operations.local_dev.repositories import Sibling, siblings
from workbench.operations.local_dev.starting import OTHER_BRANCH, OVERRIDE, lacking_folder, moved_ports, taken_ports
from workbench.words import command

_USED = 2
"""Containers take about the half of what they may (an estimate, as in the documentation)."""


class Verdict(StrEnum):
    """What is to be said of a finding."""

    WELL = "well"
    TO_DO = "to do"
    NOTE = "note"
    """Nothing fails of it."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found of one thing."""

    name: str
    verdict: Verdict
    seen: str
    next: str | None = None
    """The command or the deed that comes next."""

    @property
    def line(self) -> str:
        """The finding as a line."""
        then = "" if self.next is None else f"; next: {self.next}"
        return f"{self.verdict:<5}  {self.name}: {self.seen}{then}"

    def document(self) -> Mapping[str, Any]:
        """Return a JSON object."""
        return {"name": self.name, "verdict": self.verdict.value, "seen": self.seen, "next": self.next}


def _well(name: str, seen: str) -> Finding:
    return Finding(name=name, verdict=Verdict.WELL, seen=seen)


def _to_do(name: str, seen: str, then: str) -> Finding:
    return Finding(name=name, verdict=Verdict.TO_DO, seen=seen, next=then)


def examine(platform: LocalPlatform, root: Path) -> tuple[Finding, ...]:
    """Look at everything, and change nothing."""
    docker = read_docker()
    return (
        *docker_findings(docker, platform),
        *_files(platform, root),
        *(repository_finding(each, _lacking(platform, each)) for each in siblings(platform, root)),
        *_environment(platform, root),
        *_certificates(platform, root),
        *_ports(platform, root, docker),
    )


def docker_findings(facts: DockerFacts, platform: LocalPlatform) -> Iterator[Finding]:
    """Yield what is to be said of Docker."""
    for what, then in facts.problems:
        name, _, seen = what.partition(": ")
        yield _to_do(name, seen, then)
    if not facts.problems:
        yield _well("docker", f"engine {facts.engine}, compose {facts.compose}")
    if facts.memory_mib is not None:
        yield _memory(facts.memory_mib, platform)


def _memory(present_mib: int, platform: LocalPlatform) -> Finding:
    most = sum(store.memory_mib for store in platform.stores)
    most += sum(each.memory_mib for each in platform.applications if each.profile != TOOLS)
    seen = f"{present_mib / 1024:.1f} GiB for containers, which may take {most / 1024:.1f} GiB at most"
    if present_mib >= most // _USED:
        return _well("memory", seen)
    then = "give Docker more (Docker Desktop: Settings, Resources), or start less: " + command("dev up SERVICE")
    return _to_do("memory", f"{seen}, and about half of it", then)


def _files(platform: LocalPlatform, root: Path) -> Iterator[Finding]:
    try:
        found = differences(platform, root)
    except OperatorError as error:
        yield _to_do("files", error.lines[0], "correct it")
        return
    if found:
        names = listed([difference.path for difference in found])
        yield _to_do("files", f"not as they are written: {names}", command("dev write"))
    else:
        yield _well("files", f"{FOLDER}/ is as it is written")


def _lacking(platform: LocalPlatform, sibling: Sibling) -> str | None:
    builds = (each.build for each in platform.applications if each.build is not None)
    own = (each for each in builds if each.repository == sibling.repository.name)
    return next((found for each in own if (found := lacking_folder(each, sibling.path)) is not None), None)


def repository_finding(sibling: Sibling, lacking: str | None = None) -> Finding:
    """Return what is to be said of a repository; ``lacking`` is a folder that an image is built from."""
    name = f"repository {sibling.repository.name}"
    if sibling.exists and sibling.branch is None:
        if not sibling.repository.is_needed:
            return Finding(name=name, verdict=Verdict.NOTE, seen=f"{sibling.path} is no Git repository")
        then = f"move it away, then {command('dev clone', sibling.repository.name)}"
        return _to_do(name, f"{sibling.path} is no Git repository", then)
    if sibling.exists and lacking is not None:
        return _to_do(name, f"{sibling.words}, without the folder {lacking}", OTHER_BRANCH)
    if sibling.exists:
        return _well(name, sibling.words)
    then = command("dev clone", sibling.repository.name)
    if sibling.repository.is_needed:
        return _to_do(name, "not there", then)
    return Finding(name=name, verdict=Verdict.NOTE, seen="not there; no container is built from it", next=then)


def _environment(platform: LocalPlatform, root: Path) -> Iterator[Finding]:
    try:
        plan = plan_environment(platform, root)
    except OperatorError as error:
        yield from (_to_do("variables", line, f"correct it, then {command('dev env')}") for line in error.lines)
        return
    if absent := [state for state in plan.states if not state.exists]:
        seen = f"{counted(len(absent), 'file')} in {FOLDER}/env/ not there: {listed([each.part for each in absent])}"
        yield _to_do("variables", seen, command("dev env"))
    for state in plan.states:
        if state.exists:
            yield from _variables(state)
    for path in plan.left_over:
        yield Finding(name="variables", verdict=Verdict.NOTE, seen=f"{path}: no container reads it", next=f"rm {path}")
    if plan.is_empty:
        yield _well("variables", f"{FOLDER}/env/ has every one of them")


def _variables(state: FileState) -> Iterator[Finding]:
    if state.missing:
        yield _to_do("variables", f"{state.path} lacks {listed(state.missing)}", command("dev env"))
    if not state.is_private:
        yield _to_do("variables", f"{state.path} may be read by others", command("dev env"))
    if state.empty:
        yield Finding(
            name="variables",
            verdict=Verdict.NOTE,
            seen=f"{state.path}: {listed(state.empty)} empty",
            next="fill in what you need; the comments there say where from",
        )
    if state.changed:
        yield Finding(
            name="variables",
            verdict=Verdict.NOTE,
            seen=f"{state.path}: {listed(state.changed)} not as in the example",
            next="nothing, if that is meant; else delete the lines, then " + command("dev env"),
        )
    if state.unused:
        yield Finding(
            name="variables",
            verdict=Verdict.NOTE,
            seen=f"{state.path}: {listed(state.unused)} not used any more",
            next="delete the lines",
        )


def _certificates(platform: LocalPlatform, root: Path) -> Iterator[Finding]:
    plan = plan_certificates(platform, root, datetime.now(UTC))
    for name, reason in plan.reasons.items():
        yield _to_do("certificates", f"{plan.folder}/{name}.pem: {reason}", command("dev certificates"))
    if plan.is_empty:
        yield _well("certificates", f"until {min(plan.ends.values()):%Y-%m-%d}")
    if AUTHORITY in plan.reasons:
        return
    trusted = is_trusted(root)
    if trusted:
        yield _well("root certificate", "this machine trusts it; Firefox, and Chrome on Linux, have lists of their own")
    else:
        seen = f"{FOLDER}/{CERTIFICATES}/{AUTHORITY}.pem: "
        seen += (
            "whether it is trusted is not to be seen from here" if trusted is None else "not trusted by this machine"
        )
        yield Finding(name="root certificate", verdict=Verdict.NOTE, seen=seen, next=command("dev certificates"))


def _ports(platform: LocalPlatform, root: Path, docker: DockerFacts) -> Iterator[Finding]:
    everything = choose(platform, [], list(dict.fromkeys(each.profile for each in platform.applications)), [])
    own = () if docker.program is None else container_states(docker.program, platform.name)
    running = {state.service for state in own if state.is_running}
    try:
        taken = taken_ports(everything, running | moved_ports(root), docker.program)
    except OperatorError as error:
        yield _to_do("ports", error.lines[0], "correct it")
        return
    for each in taken:
        then = f"stop it, or publish another port in {FOLDER}/{OVERRIDE}"
        yield _to_do("ports", f"{each.port} for {each.wanted_by}: taken by {each.holder}", then)
    if not taken:
        ports = sum(len(part.ports) for part in platform.parts)
        yield _well("ports", f"{counted(ports, 'port')} free, or the platform's own")
