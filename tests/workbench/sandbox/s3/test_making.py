import json

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.sandbox.errors import AwsRefusalError, UnmappedInputError

BUCKET = "aws:s3/bucket:Bucket"


@pytest.fixture(scope="module")
def bucket(sandbox: Sandbox) -> str:
    return sandbox.create(BUCKET, "Shop-Logs", forceDestroy=False, tags={"Name": "logs"}).id


def test_bucket_lies_in_its_region_under_a_lower_case_name(sandbox: Sandbox, bucket: str) -> None:
    s3 = sandbox.client("s3")
    assert bucket.startswith("shop-logs-")
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == "eu-west-1"
    assert tags_of(s3.get_bucket_tagging(Bucket=bucket)["TagSet"]) == {"Project": "shop", "Name": "logs"}


def test_bucket_in_the_region_without_a_constraint(sandbox: Sandbox) -> None:
    created = sandbox.create(BUCKET, "home", bucket="shop-home", region="us-east-1")
    assert sandbox.client("s3", "us-east-1").get_bucket_location(Bucket="shop-home")["LocationConstraint"] is None
    assert (created.id, created.outputs["arn"], created.outputs["bucketRegionalDomainName"]) == (
        "shop-home",
        "arn:aws:s3:::shop-home",
        "shop-home.s3.us-east-1.amazonaws.com",
    )


def test_bucket_name_that_is_taken_is_refused(sandbox: Sandbox) -> None:
    sandbox.create(BUCKET, "one", bucket="shop-taken")
    with pytest.raises(AwsRefusalError, match="CreateBucket failed with BucketAlreadyOwnedByYou"):
        sandbox.create(BUCKET, "two", bucket="shop-taken")


def test_public_access_is_blocked_in_all_four_ways(sandbox: Sandbox, bucket: str) -> None:
    sandbox.create(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "block",
        bucket=bucket,
        blockPublicAcls=True,
        blockPublicPolicy=True,
        ignorePublicAcls=True,
        restrictPublicBuckets=True,
    )
    assert sandbox.client("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }


def test_bucket_owner_owns_every_object(sandbox: Sandbox, bucket: str) -> None:
    sandbox.create(
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "ownership",
        bucket=bucket,
        rule={"objectOwnership": "BucketOwnerEnforced"},
    )
    controls = sandbox.client("s3").get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert controls["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_bucket_encrypts_with_the_key_it_was_told(sandbox: Sandbox, bucket: str) -> None:
    sandbox.create(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "encryption",
        bucket=bucket,
        rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}, "bucketKeyEnabled": False}],
    )
    configuration = sandbox.client("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert configuration["Rules"] == [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    ]


def test_objects_expire(sandbox: Sandbox, bucket: str) -> None:
    sandbox.create(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "lifecycle",
        bucket=bucket,
        rules=[
            {
                "id": "expire",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "expiration": {"days": 30},
                "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
            }
        ],
    )
    assert sandbox.client("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [
        {
            "ID": "expire",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Expiration": {"Days": 30},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
    ]


def test_bucket_has_its_policy_and_its_versioning(sandbox: Sandbox, bucket: str) -> None:
    statement = {
        "Sid": "DenyPlaintextTransport",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policy = sandbox.create("aws:s3/bucketPolicy:BucketPolicy", "policy", bucket=bucket, policy=json.dumps(document))
    sandbox.create(
        "aws:s3/bucketVersioning:BucketVersioning",
        "versioning",
        bucket=bucket,
        versioningConfiguration={"status": "Enabled"},
    )
    s3 = sandbox.client("s3")
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == document
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert policy.id == bucket


def test_unmapped_input_inside_a_structure_is_named_by_its_path(sandbox: Sandbox, bucket: str) -> None:
    with pytest.raises(UnmappedInputError, match=r"input versioningConfiguration\.colour is not mapped"):
        sandbox.create(
            "aws:s3/bucketVersioning:BucketVersioning",
            "versioning",
            bucket=bucket,
            versioningConfiguration={"status": "Enabled", "colour": "blue"},
        )


def test_bucket_that_refuses_plain_http_can_still_be_used(sandbox: Sandbox, bucket: str) -> None:
    s3 = sandbox.client("s3")
    tls_only = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [tls_only]}))
    s3.put_object(Bucket=bucket, Key="log", Body=b"line")
    assert s3.get_object(Bucket=bucket, Key="log")["Body"].read() == b"line"
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"] == [tls_only]
    s3.delete_object(Bucket=bucket, Key="log")
