"""KMS: keys of one's own."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.making import Existing, Made
from workbench.sandbox.making.table import ResourceRow, Row, Tags, Update


def _rotation(made: Made, enabled: Any) -> None:
    # Left out, it is off.
    made.call("enable_key_rotation" if enabled else "disable_key_rotation", KeyId=made.id)


def _is_enabled(made: Made, enabled: Any) -> None:
    # Left out, it is on.
    made.call("disable_key" if enabled is False else "enable_key", KeyId=made.id)


_DEFAULT_DELETION_WINDOW_DAYS = 30


def _schedule_deletion(existing: Existing) -> None:
    """Let the key be deleted at the end of its window, which is what KMS calls deleting."""
    days = existing.inputs.get("deletionWindowInDays", _DEFAULT_DELETION_WINDOW_DAYS)
    existing.call("schedule_key_deletion", KeyId=existing.id, PendingWindowInDays=days)


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:kms/key:Key": Row(
        service="kms",
        operation="create_key",
        id="KeyMetadata.KeyId",
        result="KeyMetadata",
        then={"enableKeyRotation": _rotation, "isEnabled": _is_enabled},
        dropped={
            "deletionWindowInDays": "only says what a deletion does",
            "rotationPeriodInDays": "moto forgets it",
        },
        tags=Tags(),
        delete=_schedule_deletion,
        update={
            "description": Update(operation="update_key_description", parameters={"KeyId": "id"}),
            "enableKeyRotation": _rotation,
            "isEnabled": _is_enabled,
            "policy": Update(
                operation="put_key_policy", parameters={"KeyId": "id"}, constants={"PolicyName": "default"}
            ),
        },
        not_emulated=("A key's policy is kept and not enforced.",),
    ),
}
