"""The readings of secrets and their versions."""

from collections.abc import Mapping

from workbench.sandbox.making.answers import name_prefix, or_empty
from workbench.sandbox.making.table import Read

READS: Mapping[str, Read] = {
    "aws:secretsmanager/secret:Secret": Read(
        operation="describe_secret",
        parameters={"SecretId": "id"},
        result="[@][?DeletedDate == null] | [0]",
        id="ARN",
        named={
            "description": or_empty("Description"),
            "kmsKeyId": or_empty("KmsKeyId"),
            "namePrefix": name_prefix("Name"),
        },
        unread=("replicas",),
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Read(
        operation="get_secret_value",
        parameters={"SecretId": "secretId", "VersionId": "versionId"},
        result="@",
        id=lambda existing: f"{existing.result['ARN']}|{existing.result['VersionId']}",
        named={"secretId": "ARN"},
        # A later value is another version, which takes its labels.
        unchanging=True,
        secrets=frozenset({"secretString", "secretBinary"}),
    ),
}
