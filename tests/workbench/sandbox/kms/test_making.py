import json

from tests.workbench.sandbox.conftest import Sandbox

KEY = "aws:kms/key:Key"


def test_key_rotates_and_keeps_its_policy(sandbox: Sandbox) -> None:
    statement = {
        "Sid": "Account",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    created = sandbox.create(
        KEY,
        "alarms",
        description="Alarms",
        enableKeyRotation=True,
        deletionWindowInDays=7,
        policy=policy,
        tags={"Name": "alarms"},
    )
    kms = sandbox.client("kms")
    found = kms.describe_key(KeyId=created.id)["KeyMetadata"]
    assert (found["Description"], found["KeyState"]) == ("Alarms", "Enabled")
    assert kms.get_key_rotation_status(KeyId=created.id)["KeyRotationEnabled"] is True
    assert json.loads(kms.get_key_policy(KeyId=created.id, PolicyName="default")["Policy"]) == json.loads(policy)
    tags = kms.list_resource_tags(KeyId=created.id)["Tags"]
    assert {tag["TagKey"]: tag["TagValue"] for tag in tags} == {"Project": "shop", "Name": "alarms"}
    assert created.outputs["arn"] == found["Arn"] == f"arn:aws:kms:eu-west-1:123456789012:key/{created.id}"
    assert created.outputs["keyId"] == created.id


def test_key_rotates_only_where_it_was_asked_for(sandbox: Sandbox) -> None:
    created = sandbox.create(KEY, "still", enableKeyRotation=False)
    assert sandbox.client("kms").get_key_rotation_status(KeyId=created.id)["KeyRotationEnabled"] is False


def test_disabled_key_is_disabled(sandbox: Sandbox) -> None:
    created = sandbox.create(KEY, "disabled", isEnabled=False)
    assert sandbox.client("kms").describe_key(KeyId=created.id)["KeyMetadata"]["KeyState"] == "Disabled"
