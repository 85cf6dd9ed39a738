"""The parts that every bucket of a component has: nothing in it can be public, and everything is encrypted."""

import pulumi_aws as aws

from zelly_components.base import Component


def close_bucket(component: Component, name: str, bucket: aws.s3.Bucket) -> aws.s3.BucketPublicAccessBlock:
    """Block public access to a component's bucket, let the bucket's owner own every object, and encrypt all of them.

    Returns the block on public access, which a bucket policy has to wait for. The key is S3's own: load balancers
    deliver no logs under one of KMS (ALB user guide, "Enable access logs", step 1), and one of KMS that is lost takes
    every release or backup along.
    """
    block = aws.s3.BucketPublicAccessBlock(
        f"{name}-public-access-block",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=component.child(),
    )
    aws.s3.BucketOwnershipControls(
        f"{name}-ownership",
        bucket=bucket.bucket,
        rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        opts=component.child(),
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        bucket=bucket.bucket,
        rules=[
            aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                apply_server_side_encryption_by_default=aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                    sse_algorithm="AES256"
                )
            )
        ],
        opts=component.child(),
    )
    return block
