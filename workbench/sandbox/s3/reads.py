"""The readings of buckets and their configuration."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.errors import AwsRefusalError
from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Read


def _bucket(existing: Existing) -> str:
    return existing.id


def _tags(existing: Existing) -> list[Any]:
    try:
        return existing.call("get_bucket_tagging", Bucket=existing.id)["TagSet"]
    except AwsRefusalError as error:
        if error.code == "NoSuchTagSet":
            return []
        raise


def _arn(existing: Existing) -> str:
    return f"arn:aws:s3:::{existing.id}"


def _domain(existing: Existing) -> str:
    return f"{existing.id}.s3.amazonaws.com"


def _regional_domain(existing: Existing) -> str:
    return f"{existing.id}.s3.{existing.region}.amazonaws.com"


def _region(existing: Existing) -> str:
    return existing.region


def _of(operation: str, **more: Any) -> Read:
    return Read(operation=operation, parameters={"Bucket": "id"}, result="@", **more)


def _body(existing: Existing) -> str:
    return existing.result["Body"].read().decode()


def _unquoted_etag(existing: Existing) -> str:
    return existing.result["ETag"].strip('"')


READS: Mapping[str, Read] = {
    "aws:s3/bucketObjectv2:BucketObjectv2": Read(
        operation="get_object",
        parameters={"Bucket": "bucket", "Key": "key"},
        result="@",
        named={"content": _body, "etag": _unquoted_etag},
    ),
    "aws:s3/bucket:Bucket": _of(
        "head_bucket",
        named={"bucket": _bucket},
        tags=_tags,
        outputs={
            "arn": _arn,
            "bucketDomainName": _domain,
            "bucketRegionalDomainName": _regional_domain,
            "bucketRegion": _region,
        },
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _of("get_public_access_block", named={"bucket": _bucket}),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _of(
        "get_bucket_ownership_controls", named={"bucket": _bucket}
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _of("get_bucket_policy", named={"bucket": _bucket}),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": _of(
        "get_object_lock_configuration",
        named={"bucket": _bucket, "rule": "ObjectLockConfiguration.Rule"},
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _of(
        "get_bucket_versioning",
        named={"bucket": _bucket, "versioningConfiguration": "{status: Status || 'Disabled'}"},
    ),
}
