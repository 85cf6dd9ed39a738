"""The manifest of a release: what CI built, each part by its hash."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from release_agent.failures import RefusedError
from release_agent.files import json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
MIGRATIONS = "migrations"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MIGRATION = re.compile(r"[A-Za-z0-9_.-]{1,200}")


@dataclass(frozen=True)
class Artefact:
    """One archive, named by its hash."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What a release consists of."""

    release: str
    commit: str
    services: Mapping[str, Artefact]
    migrations: Artefact | None
    migration_names: tuple[str, ...]

    def parts(self, services: tuple[str, ...]) -> dict[str, Artefact]:
        """Return the archives that some services need, by the name of their directory."""
        parts = {name: self.services[name] for name in services}
        return parts if self.migrations is None else {**parts, MIGRATIONS: self.migrations}


def read_manifest(text: bytes, release: str, platform: str) -> Manifest:
    """Return the manifest that a text holds.

    Raises:
        RefusedError: when the text is not what the id says, or says something that the agent doesn't know.
    """
    found = hashlib.sha256(text).hexdigest()[: len(release)]
    if found != release:
        raise RefusedError(f"the manifest of {release} was changed: its hash begins with {found}")
    try:
        values = json_object(text.decode("utf-8"), "manifest")
        if values["format"] != FORMAT:
            raise RefusedError(f"the manifest of {release} has format {values['format']}; this host knows {FORMAT}")
        if values["platform"] != platform:
            raise RefusedError(f"{release} is a release of {values['platform']}; this host runs {platform}")
        migrations = values["migrations"]
        return Manifest(
            release=release,
            commit=str(values["commit"]),
            services={_checked(name, _NAME): _artefact(each) for name, each in values["services"].items()},
            migrations=None if migrations is None else _artefact(migrations),
            migration_names=() if migrations is None else tuple(_checked(n, _MIGRATION) for n in migrations["names"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RefusedError(f"the manifest of {release} is not as expected: {error}") from error


def _artefact(values: Mapping[str, Any]) -> Artefact:
    return Artefact(sha256=_checked(values["sha256"], _SHA256), size=int(values["size"]))


def _checked(value: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value) or value == MIGRATIONS:
        raise ValueError(f"{value!r} is no name for it")
    return value
