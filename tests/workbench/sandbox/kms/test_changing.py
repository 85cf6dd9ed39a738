import json
from typing import Any

from tests.workbench.sandbox.conftest import Sandbox

KEY = "aws:kms/key:Key"


def policy(principal: str) -> str:
    statement = {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": principal}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def metadata(sandbox: Sandbox, key_id: str) -> dict[str, Any]:
    return sandbox.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]


def test_description_policy_and_tags_are_changed(sandbox: Sandbox) -> None:
    created = sandbox.create(KEY, "key", description="First", policy=policy("arn:aws:iam::123456789012:root"))
    new = policy("arn:aws:iam::123456789012:role/operator")
    sandbox.update(KEY, "key", description="Second", policy=new, tags={"Name": "key"})
    kms = sandbox.client("kms")
    assert metadata(sandbox, created.id)["Description"] == "Second"
    assert kms.get_key_policy(KeyId=created.id, PolicyName="default")["Policy"] == new
    tags = kms.list_resource_tags(KeyId=created.id)["Tags"]
    assert {tag["TagKey"]: tag["TagValue"] for tag in tags} == {"Project": "shop", "Name": "key"}


def test_rotation_and_use_are_switched_both_ways(sandbox: Sandbox) -> None:
    created = sandbox.create(KEY, "switched", enableKeyRotation=True)
    kms = sandbox.client("kms")

    def state() -> tuple[bool, bool]:
        rotates = kms.get_key_rotation_status(KeyId=created.id)["KeyRotationEnabled"]
        return rotates, metadata(sandbox, created.id)["Enabled"]

    assert state() == (True, True)
    sandbox.update(KEY, "switched", enableKeyRotation=False, isEnabled=False)
    assert state() == (False, False)
    sandbox.update(KEY, "switched", enableKeyRotation=True, isEnabled=True)
    assert state() == (True, True)
    sandbox.update(KEY, "switched")
    assert state() == (False, True)


def test_deleted_key_waits_for_the_end_of_its_window(sandbox: Sandbox) -> None:
    created = sandbox.create(KEY, "gone", deletionWindowInDays=7)
    default = sandbox.create(KEY, "gone-by-default")
    sandbox.delete(KEY, "gone")
    sandbox.delete(KEY, "gone-by-default")
    windows: list[int] = []
    for key_id in (created.id, default.id):
        found = metadata(sandbox, key_id)
        assert found["KeyState"] == "PendingDeletion"
        windows.append(round((found["DeletionDate"] - found["CreationDate"]).total_seconds() / 86400))
    assert windows == [7, 30]
