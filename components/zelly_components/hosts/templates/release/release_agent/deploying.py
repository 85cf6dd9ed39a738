"""A deploy, as a table of stages."""

from __future__ import annotations

import datetime
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from release_agent.archives import differs, unpack, unpacked_size
from release_agent.database import (
    apply_migrations,
    forget_secret,
    read_schema,
    refuse_failed,
    schema_alone,
    take_snapshot,
)
from release_agent.failures import DONE, OUTCOMES, RefusedError, StageError, words_of
from release_agent.files import now, replace_file, sync_directory, text_of
from release_agent.manifest import MIGRATIONS, Manifest, read_manifest
from release_agent.memory import end_transaction, read_memory, read_transaction, write_memory, write_transaction
from release_agent.room import make_room
from release_agent.sandboxed import run_confined
from release_agent.switching import (
    begin,
    disarm,
    point_current,
    switch,
    take_back_and_tell,
    tell_history,
    unready,
    watch,
)
from release_agent.units import all_released

if TYPE_CHECKING:
    from collections.abc import Callable

    from release_agent.host import Host
    from release_agent.manifest import Artefact
    from release_agent.memory import Transaction
    from release_agent.report import Report

ALL = "all"


@dataclass
class Deployment:
    """A deploy, and what its stages have found out."""

    host: Host
    report: Report
    release: str
    service: str
    services: tuple[str, ...]
    manifest: Manifest | None = None
    missing: dict[str, Artefact] = field(default_factory=dict)
    """What is not unpacked yet, by the name of its directory."""
    unpacked_bytes: int = 0
    transaction: Transaction | None = None

    def known(self) -> Manifest:
        """Return the manifest, which the first stages have read."""
        if self.manifest is None:
            raise StageError("the manifest has not been read")
        return self.manifest

    def begun(self) -> Transaction:
        """Return the transaction, begun when it is first asked for."""
        if self.transaction is None:
            target: dict[str, str | None] = dict.fromkeys(self.services, self.release)
            self.transaction = begin(self.host, "deploy", self.release, self.service, target)
        return self.transaction


def _fetch(deployment: Deployment) -> str:
    """Have the manifest and the archives on the host, except what an earlier try has fetched or unpacked."""
    host = deployment.host
    kept = host.releases / deployment.release / "manifest.json"
    fetched = host.artefacts / f"{deployment.release}.json"
    host.artefacts.mkdir(parents=True, exist_ok=True)
    if not kept.exists():
        _copy(host, f"releases/{deployment.release}.json", fetched)
    text = (kept if kept.exists() else fetched).read_bytes()
    try:
        manifest = read_manifest(text, deployment.release, host.configuration.platform)
        _refuse_other_services(deployment, manifest)
    except RefusedError:
        return "the manifest alone, since it is refused"
    parts = manifest.parts(deployment.services)
    deployment.missing = {
        part: each for part, each in parts.items() if not _is_unpacked(host, deployment.release, part)
    }
    coming = {each for each in deployment.missing.values() if not (host.artefacts / f"{each.sha256}.tar.gz").exists()}
    make_room(host, sum(each.size for each in coming), deployment.release)
    for artefact in sorted(coming, key=lambda each: each.sha256):
        _copy(host, f"artefacts/{artefact.sha256}.tar.gz", host.artefacts / f"{artefact.sha256}.tar.gz")
    there = "" if len(coming) == len(parts) else "; the others were there"
    return f"{len(coming)} of {len(parts)} artefacts{there}"


def _copy(host: Host, key: str, place: Path) -> None:
    """Copy an object of the release bucket to its place, where it is whole or not at all."""
    coming = place.with_name(f"{place.name}.coming")
    source = f"s3://{host.configuration.bucket}/{key}"
    answer = host.aws("s3", "cp", "--only-show-errors", source, str(coming))
    if answer.code:
        coming.unlink(missing_ok=True)
        missing = "(404)" in answer.error
        raise RefusedError(f"{source}: not there") if missing else StageError(f"{source}: {answer.words}")
    coming.replace(place)


def _is_unpacked(host: Host, release: str, part: str) -> bool:
    """Tell whether a part is there. A directory gets this name once all of it is on the disk."""
    return (host.directory(release, part) / ("migrate" if part == MIGRATIONS else "start")).exists()


