from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox

POLICY = "aws:dlm/lifecyclePolicy:LifecyclePolicy"
ROLE = "arn:aws:iam::123456789012:role/snapshots"


def inputs(*, count: int, **other: Any) -> dict[str, Any]:
    schedule = {
        "name": "daily",
        "createRule": {"interval": 24, "intervalUnit": "HOURS", "times": "21:00"},
        "retainRule": {"count": count},
    }
    return {
        "description": "Daily snapshots",
        "executionRoleArn": ROLE,
        "state": "ENABLED",
        "policyDetails": {"resourceTypes": ["VOLUME"], "targetTags": {"Backup": "data"}, "schedules": [schedule]},
        **other,
    }


def test_schedule_state_and_description_are_changed(sandbox: Sandbox) -> None:
    created = sandbox.create(POLICY, "changed", **inputs(count=7))
    dlm = sandbox.client("dlm")
    before = dlm.get_lifecycle_policy(PolicyId=created.id)["Policy"]
    sandbox.update(POLICY, "changed", **inputs(count=14, state="DISABLED", description="Two weeks"))
    after = dlm.get_lifecycle_policy(PolicyId=created.id)["Policy"]
    assert after.pop("DateModified") > before.pop("DateModified")
    schedule = before["PolicyDetails"]["Schedules"][0]
    assert after == {
        **before,
        "Description": "Two weeks",
        "State": "DISABLED",
        "StatusMessage": "DISABLED",
        "PolicyDetails": {**before["PolicyDetails"], "Schedules": [{**schedule, "RetainRule": {"Count": 14}}]},
    }


def test_tags_are_put_on_and_taken_off(sandbox: Sandbox) -> None:
    created = sandbox.create(POLICY, "tagged", **inputs(count=7, tags={"Name": "data", "Old": "1"}))
    sandbox.update(POLICY, "tagged", **inputs(count=7, tags={"Name": "other"}))
    found = sandbox.client("dlm").list_tags_for_resource(ResourceArn=created.outputs["arn"])["Tags"]
    assert found == {"Project": "shop", "Name": "other"}


def test_update_of_an_unknown_policy_is_refused(sandbox: Sandbox) -> None:
    dlm = sandbox.client("dlm")
    with pytest.raises(dlm.exceptions.ResourceNotFoundException):
        dlm.update_lifecycle_policy(PolicyId="policy-0123456789abcdef0", State="DISABLED")


def test_deleted_policy_is_gone(sandbox: Sandbox) -> None:
    created = sandbox.create(POLICY, "gone", **inputs(count=7))
    sandbox.delete(POLICY, "gone")
    sandbox.delete(POLICY, "gone")
    dlm = sandbox.client("dlm")
    with pytest.raises(dlm.exceptions.ResourceNotFoundException):
        dlm.get_lifecycle_policy(PolicyId=created.id)
