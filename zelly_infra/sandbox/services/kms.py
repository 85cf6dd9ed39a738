"""KMS: keys of one's own."""

from collections.abc import Mapping
from typing import Any

from zelly_infra.sandbox.making import Made
from zelly_infra.sandbox.table import Function, ResourceRow, Row, Tags


def _rotation(made: Made, enabled: Any) -> None:
    if enabled:
        made.call("enable_key_rotation", KeyId=made.id)


def _is_enabled(made: Made, enabled: Any) -> None:
    if not enabled:
        made.call("disable_key", KeyId=made.id)


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
        not_emulated=("A key's policy is kept and not enforced.",),
    ),
}

FUNCTIONS: Mapping[str, Function] = {}
