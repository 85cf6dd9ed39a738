"""The deploy of a release: what it changes, whether it may, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.aws.cloudwatch import CloudWatch
from workbench.aws.s3_objects import S3Objects
from workbench.aws.ssm import Ssm
from workbench.counting import counted, listed
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.releases.answer import Answer
from workbench.operations.releases.host import ALL, ReleaseHost
from workbench.operations.releases.manifest import ARTEFACTS, MANIFESTS, Manifest, key_of, parsed
from workbench.operations.releases.record import Entry

_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Place:
    """An environment and what releases to it take."""

    stack: str
    services: tuple[str, ...]
    """All of the program's, in its order."""
    bucket: S3Objects
    ssm: Ssm
    cloudwatch: CloudWatch
    alarm_prefix: str
    host: ReleaseHost

    @property
    def record_name(self) -> str:
        """The parameter with the record."""
        return self.host.target.record


@dataclass(frozen=True, kw_only=True)
class Change:
    """A service that a deploy changes."""

    service: str
    before: str | None
    """None: it has no release yet."""
    after: str
    is_same: bool
    """Whether both have the same artefact: it starts anew, unchanged."""

    def document(self) -> Mapping[str, Any]:
        """Return a JSON object."""
        return {"service": self.service, "before": self.before, "after": self.after, "same": self.is_same}


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """Where a release has to have run before, and whether it did."""

    stack: str
    at: str | None
    """When it was healthy there; None: it never was."""


@dataclass(frozen=True, kw_only=True)
class DeployPlan:
    """A deploy that may be carried out."""

    stack: str
    service: str | None
    manifest: Manifest
    changes: tuple[Change, ...]
    migrations: tuple[str, ...]
    """Those that the present release has not."""
    takes_snapshot: bool
    rehearsal: Rehearsal | None
    """None: there is no stack before this one."""
    hotfix: str | None
    confirm_seconds: int

    @property
    def target(self) -> str:
        """The service that the agent is told."""
        return self.service or ALL

    def lines(self) -> list[str]:
        """Return the plan as lines."""
        manifest = self.manifest
        what = "all services" if self.service is None else self.service
        return [
            f"Release {manifest.id} of commit {manifest.commit[:8]} to {what} of {self.stack}.",
            *_change_lines(self.changes),
            *self._migration_lines(),
            *self._rehearsal_lines(),
            f"The host takes it back by itself unless it is confirmed within {self.confirm_seconds} s of being ready.",
        ]

    def _migration_lines(self) -> list[str]:
        snapshot = "A snapshot of the database is taken first." if self.takes_snapshot else "No snapshot is taken."
        if not self.migrations:
            return ["No new migration.", *([snapshot] if self.takes_snapshot else [])]
        return [f"{counted(len(self.migrations), 'new migration')}: {', '.join(self.migrations)}.", snapshot]

    def _rehearsal_lines(self) -> list[str]:
        rehearsal = self.rehearsal
        if rehearsal is None:
            return []
        if rehearsal.at is not None:
            return [f"It was healthy in {rehearsal.stack} at {rehearsal.at}."]
        return [f"It never ran in {rehearsal.stack}; hotfix, which the record tells: {self.hotfix}."]

    def document(self) -> Mapping[str, Any]:
        """Return the plan as a JSON object."""
        rehearsal = self.rehearsal
        return {
            "stack": self.stack,
            "service": self.service,
            "release": self.manifest.id,
            "commit": self.manifest.commit,
            "changes": [change.document() for change in self.changes],
            "migrations": list(self.migrations),
            "snapshot": self.takes_snapshot,
            "rehearsed": None if rehearsal is None else {"stack": rehearsal.stack, "at": rehearsal.at},
            "hotfix": self.hotfix,
        }


def _change_lines(changes: Sequence[Change]) -> list[str]:
    """Return a line for each way in which services change."""
    groups: dict[tuple[str | None, bool], list[str]] = {}
    for change in changes:
        groups.setdefault((change.before, change.is_same), []).append(change.service)
    return [
        f"  {counted(len(names), 'service')} {'with the same artefact' if is_same else 'changed'}"
        f", {f'from {before}' if before else 'for the first time'}: {', '.join(names)}"
        for (before, is_same), names in groups.items()
    ]


def read_manifest(bucket: S3Objects, release: str) -> Manifest:
    """Return a release.

    Raises:
        OperatorError: when the bucket has none of that id, or something else in its place.
    """
    content = bucket.get(key_of(release))
    if content is None:
        newest = sorted(bucket.found(MANIFESTS), key=lambda found: found.written_at, reverse=True)
        known = [found.key.removeprefix(MANIFESTS).removesuffix(".json") for found in newest]
        allowed = f"{', '.join(known[:_SHOWN])}{', …' if len(known) > _SHOWN else ''}" if known else "none is there yet"
        raise OperatorError(f"release: {release} is not in {bucket.bucket}; allowed: {allowed}")
    return parsed(content, release=release, where=f"{bucket.bucket}/{key_of(release)}")


