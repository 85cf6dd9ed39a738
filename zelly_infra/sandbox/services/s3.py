"""Buckets and what is configured on them."""

from collections.abc import Mapping
from typing import Any

from zelly_infra.sandbox.making import Made, Making
from zelly_infra.sandbox.table import AutoName, Function, Irregular, Outputs, ResourceRow, Row

_HOME_REGION = "us-east-1"
"""The one region that CreateBucket does not take as a location constraint."""


def _bucket(making: Making) -> tuple[str, Outputs]:
    name, region = making.inputs["bucket"], making.region
    constraint = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    location: dict[str, Any] = {} if region == _HOME_REGION else constraint
    making.call("create_bucket", Bucket=name, **location)
    if making.tags:
        tags = [{"Key": key, "Value": value} for key, value in making.tags.items()]
        making.call("put_bucket_tagging", Bucket=name, Tagging={"TagSet": tags})
    return name, {
        "arn": f"arn:aws:s3:::{name}",
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
        "bucketRegion": region,
    }


def _bucket_name(made: Made) -> str:
    return made.inputs["bucket"]


def _inside(structure: str, *members: str) -> dict[str, str]:
    """Return the renames of inputs that the API has inside a structure, e.g. ``blockPublicAcls``."""
    return {member[0].lower() + member[1:]: f"{structure}.{member}" for member in members}


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:s3/bucket:Bucket": Irregular(
        make=_bucket,
        service="s3",
        handles=frozenset({"bucket"}),
        dropped={"forceDestroy": "only says what a deletion does first"},
        name=AutoName(property="bucket", prefix_property="bucketPrefix", limit=63, lower=True),
        taggable=True,
        not_emulated=("No load balancer writes access logs, and no lifecycle rule ever expires an object.",),
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Row(
        service="s3",
        operation="put_public_access_block",
        id=_bucket_name,
        renames=_inside(
            "PublicAccessBlockConfiguration",
            "BlockPublicAcls",
            "BlockPublicPolicy",
            "IgnorePublicAcls",
            "RestrictPublicBuckets",
        ),
        dropped={"skipDestroy": "only says whether a deletion does anything"},
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Row(
        service="s3",
        operation="put_bucket_ownership_controls",
        id=_bucket_name,
        renames={"rule": "OwnershipControls.Rules"},
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Row(
        service="s3",
        operation="put_bucket_encryption",
        id=_bucket_name,
        renames={"rules": "ServerSideEncryptionConfiguration.Rules"},
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Row(
        service="s3",
        operation="put_bucket_lifecycle_configuration",
        id=_bucket_name,
        renames={"rules": "LifecycleConfiguration.Rules"},
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Row(service="s3", operation="put_bucket_policy", id=_bucket_name),
    "aws:s3/bucketVersioning:BucketVersioning": Row(
        service="s3", operation="put_bucket_versioning", id=_bucket_name, renames={"mfa": "MFA"}
    ),
}

FUNCTIONS: Mapping[str, Function] = {}
