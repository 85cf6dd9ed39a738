"""The readings of customer managed keys."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.answers import asked, or_empty
from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Read


def _policy(existing: Existing) -> Any:
    return existing.call("get_key_policy", KeyId=existing.id, PolicyName="default")["Policy"]


READS: Mapping[str, Read] = {
    "aws:kms/key:Key": Read(
        operation="describe_key",
        parameters={"KeyId": "id"},
        result="[KeyMetadata][?KeyState != 'PendingDeletion'] | [0]",
        id="KeyId",
        named={
            "description": or_empty("Description"),
            "enableKeyRotation": asked("get_key_rotation_status", "KeyRotationEnabled", KeyId="id"),
            "isEnabled": "Enabled",
            "policy": _policy,
        },
        tags=asked("list_resource_tags", "Tags", KeyId="id"),
        defaults={"isEnabled": True, "keyUsage": "ENCRYPT_DECRYPT", "customerMasterKeySpec": "SYMMETRIC_DEFAULT"},
    ),
}
