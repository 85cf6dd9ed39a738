import json
from typing import Any

import pulumi_aws as aws
import pytest

from workbench.evaluate import Evaluation, evaluate
from zelly_components.access_log_bucket import AccessLogBucket, AccessLogBucketArgs

ACCOUNT = "123456789012"


def args(**changes: Any) -> AccessLogBucketArgs:
    values: dict[str, Any] = {
        "retention_days": 30,
        "account_id": ACCOUNT,
        "region": "eu-west-1",
        "force_destroy": False,
    }
    return AccessLogBucketArgs(**(values | changes))


def record(**changes: Any) -> Evaluation:
    def program() -> None:
        bucket = AccessLogBucket("shop-logs", args(**changes))
        for output in ("bucket_name", "bucket_arn"):
            aws.ssm.Parameter(f"reader-of-{output}", type="String", value=getattr(bucket, output))

    return evaluate(program)


@pytest.mark.parametrize("force_destroy", [True, False])
def test_bucket_that_s3_would_refuse_to_delete_is_refused_by_pulumi_first(force_destroy: bool) -> None:
    bucket = record(force_destroy=force_destroy).one("aws:s3/bucket:Bucket")
    assert (bucket.protect, bucket.inputs["forceDestroy"]) == (not force_destroy, force_destroy)


def test_only_this_accounts_balancers_write_and_only_over_tls() -> None:
    policy = json.loads(record().one("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])
    assert policy == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "DenyPlaintextTransport",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": ["s3:*"],
                "Resource": ["${shop-logs.arn}", "${shop-logs.arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {
                "Sid": "AllowLoadBalancerLogs",
                "Effect": "Allow",
                "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                "Action": ["s3:PutObject"],
                "Resource": [f"${{shop-logs.arn}}/*/AWSLogs/{ACCOUNT}/*"],
                "Condition": {
                    "ArnLike": {"aws:SourceArn": f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:loadbalancer/*"}
                },
            },
        ],
    }


@pytest.mark.parametrize("output", ["bucket_name", "bucket_arn"])
def test_who_uses_the_bucket_waits_for_its_policy(output: str) -> None:
    evaluation = record()
    reader = evaluation.one("aws:ssm/parameter:Parameter", f"reader-of-{output}")
    assert evaluation.one("aws:s3/bucketPolicy:BucketPolicy").urn in reader.depends_on


def test_policy_and_public_access_block_are_not_put_at_the_same_time() -> None:
    evaluation = record()
    block = evaluation.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    assert block.urn in evaluation.one("aws:s3/bucketPolicy:BucketPolicy").depends_on


def test_outputs_name_the_bucket() -> None:
    readers = record().of_type("aws:ssm/parameter:Parameter")
    assert {reader.name: reader.plain_inputs["value"] for reader in readers} == {
        "reader-of-bucket_name": "${shop-logs.bucket}",
        "reader-of-bucket_arn": "${shop-logs.arn}",
    }


def test_logs_expire_and_abandoned_uploads_go() -> None:
    lifecycle = record(retention_days=90).one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    assert lifecycle.inputs == {
        "bucket": "${shop-logs.bucket}",
        "rules": [
            {
                "id": "expire",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "expiration": {"days": 90},
                "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
            }
        ],
    }


def test_encryption_is_the_only_kind_that_log_delivery_supports() -> None:
    encryption = record().one("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
    assert encryption.inputs["rules"] == [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]


def test_nothing_is_public_and_every_object_is_the_owners() -> None:
    evaluation = record()
    assert evaluation.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs == {
        "bucket": "${shop-logs.bucket}",
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    assert evaluation.one("aws:s3/bucketOwnershipControls:BucketOwnershipControls").inputs == {
        "bucket": "${shop-logs.bucket}",
        "rule": {"objectOwnership": "BucketOwnerEnforced"},
    }


@pytest.mark.parametrize("force_destroy", [True, False])
def test_destroying_takes_the_logs_along_only_if_told_to(force_destroy: bool) -> None:
    assert record(force_destroy=force_destroy).one("aws:s3/bucket:Bucket").inputs == {"forceDestroy": force_destroy}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"retention_days": 0}, "retention_days: came 0; allowed 1 or more"),
        ({"account_id": "12345"}, "account_id: came '12345'; allowed twelve digits"),
    ],
)
def test_bad_input_is_refused_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        record(**changes)
    assert str(error.value) == message
