"""The right to read or write releases, as data: what the grants of a release bucket do."""

from dataclasses import dataclass
from typing import Literal

import pulumi

from zelly_components.base import Component
from zelly_components.identity.grants import grant_to_role
from zelly_components.release_bucket import push_statements, read_statements


@dataclass(frozen=True, kw_only=True)
class ReleaseGrantArgs:
    """Arguments of a grant on a release bucket."""

    role_name: pulumi.Input[str]
    """The name of the role that is granted the right; not its ARN."""
    policy_name: str
    """The name of the inline policy in IAM: 1 to 128 letters, digits and ``+=,.@_-``, unique in the role. All inline
    policies of a role may have 10,240 characters in sum."""
    bucket_arn: pulumi.Input[str]
    """The release bucket: its output ``bucket_arn``."""
    access: Literal["push", "read"]
    """``read``: list the bucket and read what is in it. ``push``: that, and write artefacts and manifests that are not
    there yet."""


class ReleaseGrant(Component):
    """Let a role read the releases of a release bucket, or add new ones.

    Nobody overwrites or deletes a release. In Python it does what ``ReleaseBucket.grant_push`` and ``grant_read`` do.

    Example::

        from zelly_components.release_grant import ReleaseGrant, ReleaseGrantArgs

        ReleaseGrant(
            "shop-push-releases",
            ReleaseGrantArgs(
                role_name="shop-pipeline",
                policy_name="push-releases",
                bucket_arn="arn:aws:s3:::shop-releases-123456789012",
                access="push",
            ),
        )
    """

    policy_name: str
    """The name of the inline policy."""

    def __init__(self, name: str, args: ReleaseGrantArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        grant_to_role(
            self,
            name,
            push_statements(args.bucket_arn) if args.access == "push" else read_statements(args.bucket_arn),
            policy_name=args.policy_name,
            role_name=args.role_name,
        )
        self.policy_name = args.policy_name
        self.register_annotated_outputs()
