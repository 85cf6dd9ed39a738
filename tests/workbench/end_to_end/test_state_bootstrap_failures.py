"""``zelly state bootstrap`` when something goes wrong: the embedded AWS, with one answer that is another one's."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.workbench.aws.faults import answering, xml_error
from tests.workbench.conftest import Operator, Up
from tests.workbench.end_to_end.test_state_bootstrap import ACCOUNT, REGION, keys_for, options, there
from tests.workbench.end_to_end.watched import WatchedConnection
from workbench.aws.kms import Kms
from workbench.aws.s3 import S3
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.state.backend import StateBackend
from workbench.operations.state.bootstrap import bootstrap, plan_bootstrap

pytestmark = pytest.mark.usefixtures("roles")


@pytest.fixture
def connection(operator: Operator) -> WatchedConnection:
    del operator  # its environment is what is wanted
    return WatchedConnection(REGION)


def _backend(name: str) -> StateBackend:
    return StateBackend(
        program="sample",
        bucket=f"sample-state-{name}",
        alias=f"alias/sample-state-{name}",
        region=REGION,
        account_id=ACCOUNT,
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
    connection: WatchedConnection, operator: Operator, up: Up
) -> None:
    denied = xml_error("AccessDenied", "not authorized to perform s3:PutBucketPolicy", status=403)
    bucket = "bucket sample-state-midway"
    assert _run(connection, "midway", "PutBucketPolicy", denied, ("s3", True)) == [
        f"s3:PutBucketPolicy, {bucket}: AccessDenied: not authorized to perform s3:PutBucketPolicy (the credentials "
        "in use may not do this; `aws sts get-caller-identity` tells whose they are)",
        "Done by then: KMS key; KMS key, yearly rotation; alias/sample-state-midway; "
        f"{bucket}; {bucket}, public access block; {bucket}, object ownership; {bucket}, versioning; "
        f"{bucket}, default encryption.",
        "Run the same command again once that is settled: it goes on where this one stopped.",
        "PutBucketPolicy",
    ]
    completed = operator.run("state", "bootstrap", *options("midway"), "--yes")
    assert completed.stderr.splitlines()[:-1] == there(
        "midway", policy="will be set", lifecycle="will be set", tags="will be set"
    )
    assert len(keys_for(up, "midway")) == 1


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
    assert refused.value.lines == (NOT_OURS.format(bucket="sample-state-theirs"),)


def test_name_that_somebody_took_in_the_meantime_is_told_apart(connection: WatchedConnection) -> None:
    taken = xml_error("BucketAlreadyExists", "The requested bucket name is not available", status=409)
    assert _run(connection, "taken", "CreateBucket", taken, ("s3", True))[:2] == [
        NOT_OURS.format(bucket="sample-state-taken"),
        "Done by then: KMS key; KMS key, yearly rotation; alias/sample-state-taken.",
    ]


def test_every_call_on_a_bucket_names_the_account_that_has_to_own_it(connection: WatchedConnection, up: Up) -> None:
    owners: dict[str, str | None] = {}

    def note(model: Any, params: Mapping[str, Any], **_: Any) -> None:
        owners[model.name] = params["headers"].get("x-amz-expected-bucket-owner")

    backend, kms = _backend("owned"), Kms(connection)
    s3 = S3(connection, backend.bucket, ACCOUNT)
    connection.clients["s3", True].meta.events.register("before-call.s3", note)
    bootstrap(plan_bootstrap(backend, kms=kms, s3=s3), kms=kms, s3=s3)
    plan_bootstrap(backend, kms=kms, s3=s3)
    up.client("s3", REGION).put_object(Bucket=backend.bucket, Key="a", Body=b"b")
    found = s3.read(s3.keys("")[0])
    assert found is not None
    assert s3.delete_unchanged(found) is True
    # The one that makes it has nobody to compare with, and takes no such header.
    assert owners.pop("CreateBucket") is None
    assert len(owners) == 18
    assert set(owners.values()) == {ACCOUNT}
    with pytest.raises(ClientError):
        up.client("s3", REGION).head_object(Bucket=backend.bucket, Key="a")
