"""Taking back the deletion of a secret, while its recovery window lasts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.aws.secrets_manager.versions import SecretVersions
from workbench.errors import OperatorError
from workbench.operations.secrets.inventory import timestamp
from workbench.words import command


@dataclass(frozen=True, kw_only=True)
class RestorePlan:
    """A secret that would be gone one day."""

    secret: str
    deleted_on: datetime

    def lines(self) -> list[str]:
        """Return what is going to happen, for the operator to read."""
        return [f"{self.secret}: would be gone on {timestamp(self.deleted_on)}, will stay"]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {"secret": self.secret, "deleted_on": timestamp(self.deleted_on)}


def plan_restore(secret: str, secrets: SecretVersions) -> RestorePlan:
    """Plan to keep a secret.

    Raises:
        OperatorError: when it is not on its way out, or gone already.
    """
    found = secrets.secret(secret)
    if found is None:
        raise OperatorError(
            f"secret {secret}: not there, or gone for good; `{command('secrets list')}` shows those there are"
        )
    if found.deleted_on is None:
        raise OperatorError(f"secret {secret}: not scheduled for deletion; there is nothing to take back")
    return RestorePlan(secret=found.name, deleted_on=found.deleted_on)


def restore(plan: RestorePlan, secrets: SecretVersions) -> None:
    """Take back the deletion."""
    secrets.restore(plan.secret)
