"""The push of a release: built services packed, and brought into the bucket with their manifest last."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.aws.s3_objects import S3Objects
from workbench.counting import counted
from workbench.errors import OperatorError
from workbench.operations.releases.manifest import ARTEFACTS, Manifest, Migrations
from workbench.operations.releases.packing import READY, Packed, pack, ready

MIGRATIONS = "migrations"
_PROGRAMS = {MIGRATIONS: "migrate"}
"""The program that an artefact has to have; any other part's is :data:`_START`."""
_START = "start"
_NAMES_FILE = "migrations.txt"
"""Of a ready archive of migrations, beside it: their names, a line each."""
_SQL = "migration.sql"
"""A migration of Prisma is a directory with such a file ("prisma migrate", Prisma's documentation)."""


@dataclass(frozen=True, kw_only=True)
class PushPlan:
    """What is packed of a release, and what of it the bucket has not got."""

    stack: str
    bucket: str
    manifest: Manifest
    parts: Mapping[str, Packed]
    missing: tuple[str, ...]
    """The parts whose artefacts are not there yet; of two with the same bytes the first."""
    is_there: bool
    """Whether the manifest is there already: then there is nothing to do."""

    def lines(self) -> list[str]:
        """Return the plan as lines."""
        manifest = self.manifest
        migrations = "no migrations"
        if manifest.migrations is not None:
            migrations = counted(len(manifest.migration_names), "migration")
        services = counted(len(manifest.services), "service")
        title = f"Release {manifest.id} of commit {manifest.commit[:8]}: {services}, {migrations}."
        if self.is_there:
            return [title, f"{self.bucket} has it already; there is nothing to do."]
        size = _mib(sum(self.parts[part].artefact.size for part in self.missing))
        named = f" ({', '.join(self.missing)})" if self.missing else ""
        artefacts = counted(len(self.missing), "artefact")
        return [title, f"To {self.bucket}: {artefacts} that it has not, {size} MiB{named}; the manifest last."]

    def document(self) -> Mapping[str, Any]:
        """Return the plan as a JSON object."""
        return {
            "stack": self.stack,
            "bucket": self.bucket,
            "release": self.manifest.id,
            "commit": self.manifest.commit,
            "services": {name: dict(each.document()) for name, each in self.manifest.services.items()},
            "migrations": list(self.manifest.migration_names),
            "missing": list(self.missing),
            "is_there": self.is_there,
        }


def plan_push(
    folder: Path,
    *,
    stack: str,
    platform: str,
    commit: str,
    created: str,
    services: Sequence[str],
    bucket: S3Objects,
) -> PushPlan:
    """Pack what was built in a folder: ``<service>/`` or ``<service>.tar.gz`` for each service, and ``migrations``.

    Raises:
        OperatorError: when a service is missing, unknown, there twice, or cannot be started.
    """
    if not folder.is_dir():
        raise OperatorError(f"{folder}: is no directory; one with {', '.join(services)} is required")
    found = _found(folder, services)
    parts = {name: _packed(path, name) for name, path in found.items()}
    migrations = (
        None
        if MIGRATIONS not in parts
        else Migrations(artefact=parts[MIGRATIONS].artefact, names=_names(found[MIGRATIONS]))
    )
    manifest = Manifest(
        platform=platform,
        commit=commit,
        created=created,
        services={name: parts[name].artefact for name in services},
        migrations=migrations,
    )
    return PushPlan(
        stack=stack,
        bucket=bucket.bucket,
        manifest=manifest,
        parts=parts,
        missing=_missing(parts, bucket),
        is_there=bucket.get(manifest.key) is not None,
    )


def push(plan: PushPlan, bucket: S3Objects, say: Callable[[str], None]) -> None:
    """Bring what is missing into the bucket. The manifest comes last: what it names is there.

    After an interruption the same push goes on with what is left.
    """
    for number, part in enumerate(plan.missing, start=1):
        packed = plan.parts[part]
        bucket.put_new(packed.artefact.key, packed.content, content_type="application/gzip")
        say(f"{number} of {len(plan.missing)}: {part}, {_mib(packed.artefact.size)} MiB")
    bucket.put_new(plan.manifest.key, plan.manifest.content(), content_type="application/json")


def _found(folder: Path, services: Sequence[str]) -> dict[str, Path]:
    """Return where each part lies, in the services' order, the migrations last."""
    there: dict[str, Path] = {}
    known = {*services, MIGRATIONS}
    strange: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.name == _NAMES_FILE:
            continue
        name = path.name.removesuffix(READY) if path.is_file() else path.name
        if name not in known or not (path.is_dir() or path.name.endswith(READY)):
            strange.append(path.name)
        elif name in there:
            raise OperatorError(f"{folder}: came {there[name].name} and {path.name}; allowed: one of the two")
        else:
            there[name] = path
    if strange:
        raise OperatorError(f"{folder}: came {', '.join(strange)}; allowed: {', '.join([*services, MIGRATIONS])}")
    missing = [name for name in services if name not in there]
    if missing:
        raise OperatorError(
            f"{folder}: {', '.join(missing)}: missing; a release holds all {counted(len(services), 'service')}, "
            f"each as a directory or as NAME{READY}"
        )
    return {name: there[name] for name in (*services, MIGRATIONS) if name in there}


def _packed(path: Path, part: str) -> Packed:
    program = _PROGRAMS.get(part, _START)
    return pack(path, program=program) if path.is_dir() else ready(path, program=program)


def _names(path: Path) -> tuple[str, ...]:
    """Return the names of migrations: of the directories with SQL, or of the file beside an archive.

    Raises:
        OperatorError: when an archive comes without that file.
    """
    if path.is_dir():
        return tuple(sorted(found.parent.name for found in path.rglob(_SQL)))
    beside = path.with_name(_NAMES_FILE)
    if not beside.is_file():
        raise OperatorError(f"{beside}: missing; {path.name} needs it, with the name of a migration on each line")
    return tuple(line.strip() for line in beside.read_text(encoding="utf-8").splitlines() if line.strip())


def _missing(parts: Mapping[str, Packed], bucket: S3Objects) -> tuple[str, ...]:
    there = {found.key for found in bucket.found(ARTEFACTS)}
    missing: dict[str, str] = {}
    for name, packed in parts.items():
        if packed.artefact.key not in there:
            missing.setdefault(packed.artefact.key, name)
    return tuple(missing.values())


def _mib(size: int) -> str:
    return f"{size / (1 << 20):.1f}"
