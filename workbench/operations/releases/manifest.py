"""The manifest of a release: which artefacts it consists of. Pure functions.

Its id is that of its bytes, so that a release is the same thing in every environment.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from workbench.errors import OperatorError

FORMAT = 1
ARTEFACTS = "artefacts/"
MANIFESTS = "releases/"

_ID = re.compile(r"[0-9a-f]{16}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, kw_only=True)
class Artefact:
    """A packed directory, by its content."""

    sha256: str
    size: int
    """In bytes."""

    @property
    def key(self) -> str:
        """Its name in a bucket of releases."""
        return f"{ARTEFACTS}{self.sha256}.tar.gz"

    def document(self) -> Mapping[str, Any]:
        """Return the manifest's member."""
        return {"sha256": self.sha256, "size": self.size}


@dataclass(frozen=True, kw_only=True)
class Migrations:
    """The migrations of a release, which run once before any of its services."""

    artefact: Artefact
    names: tuple[str, ...]
    """In the order in which they are applied."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A release."""

    platform: str
    commit: str
    """Forty hexadecimal digits."""
    created: str
    """The commit's own time, so that the same commit has the same manifest whenever it is packed."""
    services: Mapping[str, Artefact]
    migrations: Migrations | None

    def content(self) -> bytes:
        """Return its bytes, of which the id is made."""
        migrations = self.migrations
        document = {
            "format": FORMAT,
            "platform": self.platform,
            "commit": self.commit,
            "created": self.created,
            "services": {name: artefact.document() for name, artefact in self.services.items()},
            "migrations": None
            if migrations is None
            else {**migrations.artefact.document(), "names": list(migrations.names)},
        }
        return (json.dumps(document, sort_keys=True, separators=(",", ":")) + "\n").encode()

    @property
    def id(self) -> str:
        """The release's id."""
        return id_of(self.content())

    @property
    def key(self) -> str:
        """Its name in a bucket of releases."""
        return key_of(self.id)

    @property
    def artefacts(self) -> Mapping[str, Artefact]:
        """All artefacts by the part that they are of, each part once."""
        found = dict(self.services)
        if self.migrations is not None:
            found["migrations"] = self.migrations.artefact
        return found

    @property
    def migration_names(self) -> tuple[str, ...]:
        """The names of its migrations."""
        return () if self.migrations is None else self.migrations.names


def id_of(content: bytes) -> str:
    """Return the id of a manifest's bytes."""
    return hashlib.sha256(content).hexdigest()[:16]


def key_of(release: str) -> str:
    """Return the name of a release's manifest in a bucket of releases."""
    return f"{MANIFESTS}{release}.json"


def checked_id(argument: str, release: str) -> str:
    """Return the id that an operator typed.

    Raises:
        OperatorError: when it is none.
    """
    if not _ID.fullmatch(release):
        raise OperatorError(f"{argument}: came {release}; allowed: sixteen hexadecimal digits, as `release list` shows")
    return release


def checked_commit(option: str, commit: str) -> str:
    """Return the commit that an operator typed.

    Raises:
        OperatorError: when it is not a whole one.
    """
    if not _COMMIT.fullmatch(commit):
        raise OperatorError(f"{option}: came {commit}; allowed: the forty hexadecimal digits of a commit")
    return commit


def checked_time(option: str, time: str) -> str:
    """Return the time that an operator typed.

    Raises:
        OperatorError: when it is none in UTC to the second.
    """
    if not _TIME.fullmatch(time):
        raise OperatorError(f"{option}: came {time}; allowed: a time in UTC to the second, 2026-11-30T18:00:00Z")
    return time


def parsed(content: bytes, *, release: str, where: str) -> Manifest:
    """Return the release of a manifest's bytes.

    Raises:
        OperatorError: when they are not that release's, or no manifest.
    """
    if id_of(content) != release:
        raise OperatorError(f"{where}: has the id {id_of(content)}, and the name of {release}: somebody changed it")
    try:
        return _manifest(json.loads(content))
    except (ValueError, KeyError, TypeError) as error:
        raise OperatorError(f"{where}: is no manifest of a release: {error}") from None


def _manifest(document: Mapping[str, Any]) -> Manifest:
    if document["format"] != FORMAT:
        raise ValueError(f"format {document['format']}, and {FORMAT} is known")
    migrations = document["migrations"]
    return Manifest(
        platform=str(document["platform"]),
        commit=str(document["commit"]),
        created=str(document["created"]),
        services={
            str(name): _artefact(artefact) for name, artefact in cast("Mapping[str, Any]", document["services"]).items()
        },
        migrations=None
        if migrations is None
        else Migrations(artefact=_artefact(migrations), names=tuple(map(str, migrations["names"]))),
    )


def _artefact(document: Mapping[str, Any]) -> Artefact:
    sha256 = str(document["sha256"])
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"sha256 {sha256}")
    return Artefact(sha256=sha256, size=int(document["size"]))
