"""``zelly state bootstrap`` against the embedded AWS. Each test has a bucket and a key of its own."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.zelly_infra.aws.faults import answering, xml_error
from tests.zelly_infra.operating.conftest import Completed, Operator, Sandbox
from tests.zelly_infra.operating.watched import WatchedConnection
from zelly_infra.aws.kms import Kms
from zelly_infra.aws.s3 import S3
from zelly_infra.errors import OperationFailedError, OperatorError
from zelly_infra.operations.state_backend import StateBackend
from zelly_infra.operations.state_bootstrap import bootstrap, plan_bootstrap

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


def _options(name: str) -> tuple[str, ...]:
    return ("--bucket", f"zelly-state-{name}", "--alias", f"alias/zelly-state-{name}")


def _plan_lines(bucket: str, alias: str, conditions: Mapping[str, str]) -> list[str]:
    names = [*conditions]
    width = max(len(name) for name in names)
    assert bucket in names
    assert alias in names
    return [f"Account {ACCOUNT}, {REGION}:", *(f"  {name:<{width}}  {conditions[name]}" for name in names)]


def _fresh(name: str) -> list[str]:
    bucket, alias = f"bucket zelly-state-{name}", f"alias/zelly-state-{name}"
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


def _there(name: str, **others: str) -> list[str]:
    bucket, alias = f"bucket zelly-state-{name}", f"alias/zelly-state-{name}"
    key = {f"KMS key{what}": "is so" for what in ("", ", policy", ", yearly rotation", ", tags")}
    settings = {f"{bucket}, {setting}": others.get(setting.replace(" ", "_"), "is so") for setting in SETTINGS}
    return _plan_lines(bucket, alias, {**key, alias: others.get("alias", "is so"), bucket: "is so", **settings})


def _commands(name: str) -> list[str]:
    provider = f"'awskms://alias/zelly-state-{name}?region={REGION}'"
    return [
        f"pulumi login 's3://zelly-state-{name}?region={REGION}'",
        f"pulumi stack init production --secrets-provider {provider}",
        f"pulumi stack init staging --secrets-provider {provider}",
    ]


def _key_of(sandbox: Sandbox, name: str) -> dict[str, Any]:
    return sandbox.client("kms", REGION).describe_key(KeyId=f"alias/zelly-state-{name}")["KeyMetadata"]


def _keys_for(sandbox: Sandbox, name: str) -> list[str]:
    kms = sandbox.client("kms", REGION)
    return [
        key["KeyId"]
        for key in kms.list_keys()["Keys"]
        for tag in kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
        if tag == {"TagKey": "zelly:purpose", "TagValue": f"pulumi-state:alias/zelly-state-{name}"}
    ]


def _bucket_exists(sandbox: Sandbox, name: str) -> bool:
    return f"zelly-state-{name}" in [
        bucket["Name"] for bucket in sandbox.client("s3", REGION).list_buckets()["Buckets"]
    ]


def test_dry_run_shows_everything_and_makes_nothing(operator: Operator, sandbox: Sandbox) -> None:
    completed = operator.zelly("state", "bootstrap", *_options("dry"), "--dry-run")
    assert completed == Completed(exit_code=0, stdout="".join(f"{line}\n" for line in _fresh("dry")), stderr="")
    assert (_bucket_exists(sandbox, "dry"), _keys_for(sandbox, "dry")) == (False, [])


def test_without_a_terminal_a_yes_is_required(operator: Operator, sandbox: Sandbox) -> None:
    completed = operator.zelly("state", "bootstrap", *_options("asked"))
    assert (completed.exit_code, completed.stdout, completed.stderr.splitlines()) == (
        2,
        "",
        [
            *_fresh("asked"),
            f"Do this in account {ACCOUNT}? A KMS key costs 1 USD a month. Without a terminal nobody can say so; "
            "--yes is required",
        ],
    )
    assert (_bucket_exists(sandbox, "asked"), _keys_for(sandbox, "asked")) == (False, [])


def test_first_run_makes_all_of_it_and_prints_what_uses_it(operator: Operator) -> None:
    completed = operator.zelly("state", "bootstrap", *_options("first"), "--yes")
    assert (completed.exit_code, completed.stdout.splitlines(), completed.stderr.splitlines()) == (
        0,
        _commands("first"),
        [*_fresh("first"), "Replaced states are kept for 90 days. What to type next, in this folder:"],
    )


def test_second_run_finds_everything_so_and_prints_the_same_commands(operator: Operator, sandbox: Sandbox) -> None:
    operator.zelly("state", "bootstrap", *_options("twice"), "--yes")
    key = _key_of(sandbox, "twice")["KeyId"]
    # Nothing is asked, since nothing is done.
    completed = operator.zelly("state", "bootstrap", *_options("twice"))
    assert (completed.exit_code, completed.stdout.splitlines(), completed.stderr.splitlines()[:-1]) == (
        0,
        _commands("twice"),
        _there("twice"),
    )
    assert _keys_for(sandbox, "twice") == [key]


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


def test_bucket_is_closed_versioned_encrypted_and_tls_only(operator: Operator, sandbox: Sandbox) -> None:
    operator.zelly("state", "bootstrap", *_options("bucket"), "--yes")
    bucket, key_arn = "zelly-state-bucket", _key_of(sandbox, "bucket")["Arn"]
    assert _settings(sandbox.client("s3", REGION), bucket) == {
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
            "project": "zelly",
            "managed-by": "zelly state bootstrap",
            "zelly:purpose": "pulumi-state:alias/zelly-state-bucket",
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


def test_key_rotates_and_cannot_be_deleted_in_a_hurry(operator: Operator, sandbox: Sandbox) -> None:
    operator.zelly("state", "bootstrap", *_options("key"), "--yes")
    kms, key = sandbox.client("kms", REGION), _key_of(sandbox, "key")
    statements = json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])["Statement"]
    assert (key["Description"], key["KeyUsage"], key["KeySpec"]) == (
        "Pulumi state and configuration secrets of zelly",
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


def test_what_differs_is_corrected_and_what_others_added_stays(operator: Operator, sandbox: Sandbox) -> None:
    operator.zelly("state", "bootstrap", *_options("drift"), "--yes")
    s3, bucket = sandbox.client("s3", REGION), "zelly-state-drift"
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
    completed = operator.zelly("state", "bootstrap", *_options("drift"), "--yes")
    assert completed.stderr.splitlines()[:-1] == _there(
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


def test_key_of_a_run_that_died_before_its_alias_is_found_by_its_tag(operator: Operator, sandbox: Sandbox) -> None:
    operator.zelly("state", "bootstrap", *_options("died"), "--yes")
    key = _key_of(sandbox, "died")["KeyId"]
    sandbox.client("kms", REGION).delete_alias(AliasName="alias/zelly-state-died")
    completed = operator.zelly("state", "bootstrap", *_options("died"), "--yes")
    assert completed.stderr.splitlines()[:-1] == _there("died", alias="will be made")
    assert (_key_of(sandbox, "died")["KeyId"], _keys_for(sandbox, "died")) == (key, [key])


def test_two_keys_for_one_alias_are_left_to_the_operator(operator: Operator, sandbox: Sandbox) -> None:
    tags = [{"TagKey": "zelly:purpose", "TagValue": "pulumi-state:alias/zelly-state-both"}]
    kms = sandbox.client("kms", REGION)
    made = {kms.create_key(Tags=tags)["KeyMetadata"]["KeyId"] for _ in range(2)}
    completed = operator.zelly("state", "bootstrap", *_options("both"), "--yes")
    head, found, tail = completed.stderr.partition(", ".join(_keys_for(sandbox, "both")))
    assert (completed.exit_code, head, tail) == (
        2,
        "alias/zelly-state-both: leads to no key, and 2 keys are tagged for it: ",
        "; `aws kms create-alias` tells which one it is\n",
    )
    assert set(found.split(", ")) == made


def test_key_that_is_being_deleted_is_not_used(operator: Operator, sandbox: Sandbox) -> None:
    operator.zelly("state", "bootstrap", *_options("gone"), "--yes")
    key = _key_of(sandbox, "gone")["KeyId"]
    sandbox.client("kms", REGION).schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    assert operator.zelly("state", "bootstrap", *_options("gone")) == Completed(
        exit_code=2,
        stdout="",
        stderr=(
            f"alias/zelly-state-gone: came key {key}, which is PendingDeletion; an enabled symmetric key is required: "
            "mend that with `aws kms cancel-key-deletion` or `enable-key`, or choose another --alias\n"
        ),
    )


def test_bucket_in_another_region_is_refused(operator: Operator, sandbox: Sandbox) -> None:
    sandbox.client("s3", "eu-west-1").create_bucket(
        Bucket="zelly-state-far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    assert operator.zelly("state", "bootstrap", *_options("far")) == Completed(
        exit_code=2,
        stdout="",
        stderr="bucket zelly-state-far: it is in eu-west-1; allowed: --region eu-west-1, or another --bucket\n",
    )


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [
        ("--bucket", "Zelly_State", "3 to 63 lower-case letters, digits and inner hyphens"),
        (
            "--alias",
            "alias/aws/s3",
            "alias/ and a name of letters, digits, / _ and -, not below alias/aws/, e.g. alias/zelly-pulumi",
        ),
        ("--region", "mumbai", "an AWS region, e.g. ap-south-1"),
    ],
)
def test_name_that_aws_would_refuse_is_one_line(operator: Operator, option: str, value: str, allowed: str) -> None:
    assert operator.zelly("state", "bootstrap", option, value) == Completed(
        exit_code=2, stdout="", stderr=f"{option}: came {value}; allowed: {allowed}\n"
    )


def test_json_is_the_plan_and_the_commands(operator: Operator, sandbox: Sandbox) -> None:
    completed = operator.zelly("state", "bootstrap", *_options("json"), "--yes", "--json")
    document = json.loads(completed.stdout)
    assert [step.pop("condition") for step in document["steps"]] == ["missing"] * 11
    assert document == {
        "executed": True,
        "account_id": ACCOUNT,
        "region": REGION,
        "bucket": "zelly-state-json",
        "alias": "alias/zelly-state-json",
        "key_arn": _key_of(sandbox, "json")["Arn"],
        "commands": _commands("json"),
        "steps": [{"what": line.strip().partition("  ")[0]} for line in _fresh("json")[1:]],
    }


# What goes wrong midway. The wrappers work on the embedded AWS, and one answer is another one's.


@pytest.fixture
def connection(operator: Operator) -> WatchedConnection:
    del operator  # its environment is what is wanted
    return WatchedConnection(REGION)


def _backend(name: str) -> StateBackend:
    return StateBackend(
        bucket=f"zelly-state-{name}", alias=f"alias/zelly-state-{name}", region=REGION, account_id=ACCOUNT
    )


def _run(connection: WatchedConnection, name: str, operation: str, answer: Any, client: tuple[str, bool]) -> list[str]:
    """Bootstrap with one answer put in, and return what the operator reads, then how often it was asked for."""
    backend, kms = _backend(name), Kms(connection)
    s3 = S3(connection, backend.bucket, ACCOUNT)
    plan = plan_bootstrap(backend, kms=kms, s3=s3)
    with (
        answering(connection.clients[client], operation, answer) as asked,
        pytest.raises(OperationFailedError) as failed,
    ):
        bootstrap(plan, kms=kms, s3=s3)
    return [*failed.value.lines, *asked]


def test_failure_midway_says_what_was_done_and_the_next_run_completes_it(
    connection: WatchedConnection, operator: Operator, sandbox: Sandbox
) -> None:
    denied = xml_error("AccessDenied", "not authorized to perform s3:PutBucketPolicy", status=403)
    bucket = "bucket zelly-state-midway"
    assert _run(connection, "midway", "PutBucketPolicy", denied, ("s3", True)) == [
        f"s3:PutBucketPolicy, {bucket}: AccessDenied: not authorized to perform s3:PutBucketPolicy (the credentials "
        "in use may not do this; `aws sts get-caller-identity` tells whose they are)",
        "Done by then: KMS key; KMS key, yearly rotation; alias/zelly-state-midway; "
        f"{bucket}; {bucket}, public access block; {bucket}, object ownership; {bucket}, versioning; "
        f"{bucket}, default encryption.",
        "Run the same command again once that is settled: it goes on where this one stopped.",
        "PutBucketPolicy",
    ]
    completed = operator.zelly("state", "bootstrap", *_options("midway"), "--yes")
    assert completed.stderr.splitlines()[:-1] == _there(
        "midway", policy="will be set", lifecycle="will be set", tags="will be set"
    )
    assert len(_keys_for(sandbox, "midway")) == 1


def test_lost_answer_to_create_key_is_not_asked_for_again(connection: WatchedConnection) -> None:
    lost = ReadTimeoutError(endpoint_url="https://kms.ap-south-1.amazonaws.com")
    assert _run(connection, "lost", "CreateKey", lost, ("kms", False)) == [
        'kms:CreateKey, a new key: ReadTimeoutError: Read timeout on endpoint URL: "https://kms.ap-south-1.amazonaws'
        '.com" (no answer came; whether it was carried out is not known)',
        "Done by then: nothing.",
        "Run the same command again once that is settled: it goes on where this one stopped.",
        "CreateKey",
    ]


NOT_OURS = (
    "bucket {bucket}: not one of account 123456789012, or the credentials may not look at it; "
    "the names of buckets are one list for all of AWS: choose another with --bucket"
)


def test_bucket_of_another_account_is_never_touched(connection: WatchedConnection) -> None:
    backend, kms = _backend("theirs"), Kms(connection)
    s3 = S3(connection, backend.bucket, ACCOUNT)
    with (
        answering(connection.clients["s3", True], "HeadBucket", xml_error("", "", status=403)),
        pytest.raises(OperatorError) as refused,
    ):
        plan_bootstrap(backend, kms=kms, s3=s3)
    assert refused.value.lines == (NOT_OURS.format(bucket="zelly-state-theirs"),)


def test_name_that_somebody_took_in_the_meantime_is_told_apart(connection: WatchedConnection) -> None:
    taken = xml_error("BucketAlreadyExists", "The requested bucket name is not available", status=409)
    assert _run(connection, "taken", "CreateBucket", taken, ("s3", True))[:2] == [
        NOT_OURS.format(bucket="zelly-state-taken"),
        "Done by then: KMS key; KMS key, yearly rotation; alias/zelly-state-taken.",
    ]


def test_every_call_on_a_bucket_names_the_account_that_has_to_own_it(
    connection: WatchedConnection, sandbox: Sandbox
) -> None:
    owners: dict[str, str | None] = {}

    def note(model: Any, params: Mapping[str, Any], **_: Any) -> None:
        owners[model.name] = params["headers"].get("x-amz-expected-bucket-owner")

    backend, kms = _backend("owned"), Kms(connection)
    s3 = S3(connection, backend.bucket, ACCOUNT)
    connection.clients["s3", True].meta.events.register("before-call.s3", note)
    bootstrap(plan_bootstrap(backend, kms=kms, s3=s3), kms=kms, s3=s3)
    plan_bootstrap(backend, kms=kms, s3=s3)
    sandbox.client("s3", REGION).put_object(Bucket=backend.bucket, Key="a", Body=b"b")
    found = s3.read(s3.keys("")[0])
    assert found is not None
    assert s3.delete_unchanged(found) is True
    # The one that makes it has nobody to compare with, and takes no such header.
    assert owners.pop("CreateBucket") is None
    assert len(owners) == 18
    assert set(owners.values()) == {ACCOUNT}
    with pytest.raises(ClientError):
        sandbox.client("s3", REGION).head_object(Bucket=backend.bucket, Key="a")
