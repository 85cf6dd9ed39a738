"""The readings of lifecycle policies of snapshots."""

from collections.abc import Mapping

from workbench.sandbox.making.table import Read

READS: Mapping[str, Read] = {
    "aws:dlm/lifecyclePolicy:LifecyclePolicy": Read(
        operation="get_lifecycle_policy",
        parameters={"PolicyId": "id"},
        result="Policy",
        unread=("policyDetails", "defaultPolicy"),
    ),
}
