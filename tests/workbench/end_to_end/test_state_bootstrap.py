"""``zelly state bootstrap`` against the embedded AWS. Each test has a bucket and a key of its own."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.workbench.conftest import Completed, Operator, Up
from workbench.operations.account.service_linked_roles import SERVICES

pytestmark = pytest.mark.usefixtures("roles")

REGION = "ap-south-1"
ACCOUNT = "123456789012"

SETTINGS = (
    "public access block",
    "object ownership",
    "versioning",
    "default encryption",
    "policy",
    "lifecycle",
    "tags",
)


def options(name: str) -> tuple[str, ...]:
    return ("--bucket", f"sample-state-{name}", "--alias", f"alias/sample-state-{name}")


def _plan_lines(bucket: str, alias: str, conditions: Mapping[str, str]) -> list[str]:
    conditions = {**{f"service-linked role of {service}": "is so" for service in SERVICES}, **conditions}
    names = [*conditions]
    width = max(len(name) for name in names)
    assert bucket in names
    assert alias in names
    return [f"Account {ACCOUNT}, {REGION}:", *(f"  {name:<{width}}  {conditions[name]}" for name in names)]


def _fresh(name: str) -> list[str]:
    bucket, alias = f"bucket sample-state-{name}", f"alias/sample-state-{name}"
    return _plan_lines(
        bucket,
        alias,
        {
            "KMS key": "will be made",
            "KMS key, yearly rotation": "will be set",
            alias: "will be made",
            bucket: "will be made",
            **{f"{bucket}, {setting}": "will be set" for setting in SETTINGS},
        },
    )


def there(name: str, **others: str) -> list[str]:
    bucket, alias = f"bucket sample-state-{name}", f"alias/sample-state-{name}"
    key = {f"KMS key{what}": "is so" for what in ("", ", policy", ", yearly rotation", ", tags")}
    settings = {f"{bucket}, {setting}": others.get(setting.replace(" ", "_"), "is so") for setting in SETTINGS}
    return _plan_lines(bucket, alias, {**key, alias: others.get("alias", "is so"), bucket: "is so", **settings})


def _commands(name: str) -> list[str]:
    provider = f"'awskms://alias/sample-state-{name}?region={REGION}'"
    return [
        f"pulumi login 's3://sample-state-{name}?region={REGION}'",
        f"pulumi stack init live --secrets-provider {provider}",
        f"pulumi stack init trial --secrets-provider {provider}",
    ]


def _key_of(up: Up, name: str) -> dict[str, Any]:
    return up.client("kms", REGION).describe_key(KeyId=f"alias/sample-state-{name}")["KeyMetadata"]


def keys_for(up: Up, name: str) -> list[str]:
    kms = up.client("kms", REGION)
    return [
        key["KeyId"]
        for key in kms.list_keys()["Keys"]
        for tag in kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
        if tag == {"TagKey": "sample:purpose", "TagValue": f"pulumi-state:alias/sample-state-{name}"}
    ]


def _bucket_exists(up: Up, name: str) -> bool:
    return f"sample-state-{name}" in [bucket["Name"] for bucket in up.client("s3", REGION).list_buckets()["Buckets"]]


def test_dry_run_shows_everything_and_makes_nothing(operator: Operator, up: Up) -> None:
    completed = operator.run("state", "bootstrap", *options("dry"), "--dry-run")
    assert completed == Completed(exit_code=0, stdout="".join(f"{line}\n" for line in _fresh("dry")), stderr="")
    assert (_bucket_exists(up, "dry"), keys_for(up, "dry")) == (False, [])


def test_without_a_terminal_a_yes_is_required(operator: Operator, up: Up) -> None:
    completed = operator.run("state", "bootstrap", *options("asked"))
    assert (completed.exit_code, completed.stdout, completed.stderr.splitlines()) == (
        2,
        "",
        [
            *_fresh("asked"),
            f"Do this in account {ACCOUNT}? A KMS key costs 1 USD a month. Without a terminal nobody can say so; "
            "--yes is required",
        ],
    )
    assert (_bucket_exists(up, "asked"), keys_for(up, "asked")) == (False, [])


def test_first_run_makes_all_of_it_and_prints_what_uses_it(operator: Operator) -> None:
    completed = operator.run("state", "bootstrap", *options("first"), "--yes")
    assert (completed.exit_code, completed.stdout.splitlines(), completed.stderr.splitlines()) == (
        0,
        _commands("first"),
        [*_fresh("first"), "Replaced states are kept for 90 days. What to type next, in this folder:"],
    )


def test_second_run_finds_everything_so_and_prints_the_same_commands(operator: Operator, up: Up) -> None:
    operator.run("state", "bootstrap", *options("twice"), "--yes")
    key = _key_of(up, "twice")["KeyId"]
    # Nothing is asked, since nothing is done.
    completed = operator.run("state", "bootstrap", *options("twice"))
    assert (completed.exit_code, completed.stdout.splitlines(), completed.stderr.splitlines()[:-1]) == (
        0,
        _commands("twice"),
        there("twice"),
    )
    assert keys_for(up, "twice") == [key]


def _settings(s3: Any, bucket: str) -> dict[str, Any]:
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    return {
        "versioning": s3.get_bucket_versioning(Bucket=bucket)["Status"],
        "encryption": s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"],
        "public": s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"],
        "ownership": s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"],
        "lifecycle": s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"],
        "tags": {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]},
        "policy": {statement["Sid"]: statement for statement in policy["Statement"]},
    }


def _refusal(sid: str, bucket: str, key: str, value: str) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        # Only what is said and wrong: Pulumi says nothing and gets the default.
        "Condition": {"Null": {key: "false"}, "StringNotEquals": {key: value}},
    }


def test_bucket_is_closed_versioned_encrypted_and_tls_only(operator: Operator, up: Up) -> None:
    operator.run("state", "bootstrap", *options("bucket"), "--yes")
    bucket, key_arn = "sample-state-bucket", _key_of(up, "bucket")["Arn"]
    assert _settings(up.client("s3", REGION), bucket) == {
        "versioning": "Enabled",
        "encryption": [
            {
                "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn},
                "BucketKeyEnabled": True,
            }
        ],
        "public": {
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
        "ownership": [{"ObjectOwnership": "BucketOwnerEnforced"}],
        "lifecycle": [
            {
                "ID": "old-versions",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
                "Expiration": {"ExpiredObjectDeleteMarker": True},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
            }
        ],
        "tags": {
            "project": "sample",
            "managed-by": "sample state bootstrap",
            "sample:purpose": "pulumi-state:alias/sample-state-bucket",
        },
        "policy": {
            "TlsOnly": {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            "NoOtherEncryption": _refusal("NoOtherEncryption", bucket, "s3:x-amz-server-side-encryption", "aws:kms"),
            "NoOtherKey": _refusal("NoOtherKey", bucket, "s3:x-amz-server-side-encryption-aws-kms-key-id", key_arn),
        },
    }


def test_key_rotates_and_cannot_be_deleted_in_a_hurry(operator: Operator, up: Up) -> None:
    operator.run("state", "bootstrap", *options("key"), "--yes")
    kms, key = up.client("kms", REGION), _key_of(up, "key")
    statements = json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])["Statement"]
    assert (key["Description"], key["KeyUsage"], key["KeySpec"]) == (
        "Pulumi state and configuration secrets of sample",
        "ENCRYPT_DECRYPT",
        "SYMMETRIC_DEFAULT",
    )
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is True
    assert [(statement["Effect"], statement["Action"], statement.get("Condition")) for statement in statements] == [
        ("Allow", "kms:*", None),
        (
            "Deny",
            "kms:ScheduleKeyDeletion",
            {"NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}},
        ),
    ]


def test_what_differs_is_corrected_and_what_others_added_stays(operator: Operator, up: Up) -> None:
    operator.run("state", "bootstrap", *options("drift"), "--yes")
    s3, bucket = up.client("s3", REGION), "sample-state-drift"
    wanted = _settings(s3, bucket)
    audit = {
        "Sid": "Audit",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:role/audit"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    rule = {"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}}
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration={**wanted["public"], "BlockPublicPolicy": False}
    )
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [audit]}))
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "team", "Value": "platform"}]})
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    differs = "differs, will be corrected"
    completed = operator.run("state", "bootstrap", *options("drift"), "--yes")
    assert completed.stderr.splitlines()[:-1] == there(
        "drift",
        versioning=differs,
        public_access_block=differs,
        policy=differs,
        lifecycle=differs,
        tags=differs,
        object_ownership="will be set",
    )
    assert _settings(s3, bucket) == {
        **wanted,
        "policy": {"Audit": audit, **wanted["policy"]},
        "lifecycle": [rule, *wanted["lifecycle"]],
        "tags": {"team": "platform", **wanted["tags"]},
    }


def test_key_of_a_run_that_died_before_its_alias_is_found_by_its_tag(operator: Operator, up: Up) -> None:
    operator.run("state", "bootstrap", *options("died"), "--yes")
    key = _key_of(up, "died")["KeyId"]
    up.client("kms", REGION).delete_alias(AliasName="alias/sample-state-died")
    completed = operator.run("state", "bootstrap", *options("died"), "--yes")
    assert completed.stderr.splitlines()[:-1] == there("died", alias="will be made")
    assert (_key_of(up, "died")["KeyId"], keys_for(up, "died")) == (key, [key])


def test_two_keys_for_one_alias_are_left_to_the_operator(operator: Operator, up: Up) -> None:
    tags = [{"TagKey": "sample:purpose", "TagValue": "pulumi-state:alias/sample-state-both"}]
    kms = up.client("kms", REGION)
    made = {kms.create_key(Tags=tags)["KeyMetadata"]["KeyId"] for _ in range(2)}
    completed = operator.run("state", "bootstrap", *options("both"), "--yes")
    head, found, tail = completed.stderr.partition(", ".join(keys_for(up, "both")))
    assert (completed.exit_code, head, tail) == (
        2,
        "alias/sample-state-both: leads to no key, and 2 keys are tagged for it: ",
        "; `aws kms create-alias` tells which one it is\n",
    )
    assert set(found.split(", ")) == made


def test_key_that_is_being_deleted_is_not_used(operator: Operator, up: Up) -> None:
    operator.run("state", "bootstrap", *options("gone"), "--yes")
    key = _key_of(up, "gone")["KeyId"]
    up.client("kms", REGION).schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    assert operator.run("state", "bootstrap", *options("gone")) == Completed(
        exit_code=2,
        stdout="",
        stderr=(
            f"alias/sample-state-gone: came key {key}, which is PendingDeletion; an enabled symmetric key is required: "
            "mend that with `aws kms cancel-key-deletion` or `enable-key`, or choose another --alias\n"
        ),
    )


def test_bucket_in_another_region_is_refused(operator: Operator, up: Up) -> None:
    up.client("s3", "eu-west-1").create_bucket(
        Bucket="sample-state-far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    assert operator.run("state", "bootstrap", *options("far")) == Completed(
        exit_code=2,
        stdout="",
        stderr="bucket sample-state-far: it is in eu-west-1; allowed: --region eu-west-1, or another --bucket\n",
    )


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [
        ("--bucket", "Zelly_State", "3 to 63 lower-case letters, digits and inner hyphens"),
        (
            "--alias",
            "alias/aws/s3",
            "alias/ and a name of letters, digits, / _ and -, not below alias/aws/, e.g. alias/sample-pulumi",
        ),
        ("--region", "ap-soth-1", "an AWS region such as ap-south-1, ap-south-2 or af-south-1"),
    ],
)
def test_name_that_aws_would_refuse_is_one_line(operator: Operator, option: str, value: str, allowed: str) -> None:
    assert operator.run("state", "bootstrap", option, value) == Completed(
        exit_code=2, stdout="", stderr=f"{option}: came {value}; allowed: {allowed}\n"
    )


def test_json_is_the_plan_and_the_commands(operator: Operator, up: Up) -> None:
    completed = operator.run("state", "bootstrap", *options("json"), "--yes", "--json")
    document = json.loads(completed.stdout)
    assert [step.pop("condition") for step in document["steps"]] == [*["so"] * len(SERVICES), *["missing"] * 11]
    assert document == {
        "executed": True,
        "account_id": ACCOUNT,
        "region": REGION,
        "bucket": "sample-state-json",
        "alias": "alias/sample-state-json",
        "key_arn": _key_of(up, "json")["Arn"],
        "commands": _commands("json"),
        "steps": [{"what": line.strip().partition("  ")[0]} for line in _fresh("json")[1:]],
    }
