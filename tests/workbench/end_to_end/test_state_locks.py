"""``zelly state locks`` and ``unlock``: whose a lock is, and releasing only what is one's own and dead."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.workbench.conftest import Completed, Operator, Up
from workbench.aws.s3 import S3
from workbench.aws.shared.connection import Connection
from workbench.operations.state.locks import Machine, plan_unlock, this_machine, unlock

REGION = "ap-south-1"
BUCKET = "sample-state-locks"
PREFIX = ".pulumi/locks/organization/sample"
HERE = this_machine()
SINCE = "2026-11-20T08:30:00.123456789+05:30"
SHOWN = "2026-11-20T03:00:00Z"


@pytest.fixture
def bucket(up: Up) -> Iterator[Any]:
    """An S3 client and an empty bucket with versions, as the state's is."""
    s3 = up.client("s3", REGION)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    yield s3
    versions = s3.list_object_versions(Bucket=BUCKET)
    for item in [*versions.get("Versions", []), *versions.get("DeleteMarkers", [])]:
        s3.delete_object(Bucket=BUCKET, Key=item["Key"], VersionId=item["VersionId"])
    s3.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def dead_pid() -> int:
    """The number of a process that ran on this machine and has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def _lock(s3: Any, stack: str, name: str, *, user: str, host: str, pid: int) -> str:
    key = f"{PREFIX}/{stack}/{name}.json"
    content = {"pid": pid, "username": user, "hostname": host, "timestamp": SINCE}
    s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(content).encode())
    return key


def _own(s3: Any, stack: str, name: str, pid: int) -> str:
    return _lock(s3, stack, name, user=HERE.username, host=HERE.hostname, pid=pid)


def _keys(s3: Any) -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def test_locks_are_listed_with_who_where_and_since_when(operator: Operator, bucket: Any) -> None:
    _lock(bucket, "trial", "a", user="asha", host="asha-laptop", pid=4242)
    _lock(bucket, "live", "b", user="runner", host="build-7", pid=17)
    live = f"live: runner@build-7, process 17, since {SHOWN}\n"
    trial = f"trial: asha@asha-laptop, process 4242, since {SHOWN}\n"
    arguments = ("state", "locks", "--bucket", BUCKET)
    assert operator.run(*arguments) == Completed(exit_code=0, stdout=live + trial, stderr="")
    assert operator.run(*arguments, "--stack", "trial").stdout == trial
    assert json.loads(operator.run(*arguments, "--stack", "trial", "--json").stdout) == {
        "bucket": BUCKET,
        "locks": [
            {
                "stack": "trial",
                "username": "asha",
                "hostname": "asha-laptop",
                "pid": 4242,
                "since": SHOWN,
                "key": f"{PREFIX}/trial/a.json",
            }
        ],
    }


def test_own_dead_lock_is_released_and_the_others_stay(operator: Operator, bucket: Any, dead_pid: int) -> None:
    _own(bucket, "trial", "dead", dead_pid)
    others = [
        _own(bucket, "trial", "alive", os.getpid()),
        _lock(bucket, "live", "elsewhere", user=HERE.username, host="asha-laptop", pid=dead_pid),
        _lock(bucket, "live", "somebody", user="asha", host=HERE.hostname, pid=dead_pid),
    ]
    me = f"{HERE.username}@{HERE.hostname}"
    dead = f"trial: {me}, process {dead_pid}, since {SHOWN}"
    completed = operator.run("state", "unlock", "--bucket", BUCKET, "--yes")
    assert (completed.exit_code, completed.stdout.splitlines(), completed.stderr.splitlines()) == (
        1,
        [f"{dead}: released"],
        [
            f"{dead}: its process is dead, will be released",
            f"live: {HERE.username}@asha-laptop, process {dead_pid}, since {SHOWN}: stays "
            f"(ask {HERE.username} on asha-laptop)",
            f"live: asha@{HERE.hostname}, process {dead_pid}, since {SHOWN}: stays (ask asha on {HERE.hostname})",
            f"trial: {me}, process {os.getpid()}, since {SHOWN}: stays (process {os.getpid()} runs on this machine)",
            "When nobody is at work on live any more: pulumi cancel --stack live",
            "When nobody is at work on trial any more: pulumi cancel --stack trial",
        ],
    )
    assert sorted(_keys(bucket)) == sorted(others)


def test_releasing_is_asked_for_and_can_be_tried_dry(operator: Operator, bucket: Any, dead_pid: int) -> None:
    key = _own(bucket, "trial", "dead", dead_pid)
    arguments = ("state", "unlock", "--bucket", BUCKET)
    dry = operator.run(*arguments, "--dry-run")
    assert (dry.exit_code, dry.stderr) == (0, "")
    refused = operator.run(*arguments)
    assert (refused.exit_code, refused.stdout, refused.stderr.splitlines()[-1]) == (
        2,
        "",
        "Release them? Without a terminal nobody can say so; --yes is required",
    )
    assert _keys(bucket) == [key]
    assert operator.run(*arguments, "--yes", "--stack", "live").stdout == "Nothing was released.\n"
    assert operator.run(*arguments, "--yes").exit_code == 0
    assert _keys(bucket) == []


def test_lock_on_a_hosted_runner_is_nobodys_own(
    operator: Operator, bucket: Any, dead_pid: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    key = _own(bucket, "trial", "dead", dead_pid)
    completed = operator.run("state", "unlock", "--bucket", BUCKET, "--yes")
    assert (completed.exit_code, completed.stdout, _keys(bucket)) == (1, "Nothing was released.\n", [key])
    assert "(on a runner of GitHub Actions a lock is nobody's own: the names of those machines repeat)" in (
        completed.stderr
    )


def test_lock_that_changed_in_the_meantime_is_left_alone(operator: Operator, bucket: Any) -> None:
    del operator  # its environment is what is wanted
    key = _own(bucket, "trial", "dead", 1)
    gone = _own(bucket, "trial", "gone", 1)
    machine = Machine(username=HERE.username, hostname=HERE.hostname, runs=lambda _: False, is_throwaway=False)
    s3 = S3(Connection(REGION), BUCKET, "123456789012")
    plan = plan_unlock(s3, bucket=BUCKET, project="sample", stack=None, machine=machine)
    assert [lock.stored.key for lock in plan.releasing] == [key, gone]
    _own(bucket, "trial", "dead", 2)
    bucket.delete_object(Bucket=BUCKET, Key=gone)
    assert unlock(plan, s3) == []
    assert _keys(bucket) == [key]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"pid": "x", "username": "a", "hostname": "b"}'])
def test_what_is_no_lock_is_one_line(operator: Operator, bucket: Any, content: bytes) -> None:
    key = f"{PREFIX}/trial/odd.json"
    bucket.put_object(Bucket=BUCKET, Key=key, Body=content)
    assert operator.run("state", "locks", "--bucket", BUCKET) == Completed(
        exit_code=2,
        stdout="",
        stderr=f"{key}: not a lock as Pulumi writes it; look at it, then `pulumi cancel --stack trial`\n",
    )


def test_without_a_bucket_the_way_to_one_is_named(operator: Operator) -> None:
    assert operator.run("state", "unlock", "--bucket", "sample-state-nowhere") == Completed(
        exit_code=2,
        stdout="",
        stderr="bucket sample-state-nowhere: not there; `zelly state bootstrap` makes it, --bucket names another\n",
    )
