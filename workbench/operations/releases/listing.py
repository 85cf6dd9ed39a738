"""The releases that a bucket holds, and what is known of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.aws.s3_objects import S3Objects
from workbench.operations.releases.manifest import MANIFESTS, Manifest, parsed
from workbench.operations.releases.record import Entry
from workbench.operations.times import utc


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A release in a bucket."""

    manifest: Manifest
    pushed_at: datetime
    healthy_at: str | None
    """When all services were last confirmed with it."""
    running: tuple[str, ...]
    """The services that run it, as the record says."""

    def document(self) -> Mapping[str, Any]:
        """Return a JSON object."""
        manifest = self.manifest
        return {
            "release": manifest.id,
            "commit": manifest.commit,
            "created": manifest.created,
            "pushed_at": utc(self.pushed_at),
            "services": len(manifest.services),
            "migrations": list(manifest.migration_names),
            "healthy_at": self.healthy_at,
            "running": list(self.running),
        }


def list_releases(bucket: S3Objects, record: Sequence[Entry], *, limit: int) -> list[Listed]:
    """Return the newest releases of a bucket, the newest first."""
    newest = sorted(bucket.found(MANIFESTS), key=lambda found: found.written_at, reverse=True)[:limit]
    present: Mapping[str, str] = record[-1].services if record else dict[str, str]()
    listed: list[Listed] = []
    for found in newest:
        release = found.key.removeprefix(MANIFESTS).removesuffix(".json")
        content = bucket.get(found.key)
        if content is None:
            continue
        listed.append(
            Listed(
                manifest=parsed(content, release=release, where=f"{bucket.bucket}/{found.key}"),
                pushed_at=found.written_at,
                healthy_at=next((entry.at for entry in reversed(record) if entry.ran(release, None)), None),
                running=tuple(name for name, each in present.items() if each == release),
            )
        )
    return listed
