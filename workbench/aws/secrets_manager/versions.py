"""AWS Secrets Manager: a secret's versions, of which one is current, and how another one becomes that.

What containers are going to be given is read in ``secrets_manager``.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workbench.aws.secrets_manager.secrets import current_value, json_object
from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling
from workbench.errors import OperatorError
from workbench.words import variable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

LARGEST_BYTES = 65_536
"""Of a secret's whole document ("AWS Secrets Manager quotas")."""

_CURRENT = "AWSCURRENT"


def _waiting() -> str:
    """Return the label of a version on its way to become current. ``AWSPENDING`` belongs to rotation."""
    return variable("WAITING")


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A secret, without what it holds."""

    name: str
    arn: str
    changed_at: datetime | None
    """When a version was last added or a label last moved; None: never since it was made."""
    deleted_on: datetime | None
    """The day on which it will be gone for good; None: it stays."""


@dataclass(frozen=True, kw_only=True)
class SecretVersion:
    """A version of a secret, with its values."""

    id: str
    values: Mapping[str, Any] = field(repr=False)
    """By key. Kept out of every text about the object."""


class NoObjectError(OperatorError):
    """A secret holds something else than a JSON object. What that is stands nowhere in the error."""


class SecretVersions:
    """The calls of AWS Secrets Manager on secrets as operators see them."""

    def __init__(self, connection: Connection) -> None:
        self._client: SecretsManagerClient = connection.client("secretsmanager")

    def secret(self, name: str) -> Secret | None:
        """Return a secret by its name or ARN; None when there is none. One on its way out is still there."""
        try:
            with calling("secretsmanager:DescribeSecret", f"secret {name}"):
                return _secret(self._client.describe_secret(SecretId=name))
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                return None
            raise

    def names(self, prefix: str) -> list[str]:
        """Return the names that begin like that, sorted, those on their way out too.

        A new secret may take minutes to be listed ("ListSecrets", Secrets Manager API reference).
        """
        found: list[str] = []
        with calling("secretsmanager:ListSecrets", f"secrets {prefix}…"):
            for page in self._client.get_paginator("list_secrets").paginate(
                IncludePlannedDeletion=True, Filters=[{"Key": "name", "Values": [prefix]}]
            ):
                found += [secret["Name"] for secret in page["SecretList"]]
        # The filter takes every name of which any word begins like that.
        return sorted(name for name in found if name.startswith(prefix))

    def current(self, name: str) -> SecretVersion | None:
        """Return what a secret holds now; None when it holds nothing yet.

        Raises:
            NoObjectError: when that is no JSON object.
        """
        answer = current_value(self._client, name)
        if answer is None:
            return None
        values = json_object(answer)
        if values is None:
            raise NoObjectError(
                f"secret {name}: holds no JSON object; a JSON object of texts by their keys is required"
            )
        return SecretVersion(id=answer["VersionId"], values=values)

    def replace(self, name: str, values: Mapping[str, Any], *, instead_of: SecretVersion) -> bool:
        """Make other values current if the version ``instead_of`` still is current; return whether it was.

        The new version is stored without being current, then the label moves from the old one to it: a move that
        Secrets Manager refuses when the label is no longer where it is said to be ("UpdateSecretVersionStage").
        """
        version = str(uuid.uuid4())
        with calling("secretsmanager:PutSecretValue", f"secret {name}"):
            # Sent twice with the same token, it is one version.
            self._client.put_secret_value(
                SecretId=name,
                SecretString=json.dumps(dict(values), sort_keys=True),
                ClientRequestToken=version,
                VersionStages=[_waiting()],
            )
        moved = self._move_current(name, version, instead_of.id)
        self._remove_waiting(name, version)
        return moved

    def restore(self, name: str) -> None:
        """Take back the deletion of a secret."""
        with calling("secretsmanager:RestoreSecret", f"secret {name}"):
            self._client.restore_secret(SecretId=name)

    def _move_current(self, name: str, version: str, before: str) -> bool:
        try:
            with calling("secretsmanager:UpdateSecretVersionStage", f"secret {name}"):
                self._client.update_secret_version_stage(
                    SecretId=name, VersionStage=_CURRENT, MoveToVersionId=version, RemoveFromVersionId=before
                )
        except AwsError as error:
            if error.code != "InvalidParameterException":
                raise
            # Also what the second of two requests gets when the answer to the first was lost.
            return _CURRENT in self._labels(name, version)
        return True

    def _remove_waiting(self, name: str, version: str) -> None:
        # Another one's version may have taken it.
        if _waiting() in self._labels(name, version):
            with calling("secretsmanager:UpdateSecretVersionStage", f"secret {name}"):
                self._client.update_secret_version_stage(
                    SecretId=name, VersionStage=_waiting(), RemoveFromVersionId=version
                )

    def _labels(self, name: str, version: str) -> list[str]:
        with calling("secretsmanager:DescribeSecret", f"secret {name}"):
            return self._client.describe_secret(SecretId=name).get("VersionIdsToStages", {}).get(version, [])


def _secret(described: Mapping[str, Any]) -> Secret:
    return Secret(
        name=described["Name"],
        arn=described["ARN"],
        changed_at=described.get("LastChangedDate"),
        deleted_on=described.get("DeletedDate"),
    )
