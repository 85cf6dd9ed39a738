"""The sample program's secrets as Secrets Manager holds them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from sample_infra.program import PROGRAM
from workbench.aws.secrets_manager.versions import Secret, SecretVersion, SecretVersions
from workbench.aws.shared.errors import AwsError

NAME, OTHER = list(PROGRAM.secrets.application)[:2]
FIRST, SECOND, *_ = PROGRAM.secrets.application[NAME]
OTHERS_FIRST = PROGRAM.secrets.application[OTHER][0]
AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


class Stored:
    """Secrets Manager, as far as it is asked here: what each secret holds; None: nothing, an error: that is raised."""

    def __init__(self, values: Mapping[str, Mapping[str, Any] | Exception | None], **deleted: datetime) -> None:
        self.values, self.deleted = values, deleted
        self.written: list[tuple[str, Mapping[str, Any], str]] = []
        self.is_current = True
        self.refusal: AwsError | None = None
        """Of every write but the first."""

    def secret(self, name: str) -> Secret | None:
        if name not in self.values:
            return None
        return Secret(name=name, arn=f"arn:{name}", changed_at=AT, deleted_on=self.deleted.get("on"))

    def names(self, prefix: str) -> list[str]:
        return [name for name in self.values if name.startswith(prefix)]

    def current(self, name: str) -> SecretVersion | None:
        found = self.values[name]
        if isinstance(found, Exception):
            raise found
        return None if found is None else SecretVersion(id="v1", values=found)

    def replace(self, name: str, values: Mapping[str, Any], *, instead_of: SecretVersion) -> bool:
        if self.written and self.refusal is not None:
            raise self.refusal
        self.written.append((name, values, instead_of.id))
        return self.is_current


def versions(stored: Stored) -> SecretVersions:
    return cast("SecretVersions", stored)
