import json
from typing import Any

import pytest

from workbench.evaluate import Evaluation, evaluate
from zelly_components.release_bucket import ReleaseBucket, ReleaseBucketArgs


def args(**changes: Any) -> ReleaseBucketArgs:
    values: dict[str, Any] = {"bucket_name": "shop-releases-1", "force_destroy": False, "replaced_version_days": 30}
    return ReleaseBucketArgs(**(values | changes))


def record(**changes: Any) -> Evaluation:
    def program() -> None:
        bucket = ReleaseBucket("shop-releases", args(**changes))
        bucket.grant_push("push", "shop-pipeline")
        bucket.grant_read("read", "shop-host")

    return evaluate(program)


def statements(evaluation: Evaluation, type_token: str, name: str) -> dict[str, Any]:
    policy = json.loads(evaluation.one(type_token, name).inputs["policy"])
    return {statement.pop("Sid"): statement for statement in policy["Statement"]}


@pytest.mark.parametrize("force_destroy", [True, False])
def test_bucket_with_releases_is_protected_unless_it_may_go(force_destroy: bool) -> None:
    bucket = record(force_destroy=force_destroy).one("aws:s3/bucket:Bucket")
    assert (bucket.protect, bucket.inputs) == (
        not force_destroy,
        {"bucket": "shop-releases-1", "forceDestroy": force_destroy},
    )


def test_nothing_current_ever_expires() -> None:
    (rule,) = record().one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs["rules"]
    assert rule == {
        "id": "replaced-versions",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "noncurrentVersionExpiration": {"noncurrentDays": 30},
        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
    }


def test_artefacts_and_manifests_are_written_once_and_never_deleted() -> None:
    found = statements(record(), "aws:s3/bucketPolicy:BucketPolicy", "shop-releases-policy")
    kept = ["${shop-releases.arn}/artefacts/*", "${shop-releases.arn}/releases/*"]
    assert found["DenyDeletion"] == {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
        "Resource": kept,
    }
    assert found["DenyOverwriting"] == {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": ["s3:PutObject"],
        "Resource": kept,
        "Condition": {"Null": {"s3:if-none-match": "true"}},
    }
    assert found["DenyPlaintextTransport"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_who_pushes_writes_releases_alone_and_who_reads_writes_nothing() -> None:
    evaluation = record()
    push = statements(evaluation, "aws:iam/rolePolicy:RolePolicy", "shop-releases-push")
    read = statements(evaluation, "aws:iam/rolePolicy:RolePolicy", "shop-releases-read")
    assert push.pop("WriteReleases") == {
        "Effect": "Allow",
        "Action": ["s3:PutObject"],
        "Resource": ["${shop-releases.arn}/artefacts/*", "${shop-releases.arn}/releases/*"],
    }
    assert push == read
    assert {action for statement in read.values() for action in statement["Action"]} == {
        "s3:ListBucket",
        "s3:GetObject",
    }


def test_versions_encryption_and_no_public_access() -> None:
    evaluation = record()
    versioning = evaluation.one("aws:s3/bucketVersioning:BucketVersioning").inputs
    assert versioning["versioningConfiguration"] == {"status": "Enabled"}
    block = evaluation.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    assert {key: value for key, value in block.items() if key != "bucket"} == dict.fromkeys(
        ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True
    )
    encryption = evaluation.one(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    ).inputs
    assert encryption["rules"] == [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]


def test_days_are_checked() -> None:
    with pytest.raises(ValueError, match="replaced_version_days: came 0; allowed 1 or more"):
        record(replaced_version_days=0)
