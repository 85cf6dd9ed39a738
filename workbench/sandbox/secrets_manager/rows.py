"""Secrets Manager: secrets and their versions."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.making import Existing, Made
from workbench.sandbox.making.table import AutoName, ResourceRow, Row, Tags, Update


def _version_id(made: Made) -> str:
    # The provider's own form.
    return f"{made.inputs['secretId']}|{made.result['VersionId']}"


_DEFAULT_RECOVERY_WINDOW_DAYS = 30
_CURRENT = "AWSCURRENT"


def _delete_secret(existing: Existing) -> None:
    days = existing.inputs.get("recoveryWindowInDays", _DEFAULT_RECOVERY_WINDOW_DAYS)
    how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    existing.call("delete_secret", SecretId=existing.id, **how)


def _labels(existing: Existing) -> Mapping[str, list[str]]:
    """Return a secret's labels by version."""
    return existing.call("describe_secret", SecretId=existing.inputs["secretId"]).get("VersionIdsToStages", {})


def _version(existing: Existing) -> str:
    return existing.id.rpartition("|")[2]


def _take_labels(existing: Existing, labels: Any) -> None:
    """Take labels off a version that has them; a version without labels is deprecated."""
    # A secret always has a current version, so that AWS takes this label only by giving it to another one.
    for label in _labels(existing).get(_version(existing), []):
        if label in labels and label != _CURRENT:
            existing.call(
                "update_secret_version_stage",
                SecretId=existing.inputs["secretId"],
                VersionStage=label,
                RemoveFromVersionId=_version(existing),
            )


def _delete_version(existing: Existing) -> None:
    _take_labels(existing, existing.outputs["versionStages"])


def _change_labels(existing: Existing, labels: Any) -> None:
    """Move the labels to the version that it does not have yet, and take those off that are not given any more."""
    wanted = labels or [_CURRENT]
    holders = {label: version for version, held in _labels(existing).items() for label in held}
    for label in wanted:
        holder = holders.get(label)
        if holder != _version(existing):
            existing.call(
                "update_secret_version_stage",
                SecretId=existing.inputs["secretId"],
                VersionStage=label,
                MoveToVersionId=_version(existing),
                **({} if holder is None else {"RemoveFromVersionId": holder}),
            )
    _take_labels(existing, [label for label in existing.outputs["versionStages"] if label not in wanted])


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:secretsmanager/secret:Secret": Row(
        service="secretsmanager",
        operation="create_secret",
        id="ARN",
        renames={"replicas": "AddReplicaRegions"},
        dropped={"recoveryWindowInDays": "only says what a deletion does; DeleteSecret takes one of its own"},
        name=AutoName(limit=512),
        tags=Tags(),
        delete=_delete_secret,
        update=dict.fromkeys(
            ("description", "kmsKeyId"), Update(operation="update_secret", parameters={"SecretId": "id"})
        ),
        not_emulated=("Secrets are neither encrypted nor rotated: they lie in the embedded AWS's memory.",),
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Row(
        service="secretsmanager",
        operation="put_secret_value",
        id=_version_id,
        import_id="{secretId}|{versionId}",
        outputs={"secretArn": "ARN"},
        delete=_delete_version,
        update={"versionStages": _change_labels},
        not_emulated=(
            "A version loses the labels of its own when a newer one becomes current.",
            "A value may be longer than Secrets Manager's 64 KiB.",
        ),
    ),
}