def _verify(deployment: Deployment) -> str:
    """See that all is what the manifest says, the manifest what its id says, and no archive reaches beyond itself."""
    host = deployment.host
    kept = host.releases / deployment.release / "manifest.json"
    fetched = host.artefacts / f"{deployment.release}.json"
    place = kept if kept.exists() else fetched
    try:
        manifest = read_manifest(place.read_bytes(), deployment.release, host.configuration.platform)
    except RefusedError:
        place.unlink()
        raise
    _refuse_other_services(deployment, manifest)
    deployment.manifest = manifest
    for part, artefact in deployment.missing.items():
        archive = host.artefacts / f"{artefact.sha256}.tar.gz"
        difference = differs(archive, artefact)
        if difference is not None:
            # Fetched anew by the next try.
            archive.unlink()
            raise RefusedError(f"{part}: the artefact has {difference}")
        program = "migrate" if part == MIGRATIONS else "start"
        deployment.unpacked_bytes += unpacked_size(archive, part, program)
    return f"{len(manifest.services)} services of commit {manifest.commit}"


def _refuse_other_services(deployment: Deployment, manifest: Manifest) -> None:
    lacking = [name for name in deployment.services if name not in manifest.services]
    unknown = [name for name in manifest.services if name not in deployment.host.configuration.services]
    if lacking or unknown:
        raise RefusedError(
            f"{deployment.release} is for other services than this host has: "
            f"it lacks {', '.join(lacking) or 'none'}; the host lacks {', '.join(unknown) or 'none'}"
        )


def _room(deployment: Deployment) -> str:
    """See that the disk takes what is unpacked."""
    return make_room(deployment.host, deployment.unpacked_bytes, deployment.release)


def _prepare(deployment: Deployment) -> str:
    """Unpack beside the final place, let services prepare themselves, and move each to its place as a whole."""
    host, place = deployment.host, deployment.host.releases / deployment.release
    _remove_partial(place)
    try:
        prepared = [part for part, artefact in deployment.missing.items() if _unpack(deployment, part, artefact)]
    except Exception:
        _remove_partial(place)
        raise
    # Everything before the first name that says "whole"; one call for some hundred thousand files.
    os.sync()
    for part in deployment.missing:
        (place / f"{part}.partial").rename(place / part)
    if not (place / "manifest.json").exists():
        fetched = host.artefacts / f"{deployment.release}.json"
        replace_file(place / "manifest.json", fetched.read_text(encoding="utf-8"))
        fetched.unlink()
    sync_directory(place)
    for artefact in set(deployment.missing.values()):
        (host.artefacts / f"{artefact.sha256}.tar.gz").unlink()
    return f"{len(deployment.missing)} unpacked; prepared {', '.join(prepared) or 'none'}"


def _remove_partial(place: Path) -> None:
    for partial in place.glob("*.partial"):
        shutil.rmtree(partial)


def _unpack(deployment: Deployment, part: str, artefact: Artefact) -> bool:
    """Unpack one part, and tell whether it has prepared itself."""
    partial = deployment.host.directory(deployment.release, f"{part}.partial")
    unpack(deployment.host.artefacts / f"{artefact.sha256}.tar.gz", part, partial)
    if part == MIGRATIONS or not os.access(partial / "prepare", os.X_OK):
        return False
    _run_prepare(deployment.host, deployment.release, part, partial)
    return True


def _run_prepare(host: Host, release: str, part: str, partial: Path) -> None:
    """Run a service's ``prepare`` as the service's user, without network, where it sees itself at its final place.

    A virtual environment has its own path in its programs, so it can't be moved.
    """
    user = host.configuration.services[part].user
    final = host.directory_for_units(release, part)
    host.directory(release, part).mkdir(exist_ok=True)
    _give(host, partial, user)
    answer = run_confined(
        host,
        f"{host.configuration.platform}-prepare-{part}",
        user,
        # By a shell: systemd-run looks for the program itself, and the final place is empty for all others yet.
        ["/bin/sh", "-c", "exec ./prepare"],
        directory=final,
        properties=[f"BindPaths={final}.partial:{final}", f"ReadWritePaths={final}", "PrivateNetwork=yes"],
        seconds=host.configuration.prepare_seconds,
    )
    _give(host, partial, None)
    if answer.code:
        raise StageError(f"{part}: prepare: {answer.words}")


def _give(host: Host, directory: Path, user: str | None) -> None:
    """Give a tree to a user, or back to root: a service may not change the code that it runs."""
    # Below a directory there are none of the host's users.
    if os.geteuid() or host.root != Path("/"):
        return
    for folder, folders, files in os.walk(directory):
        for name in [".", *folders, *files]:
            path = os.path.join(folder, name)  # noqa: PTH118 (of some hundred thousand)
            if user is None:
                os.chown(path, 0, 0, follow_symlinks=False)
            elif not os.path.islink(path):  # noqa: PTH114
                shutil.chown(path, user, user)


def _snapshot(deployment: Deployment) -> str:
    """Take a snapshot of the database."""
    return take_snapshot(deployment.host, deployment.release)


def _migrate(deployment: Deployment) -> str:
    """Apply the release's migrations, once, before any service changes."""
    host, manifest = deployment.host, deployment.known()
    if manifest.migrations is None:
        return "none in this release"
    with schema_alone(host):
        try:
            return _migrate_alone(host, manifest, deployment)
        finally:
            forget_secret(host)


