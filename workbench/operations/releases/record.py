"""The record of an environment's releases: the versions of one SSM parameter.

A command writes it when a release is confirmed, never before. So every version was healthy, except the first, which is
the program's own and empty. Parameter Store keeps the last hundred, each with its author.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from workbench.aws.shared.errors import AwsError
from workbench.aws.ssm import ParameterVersion, Ssm
from workbench.operations.times import utc

DEPLOY, ROLLBACK = "deploy", "rollback"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The releases of all services as they were confirmed together."""

    release: str
    """The last one that all services were brought to."""
    commit: str
    services: Mapping[str, str]
    """The release of each service."""
    at: str
    by: str
    """The ARN of whoever confirmed."""
    source: str | None
    """The stack that it was promoted from."""
    action: str
    """``deploy`` or ``rollback``."""
    service: str | None
    """The service that was changed; None: all of them."""
    hotfix: str | None
    """Why it was released without having run in the stack before; None: it had, or there is none before."""

    @property
    def is_mixed(self) -> bool:
        """Tell whether services run several releases."""
        return len({*self.services.values()}) > 1

    def ran(self, release: str, service: str | None) -> bool:
        """Tell whether all services, or one, ran a release."""
        if service is not None:
            return self.services.get(service) == release
        return {*self.services.values()} == {release}

    def document(self) -> Mapping[str, Any]:
        """Return the JSON object that stands in the record."""
        return {
            "release": self.release,
            "commit": self.commit,
            "services": dict(self.services),
            "at": self.at,
            "by": self.by,
            "from": self.source,
            "action": self.action,
            "service": self.service,
            "hotfix": self.hotfix is not None,
            "reason": self.hotfix,
        }


def read_record(ssm: Ssm, name: str) -> list[Entry]:
    """Return what was released, the oldest first; nothing where there is no record yet."""
    try:
        versions = ssm.history(name)
    except AwsError as error:
        if error.code == "ParameterNotFound":
            return []
        raise
    return entries(versions)


def entries(versions: Sequence[ParameterVersion]) -> list[Entry]:
    """Return what the versions of the parameter record, the oldest first. What is no such document does not count."""
    found = (_entry(version.value) for version in versions)
    return [entry for entry in found if entry is not None]


def write_record(ssm: Ssm, name: str, entry: Entry) -> None:
    """Record what was confirmed."""
    ssm.put(name, json.dumps(entry.document(), sort_keys=True, separators=(",", ":")))


def now() -> str:
    """Return the present time as the record has it."""
    return utc(datetime.now(UTC))


def _entry(value: str) -> Entry | None:
    try:
        document = json.loads(value)
        services = cast("Mapping[str, Any]", document["services"])
        return Entry(
            release=str(document["release"]),
            commit=str(document["commit"]),
            services={str(name): str(release) for name, release in services.items()},
            at=str(document["at"]),
            by=str(document["by"]),
            source=document.get("from"),
            action=document.get("action") or DEPLOY,
            service=document.get("service"),
            hotfix=(document.get("reason") or "not said") if document.get("hotfix") else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