def check_artefacts(manifest: Manifest, bucket: S3Objects) -> None:
    """Refuse a release that lacks artefacts, before a host is asked for it.

    Raises:
        OperatorError: naming what is missing or of another size.
    """
    sizes = {found.key: found.size for found in bucket.found(ARTEFACTS)}
    lines = [
        f"{part}: {artefact.key} is not in {bucket.bucket}"
        if (size := sizes.get(artefact.key)) is None
        else f"{part}: {artefact.key} has {size} bytes; the manifest says {artefact.size}"
        for part, artefact in manifest.artefacts.items()
        if sizes.get(artefact.key) != artefact.size
    ]
    if lines:
        raise OperatorError(f"release {manifest.id} is not whole, nothing was asked of the host:", *lines)


def plan_deploy(
    release: str,
    place: Place,
    *,
    service: str | None,
    before: tuple[str, Sequence[Entry]] | None,
    hotfix: str | None,
) -> DeployPlan:
    """Plan to bring a release to all services, or to one.

    ``before`` is the stack where a release has to have been healthy, with its record.

    Raises:
        OperatorError: when there is no such release, it lacks something, it waits to be confirmed already, or it was
            never healthy in the stack before and nobody says why it goes without.
    """
    manifest = read_manifest(place.bucket, release)
    check_artefacts(manifest, place.bucket)
    return plan_of(manifest, place, service=service, before=before, hotfix=hotfix)


def plan_of(
    manifest: Manifest,
    place: Place,
    *,
    service: str | None,
    before: tuple[str, Sequence[Entry]] | None,
    hotfix: str | None,
) -> DeployPlan:
    """Plan to bring a release that is whole to all services, or to one.

    Raises:
        OperatorError: as :func:`plan_deploy`.
    """
    release = manifest.id
    wanted = place.services if service is None else (service,)
    if missing := [name for name in wanted if name not in manifest.services]:
        raise OperatorError(f"release {release}: has no {', '.join(missing)}; one with all of them is required")
    rehearsal = None if before is None else _rehearsal(release, service, *before, hotfix=hotfix)
    if hotfix is not None and (rehearsal is None or rehearsal.at is not None):
        why = "there is no stack before this one" if rehearsal is None else f"it was healthy in {rehearsal.stack}"
        raise OperatorError(f"--hotfix: {why}, so there is nothing to go without; leave it out")
    status = place.host.status()
    _refuse_waiting(status)
    present = {name: _known_manifest(place.bucket, id_) for name, id_ in status.releases.items()}
    target = place.host.target
    return DeployPlan(
        stack=place.stack,
        service=service,
        manifest=manifest,
        changes=tuple(_change(name, manifest, status, present.get(name)) for name in wanted),
        migrations=_new_migrations(manifest, [each for each in present.values() if each is not None]),
        takes_snapshot=target.takes_snapshot,
        rehearsal=rehearsal,
        hotfix=hotfix,
        confirm_seconds=target.confirm_seconds,
    )


def _refuse_waiting(status: Answer) -> None:
    if status.unconfirmed_until is not None:
        raise OperatorError(
            f"release: another one waits to be confirmed until {status.unconfirmed_until}; then the host takes it back "
            "by itself, and `rollback` does it now"
        )


def _rehearsal(
    release: str, service: str | None, stack: str, record: Sequence[Entry], *, hotfix: str | None
) -> Rehearsal:
    at = next((entry.at for entry in reversed(record) if entry.ran(release, service)), None)
    if at is None and hotfix is None:
        raise OperatorError(
            f"release: {release} was never healthy in {stack}; deploy it there first, or say with --hotfix REASON why "
            "it goes without"
        )
    return Rehearsal(stack=stack, at=at)


def _known_manifest(bucket: S3Objects, release: str) -> Manifest | None:
    content = bucket.get(key_of(release))
    return None if content is None else parsed(content, release=release, where=f"{bucket.bucket}/{key_of(release)}")


def _change(service: str, manifest: Manifest, status: Answer, present: Manifest | None) -> Change:
    return Change(
        service=service,
        before=status.releases.get(service),
        after=manifest.id,
        is_same=present is not None and present.services.get(service) == manifest.services[service],
    )


def _new_migrations(manifest: Manifest, present: Sequence[Manifest]) -> tuple[str, ...]:
    known = {name for each in present for name in each.migration_names}
    return tuple(name for name in manifest.migration_names if name not in known)


def failed(answer: Answer, what: str) -> OperationFailedError | OperatorError:
    """Return the error of an action that did not end well: what happened, and what is left."""
    said = f"{what}: {answer.outcome} in {answer.stage or 'the beginning'}: {answer.reason or 'no reason was given'}"
    if answer.outcome == "refused":
        return OperatorError(said)
    left = _left(answer)
    return OperationFailedError(said, *left)


def _left(answer: Answer) -> list[str]:
    by_release: dict[str, list[str]] = {}
    for name, release in answer.releases.items():
        by_release.setdefault(release, []).append(name)
    if not by_release:
        return ["No service has a release."]
    main, *others = sorted(by_release.items(), key=lambda item: -len(item[1]))
    lines = [f"{counted(len(main[1]), 'service')} on {main[0]}"]
    lines += [f"{listed(names)} on {release}" for release, names in others]
    unready = [f"{name} is {state.state}" for name, state in answer.unready.items()]
    return [f"What runs: {'; '.join([*lines, *unready])}."]