def _migrate_alone(host: Host, manifest: Manifest, deployment: Deployment) -> str:
    schema = read_schema(host, deployment.release)
    refuse_failed(schema)
    pending = [name for name in manifest.migration_names if name not in schema.applied]
    after = schema
    if pending:
        transaction = deployment.begun()
        transaction.phase, transaction.migrations = "migrate", pending
        write_transaction(host, transaction)
        transaction.migrations = []
        after = apply_migrations(host, manifest, schema)
        transaction.phase, transaction.migrations = "switch", [n for n in after.applied if n not in schema.applied]
        write_transaction(host, transaction)
    memory = read_memory(host)
    memory.schema = list(after.applied)
    write_memory(host, memory)
    ahead = [name for name in after.applied if name not in manifest.migration_names]
    return (f"applied {', '.join(pending)}" if pending else "nothing to apply") + (
        f"; the database is ahead of this release by {', '.join(ahead)}" if ahead else ""
    )


def _switch(deployment: Deployment) -> str:
    """Switch the services, wave by wave."""
    return switch(deployment.host, deployment.begun())


def _settle(deployment: Deployment) -> str:
    """Watch whether they stay ready."""
    return watch(deployment.host, deployment.begun())


def _confirm(deployment: Deployment) -> str:
    """Wait for the operator's word from now on, without this process."""
    host, transaction = deployment.host, deployment.begun()
    if deployment.service == ALL:
        point_current(host, f"releases/{deployment.release}")
    until = now() + datetime.timedelta(seconds=host.configuration.confirm_seconds)
    transaction.phase, transaction.until = "waiting", text_of(until)
    write_transaction(host, transaction)
    deployment.report.unconfirmed_until = transaction.until
    return f"taken back unless confirmed before {transaction.until}"


STAGES: tuple[tuple[str, Callable[[Deployment], str]], ...] = (
    ("fetch", _fetch),
    ("verify", _verify),
    ("room", _room),
    ("prepare", _prepare),
    ("snapshot", _snapshot),
    ("migrate", _migrate),
    ("switch", _switch),
    ("settle", _settle),
    ("confirm", _confirm),
)


def deploy(host: Host, report: Report, release: str, service: str) -> int:
    """Bring services to a release, and leave it waiting to be confirmed; at the first failure, take all back."""
    services = tuple(name for wave in host.configuration.waves for name in wave if service in {ALL, name})
    refuse_unfinished(host)
    if _runs_already(host, release, services):
        report.outcome, report.reason = "healthy", f"{release} runs already and is confirmed"
        return DONE
    deployment = Deployment(host=host, report=report, release=release, service=service, services=services)
    try:
        for name, function in STAGES:
            with report.stage(name) as stage:
                stage.detail = function(deployment)
    # Whatever it is, also a fault of the agent itself: no service is left half-way.
    except Exception as error:
        return _failed(deployment, error)
    report.outcome = "waiting"
    tell_history(host, report, release)
    return DONE


def _failed(deployment: Deployment, error: Exception) -> int:
    """Leave the host as it was before the deploy, and return the exit code."""
    host, report, transaction = deployment.host, deployment.report, deployment.transaction
    if transaction is not None and transaction.touched:
        return take_back_and_tell(host, transaction, report, words_of(error))
    if transaction is not None:
        end_transaction(host)
        disarm(host)
    exit_code = error.exit_code if isinstance(error, StageError) else StageError.exit_code
    report.outcome, report.reason = OUTCOMES[exit_code], f"{words_of(error)}; no service was touched"
    if transaction is not None and transaction.migrations:
        report.reason += f"; stays in the database: {', '.join(transaction.migrations)}"
    tell_history(host, report, deployment.release)
    return exit_code


def _runs_already(host: Host, release: str, services: tuple[str, ...]) -> bool:
    healthy = read_memory(host).healthy
    runs = all_released(host)
    confirmed = healthy[-1].services if healthy else {}
    return all(runs[name] == release == confirmed.get(name) for name in services) and not unready(host, services)


def refuse_unfinished(host: Host) -> None:
    """See that no earlier change waits or was broken off.

    Raises:
        RefusedError: when one is, saying which.
    """
    transaction = read_transaction(host)
    if transaction is None:
        return
    if transaction.phase == "waiting":
        raise RefusedError(
            f"{transaction.release}, deployed at {transaction.started}, waits to be confirmed until "
            f"{transaction.until}: confirm it or roll it back first"
        )
    ending = "finished" if transaction.phase == "kept" else "taken back"
    raise RefusedError(
        f"the {transaction.action} of {transaction.release} of {transaction.started} was broken off and is about to be "
        f"{ending}: try again in a minute"
    )
