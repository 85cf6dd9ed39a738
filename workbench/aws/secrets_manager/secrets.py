"""AWS Secrets Manager: what secrets hold. Nothing here prints or keeps a value."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import GetSecretValueResponseTypeDef


class SecretsManager:
    """The calls of AWS Secrets Manager that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: SecretsManagerClient = connection.client("secretsmanager")

    def values_of(self, name: str) -> Mapping[str, Any] | None:
        """Return the current JSON object of a secret, by its name or ARN.

        None: there is no such secret, it has no current value, or that is no JSON object. The values never stand in
        an error.
        """
        answer = current_value(self._client, name)
        return None if answer is None else json_object(answer)


def current_value(client: "SecretsManagerClient", name: str) -> "GetSecretValueResponseTypeDef | None":
    """Return Secrets Manager's answer for a secret's current value; None when there is no such secret or value."""
    try:
        with calling("secretsmanager:GetSecretValue", f"secret {name}"):
            return client.get_secret_value(SecretId=name)
    except AwsError as error:
        if error.code == "ResourceNotFoundException":
            return None
        raise


def json_object(answer: "GetSecretValueResponseTypeDef") -> Mapping[str, Any] | None:
    """Return the JSON object that an answer holds; None when it holds none, without the text in an exception."""
    try:
        values = json.loads(answer.get("SecretString", ""))
    except ValueError:
        return None
    return cast(Mapping[str, Any], values) if isinstance(values, dict) else None
