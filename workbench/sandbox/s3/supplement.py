"""S3: bucket policies, which are kept and not enforced, as everything else that IAM decides.

moto reads no conditions, so that for it a bucket that refuses plain HTTP refuses everything.
"""

from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from workbench.sandbox.server.limits import at_most, limited
from workbench.sandbox.server.table import Supplement
from zelly_components.limits import sizes as limits


def _keep_without_enforcing() -> None:
    """Have moto allow, in this process, whatever a bucket's policy says."""

    def neutral(_bucket: Any, _action: str, _resource: str) -> PermissionResult:
        return PermissionResult.NEUTRAL

    FakeBucket.get_permission = neutral  # pyright: ignore[reportAttributeAccessIssue]


SUPPLEMENT = Supplement(
    limits=limited("s3", {"PutBucketPolicy": at_most(limits.BUCKET_POLICY, "Policy", "PolicyTooLarge")}),
    start=_keep_without_enforcing,
)
