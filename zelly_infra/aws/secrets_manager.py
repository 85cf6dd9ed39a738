"""AWS Secrets Manager: what secrets hold. Nothing here prints or keeps a value."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from zelly_infra.aws.connection import Connection
from zelly_infra.aws.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class SecretsManager:
    """The calls of AWS Secrets Manager that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: SecretsManagerClient = connection.client("secretsmanager")

    def values_of(self, name: str) -> Mapping[str, Any] | None:
        """Return the current JSON object of a secret, by its name or ARN.

        None: there is no such secret, it has no current value, or that is no JSON object. The values never stand in
        an error.
        """
        try:
            with calling("secretsmanager:GetSecretValue", f"secret {name}"):
                answer = self._client.get_secret_value(SecretId=name)
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                return None
            raise
        try:
            values = json.loads(answer.get("SecretString", ""))
        except ValueError:
            return None
        return cast(Mapping[str, Any], values) if isinstance(values, dict) else None
