"""An S3 bucket for releases: artefacts and manifests, written once and kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component, resolved_after
from zelly_components.identity.grants import grant_to_role
from zelly_components.identity.iam import Statement, policy
from zelly_components.storage.closed_bucket import close_bucket

_ABANDONED_UPLOAD_DAYS = 7

WRITTEN_ONCE = ("artefacts/", "releases/")
"""The prefixes of what is never overwritten and never deleted."""


@dataclass(frozen=True, kw_only=True)
class ReleaseBucketArgs:
    """Arguments of a release bucket."""

    bucket_name: str
    """The physical name, one for the world: hosts and pipelines know it before the bucket is made."""
    force_destroy: bool
    """Whether destroying the bucket deletes the releases in it; without it a bucket with releases refuses to go."""
    replaced_version_days: int
    """The days after which an earlier version of a replaced or deleted object goes, 1 or more. No current object ever
    goes."""


def push_statements(bucket_arn: pulumi.Input[str]) -> list[Statement]:
    """Return the statements that allow to write what is not there yet, and to read all."""
    return [
        Statement(sid="WriteReleases", actions=["s3:PutObject"], resources=_written_once(bucket_arn)),
        *read_statements(bucket_arn),
    ]


def read_statements(bucket_arn: pulumi.Input[str]) -> list[Statement]:
    """Return the statements that allow to list the bucket and to read what is in it."""
    return [
        # Without the right to list, S3 answers 403 instead of 404 for what is not there ("GetObject", S3 API
        # reference): nobody could tell a missing artefact from a missing right.
        Statement(sid="ListReleases", actions=["s3:ListBucket"], resources=[bucket_arn]),
        Statement(sid="ReadReleases", actions=["s3:GetObject"], resources=[pulumi.Output.format("{0}/*", bucket_arn)]),
    ]


def _written_once(bucket_arn: pulumi.Input[str]) -> list[pulumi.Output[str]]:
    return [pulumi.Output.format("{0}/{1}*", bucket_arn, prefix) for prefix in WRITTEN_ONCE]


class ReleaseBucket(Component):
    """A private, versioned, encrypted bucket whose artefacts and manifests nobody overwrites or deletes.

    The bucket's policy takes an object below ``artefacts/`` and ``releases/`` only under a name that is free
    (``If-None-Match``), and refuses to delete one. The lifecycle rules know earlier versions alone. So whatever a
    record of releases names is there: no rule has to be told of the record. Object Lock would need a date until which a
    release is kept, and there is none.

    Example::

        from zelly_components.release_bucket import ReleaseBucket, ReleaseBucketArgs

        releases = ReleaseBucket(
            "shop-releases",
            ReleaseBucketArgs(
                bucket_name="shop-releases-123456789012", force_destroy=False, replaced_version_days=30
            ),
        )
        releases.grant_push("push-releases", "shop-pipeline")
        releases.grant_read("read-releases", "shop-host")
    """

    bucket_name: pulumi.Output[str]
    """The bucket's name. It resolves once the bucket policy exists: nothing is written before it is kept."""
    bucket_arn: pulumi.Output[str]
    """The bucket's ARN. It resolves once the bucket policy exists."""

    def __init__(self, name: str, args: ReleaseBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        _check(args)

        # As every bucket that holds what cannot be made again: Pulumi refuses in the preview.
        kept = self.child_with(pulumi.ResourceOptions(protect=not args.force_destroy))
        self._bucket = aws.s3.Bucket(name, bucket=args.bucket_name, force_destroy=args.force_destroy, opts=kept)
        versioning = self._keep_versions()
        public_access_block = close_bucket(self, name, self._bucket)
        self._expire_replaced_versions(args.replaced_version_days, versioning)
        bucket_policy = self._keep_what_is_written(public_access_block)

        self.bucket_name = resolved_after(self._bucket.bucket, versioning, bucket_policy)
        self.bucket_arn = resolved_after(self._bucket.arn, versioning, bucket_policy)
        self.register_annotated_outputs()

    def grant_push(self, policy_name: str, role_name: pulumi.Input[str]) -> None:
        """Let a role write artefacts and manifests that are not there yet, and read all, by an inline policy."""
        self._grant(policy_name, role_name, push_statements(self._bucket.arn))

    def grant_read(self, policy_name: str, role_name: pulumi.Input[str]) -> None:
        """Let a role list the bucket and read what is in it, by an inline policy."""
        self._grant(policy_name, role_name, read_statements(self._bucket.arn))

    def _grant(self, policy_name: str, role_name: pulumi.Input[str], statements: Sequence[Statement]) -> None:
        grant_to_role(self, f"{self._name}-{policy_name}", statements, policy_name=policy_name, role_name=role_name)

    def _keep_versions(self) -> aws.s3.BucketVersioning:
        return aws.s3.BucketVersioning(
            f"{self._name}-versioning",
            bucket=self._bucket.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=self.child(),
        )

    def _expire_replaced_versions(self, days: int, versioning: aws.s3.BucketVersioning) -> None:
        aws.s3.BucketLifecycleConfiguration(
            f"{self._name}-lifecycle",
            bucket=self._bucket.bucket,
            rules=[
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="replaced-versions",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                        noncurrent_days=days
                    ),
                    abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=_ABANDONED_UPLOAD_DAYS
                    ),
                )
            ],
            # The provider's own advice: rules on versions are put once there are any.
            opts=self.child_with(pulumi.ResourceOptions(depends_on=[versioning])),
        )

    def _keep_what_is_written(self, public_access_block: aws.s3.BucketPublicAccessBlock) -> aws.s3.BucketPolicy:
        arn = self._bucket.arn
        return aws.s3.BucketPolicy(
            f"{self._name}-policy",
            bucket=self._bucket.bucket,
            policy=policy(
                [
                    Statement(
                        sid="DenyPlaintextTransport",
                        effect="Deny",
                        principals={"AWS": "*"},
                        actions=["s3:*"],
                        resources=[arn, pulumi.Output.format("{0}/*", arn)],
                        conditions={"Bool": {"aws:SecureTransport": "false"}},
                    ),
                    Statement(
                        sid="DenyDeletion",
                        effect="Deny",
                        principals={"AWS": "*"},
                        actions=["s3:DeleteObject", "s3:DeleteObjectVersion"],
                        resources=_written_once(arn),
                    ),
                    # S3 User Guide, "Enforce conditional writes on Amazon S3 buckets".
                    Statement(
                        sid="DenyOverwriting",
                        effect="Deny",
                        principals={"AWS": "*"},
                        actions=["s3:PutObject"],
                        resources=_written_once(arn),
                        conditions={"Null": {"s3:if-none-match": "true"}},
                    ),
                ]
            ),
            # S3 answers two changes of one bucket's access at the same time with 409 OperationAborted.
            opts=self.child_with(pulumi.ResourceOptions(depends_on=[public_access_block])),
        )


def _check(args: ReleaseBucketArgs) -> None:
    if args.replaced_version_days < 1:
        raise ValueError(f"replaced_version_days: came {args.replaced_version_days}; allowed 1 or more")
