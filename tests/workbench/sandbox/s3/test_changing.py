"""Buckets and what is configured on them, changed in place and deleted."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.sandbox.errors import AwsRefusalError

BUCKET = "aws:s3/bucket:Bucket"
PUBLIC_ACCESS_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
ALL_BLOCKED = {
    "blockPublicAcls": True,
    "blockPublicPolicy": True,
    "ignorePublicAcls": True,
    "restrictPublicBuckets": True,
}


@pytest.fixture(scope="module")
def bucket(sandbox: Sandbox) -> str:
    return sandbox.create(BUCKET, "changes", bucket="shop-changes").id


def bucket_names(sandbox: Sandbox) -> set[str]:
    return {found["Name"] for found in sandbox.client("s3").list_buckets()["Buckets"]}


def refusal(sandbox: Sandbox, operation: str, bucket: str) -> str:
    """Return the error code that a read of what is not there is answered with."""
    with pytest.raises(ClientError) as caught:
        getattr(sandbox.client("s3"), operation)(Bucket=bucket)
    return caught.value.response.get("Error", {}).get("Code", "")


def test_bucket_changes_its_tags_and_goes(sandbox: Sandbox) -> None:
    sandbox.create(BUCKET, "tagged", bucket="shop-tagged", tags={"Name": "old", "Owner": "me"})
    sandbox.update(BUCKET, "tagged", bucket="shop-tagged", tags={"Name": "new"})
    tags = sandbox.client("s3").get_bucket_tagging(Bucket="shop-tagged")["TagSet"]
    assert tags_of(tags) == {"Project": "shop", "Name": "new"}
    sandbox.delete(BUCKET, "tagged")
    assert "shop-tagged" not in bucket_names(sandbox)


def test_bucket_with_objects_goes_only_by_force(sandbox: Sandbox) -> None:
    sandbox.create(BUCKET, "full", bucket="shop-full", forceDestroy=False)
    sandbox.create(VERSIONING, "full", bucket="shop-full", versioningConfiguration={"status": "Enabled"})
    s3 = sandbox.client("s3")
    for body in (b"old", b"new"):
        s3.put_object(Bucket="shop-full", Key="log", Body=body)
    s3.put_object(Bucket="shop-full", Key="gone", Body=b"gone")
    s3.delete_object(Bucket="shop-full", Key="gone")
    with pytest.raises(AwsRefusalError, match="DeleteBucket failed with BucketNotEmpty"):
        sandbox.delete(BUCKET, "full")
    assert "shop-full" in bucket_names(sandbox)
    sandbox.update(BUCKET, "full", bucket="shop-full", forceDestroy=True)
    sandbox.delete(BUCKET, "full")
    assert "shop-full" not in bucket_names(sandbox)


def test_bucket_in_another_region_goes(sandbox: Sandbox) -> None:
    sandbox.create(BUCKET, "away", bucket="shop-away", region="us-east-1")
    sandbox.delete(BUCKET, "away")
    assert "shop-away" not in bucket_names(sandbox)


def test_public_access_block_changes_as_a_whole_and_goes(sandbox: Sandbox, bucket: str) -> None:
    sandbox.create(PUBLIC_ACCESS_BLOCK, "block", bucket=bucket, **ALL_BLOCKED)
    sandbox.update(PUBLIC_ACCESS_BLOCK, "block", bucket=bucket, **{**ALL_BLOCKED, "blockPublicPolicy": False})
    assert sandbox.client("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": False,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    sandbox.delete(PUBLIC_ACCESS_BLOCK, "block")
    assert refusal(sandbox, "get_public_access_block", bucket) == "NoSuchPublicAccessBlockConfiguration"


def test_public_access_block_that_outlives_its_resource_stays(sandbox: Sandbox) -> None:
    sandbox.create(BUCKET, "kept", bucket="shop-kept")
    sandbox.create(PUBLIC_ACCESS_BLOCK, "kept", bucket="shop-kept", **ALL_BLOCKED, skipDestroy=True)
    sandbox.delete(PUBLIC_ACCESS_BLOCK, "kept")
    block = sandbox.client("s3").get_public_access_block(Bucket="shop-kept")["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}


def test_ownership_changes_and_goes(sandbox: Sandbox, bucket: str) -> None:
    sandbox.create(OWNERSHIP, "ownership", bucket=bucket, rule={"objectOwnership": "ObjectWriter"})
    sandbox.update(OWNERSHIP, "ownership", bucket=bucket, rule={"objectOwnership": "BucketOwnerEnforced"})
    controls = sandbox.client("s3").get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert controls["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    sandbox.delete(OWNERSHIP, "ownership")
    assert refusal(sandbox, "get_bucket_ownership_controls", bucket) == "OwnershipControlsNotFoundError"


def test_encryption_changes_and_goes(sandbox: Sandbox, bucket: str) -> None:
    def rules(algorithm: str) -> list[dict[str, Any]]:
        return [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm}, "bucketKeyEnabled": True}]

    sandbox.create(ENCRYPTION, "encryption", bucket=bucket, rules=rules("AES256"))
    sandbox.update(ENCRYPTION, "encryption", bucket=bucket, rules=rules("aws:kms"))
    s3 = sandbox.client("s3")
    configuration = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert configuration["Rules"] == [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    ]
    sandbox.delete(ENCRYPTION, "encryption")
    assert refusal(sandbox, "get_bucket_encryption", bucket) == "ServerSideEncryptionConfigurationNotFoundError"


def test_lifecycle_changes_and_goes(sandbox: Sandbox, bucket: str) -> None:
    def rules(days: int) -> list[dict[str, Any]]:
        return [{"id": "expire", "status": "Enabled", "filter": {"prefix": ""}, "expiration": {"days": days}}]

    sandbox.create(LIFECYCLE, "lifecycle", bucket=bucket, rules=rules(30))
    sandbox.update(LIFECYCLE, "lifecycle", bucket=bucket, rules=rules(90))
    assert sandbox.client("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [
        {"ID": "expire", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 90}}
    ]
    sandbox.delete(LIFECYCLE, "lifecycle")
    assert refusal(sandbox, "get_bucket_lifecycle_configuration", bucket) == "NoSuchLifecycleConfiguration"


def test_bucket_policy_changes_and_goes(sandbox: Sandbox, bucket: str) -> None:
    def document(action: str) -> dict[str, Any]:
        statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{bucket}/*"}
        return {"Version": "2012-10-17", "Statement": [statement]}

    sandbox.create(POLICY, "policy", bucket=bucket, policy=json.dumps(document("s3:GetObject")))
    sandbox.update(POLICY, "policy", bucket=bucket, policy=json.dumps(document("s3:PutObject")))
    policy = sandbox.client("s3").get_bucket_policy(Bucket=bucket)["Policy"]
    assert json.loads(policy) == document("s3:PutObject")
    sandbox.delete(POLICY, "policy")
    assert refusal(sandbox, "get_bucket_policy", bucket) == "NoSuchBucketPolicy"


def test_versioning_is_suspended_and_switched_on_again(sandbox: Sandbox) -> None:
    def state() -> str:
        return sandbox.client("s3").get_bucket_versioning(Bucket="shop-versions")["Status"]

    sandbox.create(BUCKET, "versions", bucket="shop-versions")
    sandbox.create(VERSIONING, "versions", bucket="shop-versions", versioningConfiguration={"status": "Suspended"})
    sandbox.update(VERSIONING, "versions", bucket="shop-versions", versioningConfiguration={"status": "Enabled"})
    switched_on = state()
    sandbox.delete(VERSIONING, "versions")
    assert (switched_on, state()) == ("Enabled", "Suspended")


def test_object_changes_in_place_is_read_and_goes_with_its_versions(sandbox: Sandbox) -> None:
    sandbox.create(BUCKET, "objects", bucket="shop-objects", forceDestroy=False)
    sandbox.create(VERSIONING, "objects", bucket="shop-objects", versioningConfiguration={"status": "Enabled"})
    made = sandbox.create(OBJECT, "file", bucket="shop-objects", key="host/a.json", content="one")
    assert (made.id, made.outputs["arn"]) == ("shop-objects/host/a.json", "arn:aws:s3:::shop-objects/host/a.json")
    sandbox.update(OBJECT, "file", bucket="shop-objects", key="host/a.json", content="two")
    s3 = sandbox.client("s3")
    assert s3.get_object(Bucket="shop-objects", Key="host/a.json")["Body"].read() == b"two"
    assert sandbox.read(OBJECT, "file") == {}
    s3.put_object(Bucket="shop-objects", Key="host/a.json", Body=b"by hand")
    assert sandbox.read(OBJECT, "file") == {"content": "by hand"}
    sandbox.delete(OBJECT, "file")
    assert s3.list_object_versions(Bucket="shop-objects").get("Versions", []) == []


def test_object_lock_has_its_rule_and_changes_in_place(sandbox: Sandbox) -> None:
    def retention(days: int) -> dict[str, Any]:
        return {"defaultRetention": {"mode": "GOVERNANCE", "days": days}}

    sandbox.create(BUCKET, "locked", bucket="shop-locked", objectLockEnabled=True)
    sandbox.create(LOCK, "locked", bucket="shop-locked", rule=retention(30))
    assert sandbox.read(LOCK, "locked") == {}
    sandbox.update(LOCK, "locked", bucket="shop-locked", rule=retention(35))
    s3 = sandbox.client("s3")
    found = s3.get_object_lock_configuration(Bucket="shop-locked")["ObjectLockConfiguration"]
    # moto answers years, too.
    assert found["Rule"]["DefaultRetention"].items() >= {"Mode": "GOVERNANCE", "Days": 35}.items()
