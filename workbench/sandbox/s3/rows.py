"""S3: buckets and their configuration."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.making import Existing, Made, Making
from workbench.sandbox.making.table import AutoName, Delete, Irregular, Outputs, ResourceRow, Row, Update

_HOME_REGION = "us-east-1"
"""The one region that CreateBucket does not take as a location constraint."""


def _bucket(making: Making) -> tuple[str, Outputs]:
    name, region = making.inputs["bucket"], making.region
    constraint = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    location: dict[str, Any] = {} if region == _HOME_REGION else constraint
    # Only a bucket that is made with it can have it without a ticket to AWS.
    lock = {"ObjectLockEnabledForBucket": True} if making.inputs.get("objectLockEnabled") else {}
    making.call("create_bucket", Bucket=name, **location, **lock)
    if making.tags:
        tags = [{"Key": key, "Value": value} for key, value in making.tags.items()]
        making.call("put_bucket_tagging", Bucket=name, Tagging={"TagSet": tags})
    return name, {
        "arn": f"arn:aws:s3:::{name}",
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
        "bucketRegion": region,
    }


def replace_bucket_tags(existing: Existing) -> None:
    """Give a bucket its new tags, which S3 takes as a whole."""
    listed = [{"Key": key, "Value": value} for key, value in existing.tags.items()]
    existing.call("put_bucket_tagging", Bucket=existing.id, Tagging={"TagSet": listed})


def _delete_bucket(existing: Existing) -> None:
    if existing.inputs.get("forceDestroy"):
        _empty(existing)
    existing.call("delete_bucket", Bucket=existing.id)


def _empty(existing: Existing) -> None:
    """Delete every version of every object, a page at a time: what is gone is not listed again."""
    while True:
        page = existing.call("list_object_versions", Bucket=existing.id)
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if not found:
            return
        objects = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in found]
        existing.call("delete_objects", Bucket=existing.id, Delete={"Objects": objects, "Quiet": True})


def _object_id(made: Made) -> str:
    return f"{made.inputs['bucket']}/{made.inputs['key']}"


def _object_arn(made: Made) -> str:
    return f"arn:aws:s3:::{_object_id(made)}"


def _content(making: Making, content: Any) -> Mapping[str, Any]:
    del making
    return {"Body": content.encode()}


def _etag(made: Made) -> str:
    return made.result["ETag"].strip('"')


def _delete_object(existing: Existing) -> None:
    """Delete every version of an object, as the provider does where there are versions."""
    bucket, key = existing.inputs["bucket"], existing.inputs["key"]
    page = existing.call("list_object_versions", Bucket=bucket, Prefix=key)
    found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
    for version in (each for each in found if each["Key"] == key):
        existing.call("delete_object", Bucket=bucket, Key=key, VersionId=version["VersionId"])


def _delete_public_access_block(existing: Existing) -> None:
    if not existing.inputs.get("skipDestroy"):
        existing.call("delete_public_access_block", Bucket=existing.id)


def _suspend_versioning(existing: Existing) -> None:
    # What was versioned once can only be suspended.
    if existing.inputs["versioningConfiguration"]["status"] == "Enabled":
        suspended = {"Status": "Suspended"}
        existing.call("put_bucket_versioning", Bucket=existing.id, VersioningConfiguration=suspended)


def _change_lock(existing: Existing, rule: Any) -> None:
    retention = rule["defaultRetention"]
    wanted = {name.capitalize(): retention[name] for name in ("mode", "days", "years") if name in retention}
    existing.call(
        "put_object_lock_configuration",
        Bucket=existing.id,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": wanted}},
    )


def _delete(operation: str) -> Delete:
    return Delete(operation=operation, parameters={"Bucket": "id"})


def _put(operation: str, *whole: str) -> Mapping[str, Update]:
    """Return how inputs reach an operation that takes the configuration as a whole."""
    return dict.fromkeys(whole, Update(operation=operation, parameters={"Bucket": "id"}, always=whole))


def _bucket_name(made: Made) -> str:
    return made.inputs["bucket"]


def _inside(structure: str, *members: str) -> dict[str, str]:
    """Return the renames of inputs that the API has inside a structure, e.g. ``blockPublicAcls``."""
    return {member[0].lower() + member[1:]: f"{structure}.{member}" for member in members}


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:s3/bucket:Bucket": Irregular(
        make=_bucket,
        service="s3",
        handles=frozenset({"bucket", "objectLockEnabled"}),
        dropped={"forceDestroy": "only says what a deletion does first"},
        delete=_delete_bucket,
        name=AutoName(property="bucket", prefix_property="bucketPrefix", limit=63, lower=True),
        taggable=True,
        not_emulated=(
            "No load balancer writes access logs, and no lifecycle rule ever expires an object.",
            "A bucket's owner is not compared with the account that a request expects.",
        ),
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": Row(
        service="s3",
        operation="put_object",
        id=_object_id,
        into={"content": _content},
        outputs={"arn": _object_arn, "etag": _etag},
        delete=_delete_object,
        import_id="{bucket}/{key...}",
        update=dict.fromkeys(
            ("content", "contentType"),
            Update(
                operation="put_object", parameters={"Bucket": "bucket", "Key": "key"}, always=("content", "contentType")
            ),
        ),
        not_emulated=("An object of the program's has no tags.",),
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
        delete=_delete_public_access_block,
        update=_put(
            "put_public_access_block",
            "blockPublicAcls",
            "blockPublicPolicy",
            "ignorePublicAcls",
            "restrictPublicBuckets",
        ),
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Row(
        service="s3",
        operation="put_bucket_ownership_controls",
        id=_bucket_name,
        renames={"rule": "OwnershipControls.Rules"},
        delete=_delete("delete_bucket_ownership_controls"),
        update=_put("put_bucket_ownership_controls", "rule"),
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Row(
        service="s3",
        operation="put_bucket_encryption",
        id=_bucket_name,
        renames={"rules": "ServerSideEncryptionConfiguration.Rules"},
        delete=_delete("delete_bucket_encryption"),
        update=_put("put_bucket_encryption", "rules"),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Row(
        service="s3",
        operation="put_bucket_lifecycle_configuration",
        id=_bucket_name,
        renames={"rules": "LifecycleConfiguration.Rules"},
        delete=_delete("delete_bucket_lifecycle"),
        update=_put("put_bucket_lifecycle_configuration", "rules"),
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Row(
        service="s3",
        operation="put_bucket_policy",
        id=_bucket_name,
        delete=_delete("delete_bucket_policy"),
        update=_put("put_bucket_policy", "policy"),
        not_emulated=("A bucket's policy is kept and not enforced.",),
    ),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": Row(
        service="s3",
        operation="put_object_lock_configuration",
        id=_bucket_name,
        renames={
            "rule": "ObjectLockConfiguration.Rule",
            "objectLockEnabled": "ObjectLockConfiguration.ObjectLockEnabled",
        },
        parameters={"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}},
        deleted_with="the bucket: what was locked once stays so",
        update={"rule": _change_lock},
    ),
    "aws:s3/bucketVersioning:BucketVersioning": Row(
        service="s3",
        operation="put_bucket_versioning",
        id=_bucket_name,
        renames={"mfa": "MFA"},
        delete=_suspend_versioning,
        update=_put("put_bucket_versioning", "versioningConfiguration"),
    ),
}
