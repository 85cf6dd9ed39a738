"""What is lost with a resource, and what stands in the way of deleting one."""

from typing import Any

import pytest

from workbench.review.danger.stakes import GUARDS, guards, of_replacement

CLUSTER = "aws:rds/cluster:Cluster"
DATABASE = "aws:rds/instance:Instance"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
INSTANCE = "aws:ec2/instance:Instance"
BUCKET = "aws:s3/bucket:Bucket"
REPOSITORY = "aws:ecr/repository:Repository"
ACCESS_POINT = "aws:efs/accessPoint:AccessPoint"

USER = {"uid": 1000}
DIRECTORY = {"path": "/caddy", "creationInfo": {"ownerUid": 1000}}
EMPTY = "the new directory is empty: the files stay in /caddy"
OWNED = (
    "EFS gives a directory its owner only when it makes it: /caddy and its files stay user 1000's, and nobody reads or "
    "writes them until they are given to the new one "
    "(docs/recovery.md#another-user-or-directory-for-the-certificates)"
)


@pytest.mark.parametrize(
    ("type_token", "inputs", "certain"),
    [
        (CLUSTER, {"deletionProtection": True}, [True]),
        (CLUSTER, {"deletionProtection": False}, []),
        (CLUSTER, {}, []),
        (DATABASE, {"deletionProtection": True}, [True]),
        (DATABASE, {"deletionProtection": False}, []),
        (BALANCER, {"enableDeletionProtection": True}, [True]),
        (BALANCER, {"enableDeletionProtection": False}, []),
        (INSTANCE, {"disableApiTermination": True}, [True]),
        (INSTANCE, {"disableApiTermination": True, "forceDestroy": False}, [True]),
        (INSTANCE, {"disableApiTermination": True, "forceDestroy": True}, []),
        (INSTANCE, {"disableApiTermination": False}, []),
        (BUCKET, {}, [False]),
        (BUCKET, {"forceDestroy": False}, [False]),
        (BUCKET, {"forceDestroy": True}, []),
        (REPOSITORY, {}, [False]),
        (REPOSITORY, {"forceDelete": False}, [False]),
        (REPOSITORY, {"forceDelete": True}, []),
        ("aws:sns/topic:Topic", {}, []),
    ],
)
def test_what_refuses_to_be_deleted_and_whether_in_any_case(
    type_token: str, inputs: dict[str, Any], certain: list[bool]
) -> None:
    assert [guard.is_certain for guard in guards(type_token, inputs)] == certain


def test_every_type_with_a_guard_is_tried() -> None:
    assert GUARDS.keys() == {CLUSTER, DATABASE, BALANCER, INSTANCE, BUCKET, REPOSITORY}


@pytest.mark.parametrize(
    ("type_token", "old", "new", "lost"),
    [
        (ACCESS_POINT, {"rootDirectory": DIRECTORY}, {"rootDirectory": {**DIRECTORY, "path": "/other"}}, EMPTY),
        (ACCESS_POINT, {"rootDirectory": DIRECTORY}, {}, EMPTY),
        (
            ACCESS_POINT,
            {"rootDirectory": DIRECTORY, "posixUser": USER},
            {"rootDirectory": DIRECTORY, "posixUser": {"uid": 1001}},
            OWNED,
        ),
        (
            ACCESS_POINT,
            {"rootDirectory": DIRECTORY, "posixUser": USER},
            {"rootDirectory": {"path": "/caddy", "creationInfo": {"ownerUid": 1001}}, "posixUser": USER},
            OWNED,
        ),
        (ACCESS_POINT, {"rootDirectory": DIRECTORY, "fileSystemId": "a"}, {"rootDirectory": DIRECTORY}, None),
        ("aws:efs/mountTarget:MountTarget", {"rootDirectory": DIRECTORY}, {}, None),
    ],
)
def test_what_a_replaced_access_point_leaves_behind(
    type_token: str, old: dict[str, Any], new: dict[str, Any], lost: str | None
) -> None:
    stake = of_replacement(type_token, old, new)
    assert (stake and stake.lost) == lost
