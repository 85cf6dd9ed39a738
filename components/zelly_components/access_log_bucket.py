"""An S3 bucket for the access logs of Application Load Balancers."""

import re
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component, resolved_after
from zelly_components.identity.iam import Statement, policy
from zelly_components.storage.closed_bucket import close_bucket

_ABANDONED_UPLOAD_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class AccessLogBucketArgs:
    """Arguments of an access-log bucket."""

    retention_days: int
    """Logs are deleted after so many days."""
    account_id: str
    """The account whose load balancers may write, twelve digits."""
    region: str
    """The region of these load balancers, e.g. ``ap-south-1``; a balancer only logs to a bucket of its own region."""
    force_destroy: bool
    """Whether destroying the bucket deletes the logs in it; without it a bucket with logs refuses to go."""


class AccessLogBucket(Component):
    """A private bucket that load balancers of one account and region may write to, and nobody else.

    Every balancer logs under a prefix of its own: ``<prefix>/AWSLogs/<account>/…``; without a prefix the bucket
    refuses it. Objects are encrypted with S3's own keys (SSE-S3), the only kind that log delivery supports.

    Example::

        from zelly_components.access_log_bucket import AccessLogBucket, AccessLogBucketArgs

        logs = AccessLogBucket(
            "shop-access-logs",
            AccessLogBucketArgs(
                retention_days=30, account_id="123456789012", region="eu-west-1", force_destroy=False
            ),
        )
    """

    bucket_name: pulumi.Output[str]
    """The bucket's name. It resolves once the bucket policy exists: a balancer whose bucket refuses it cannot be
    made."""
    bucket_arn: pulumi.Output[str]
    """The bucket's ARN. It resolves once the bucket policy exists."""

    def __init__(self, name: str, args: AccessLogBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        _check(args)

        # S3 refuses to delete a bucket with objects at the end of an update, when its successor is made and written to.
        # Pulumi refuses in the preview.
        kept = self.child_with(pulumi.ResourceOptions(protect=not args.force_destroy))
        self._bucket = aws.s3.Bucket(name, force_destroy=args.force_destroy, opts=kept)
        public_access_block = close_bucket(self, name, self._bucket)
        self._expire(args.retention_days)
        bucket_policy = self._let_load_balancers_write(args, public_access_block)

        self.bucket_name = resolved_after(self._bucket.bucket, bucket_policy)
        self.bucket_arn = resolved_after(self._bucket.arn, bucket_policy)
        self.register_annotated_outputs()

    def _expire(self, retention_days: int) -> None:
        aws.s3.BucketLifecycleConfiguration(
            f"{self._name}-lifecycle",
            bucket=self._bucket.bucket,
            rules=[
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="expire",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=retention_days),
                    abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=_ABANDONED_UPLOAD_DAYS
                    ),
                )
            ],
            opts=self.child(),
        )

    def _let_load_balancers_write(
        self, args: AccessLogBucketArgs, public_access_block: aws.s3.BucketPublicAccessBlock
    ) -> aws.s3.BucketPolicy:
        arn = self._bucket.arn
        objects = pulumi.Output.format("{0}/*", arn)
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
                        resources=[arn, objects],
                        conditions={"Bool": {"aws:SecureTransport": "false"}},
                    ),
                    # One principal for every region. Regions opened before August 2022 once needed an account id of
                    # Elastic Load Balancing's own instead; it still works there, and is called legacy.
                    Statement(
                        sid="AllowLoadBalancerLogs",
                        principals={"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                        actions=["s3:PutObject"],
                        resources=[pulumi.Output.format("{0}/*/AWSLogs/{1}/*", arn, args.account_id)],
                        conditions={
                            "ArnLike": {
                                "aws:SourceArn": (
                                    f"arn:aws:elasticloadbalancing:{args.region}:{args.account_id}:loadbalancer/*"
                                )
                            }
                        },
                    ),
                ]
            ),
            # S3 answers two changes of one bucket's access at the same time with 409 OperationAborted.
            opts=self.child_with(pulumi.ResourceOptions(depends_on=[public_access_block])),
        )


def _check(args: AccessLogBucketArgs) -> None:
    if args.retention_days < 1:
        raise ValueError(f"retention_days: came {args.retention_days}; allowed 1 or more")
    if not re.fullmatch(r"\d{12}", args.account_id):
        raise ValueError(f"account_id: came {args.account_id!r}; allowed twelve digits")
