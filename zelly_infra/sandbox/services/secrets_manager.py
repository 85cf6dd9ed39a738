"""Secrets Manager: secrets and their versions."""

from collections.abc import Mapping

from zelly_infra.sandbox.making import Made
from zelly_infra.sandbox.table import AutoName, Function, ResourceRow, Row, Tags


def _version_id(made: Made) -> str:
    # The provider's own form.
    return f"{made.inputs['secretId']}|{made.result['VersionId']}"


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:secretsmanager/secret:Secret": Row(
        service="secretsmanager",
        operation="create_secret",
        id="ARN",
        renames={"replicas": "AddReplicaRegions"},
        dropped={"recoveryWindowInDays": "only says what a deletion does; DeleteSecret takes one of its own"},
        name=AutoName(limit=512),
        tags=Tags(),
        not_emulated=("Secrets are neither encrypted nor rotated: they lie in the embedded AWS's memory.",),
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Row(
        service="secretsmanager",
        operation="put_secret_value",
        id=_version_id,
        outputs={"secretArn": "ARN"},
        not_emulated=(
            "A version loses the labels of its own when a newer one becomes current.",
            "A value may be longer than Secrets Manager's 64 KiB.",
        ),
    ),
}

FUNCTIONS: Mapping[str, Function] = {}
