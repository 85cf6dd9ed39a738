from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox
from workbench.evaluate import Created
from workbench.sandbox.errors import AwsRefusalError, UnmappedInputError

POLICY = "aws:dlm/lifecyclePolicy:LifecyclePolicy"
ROLE = "arn:aws:iam::123456789012:role/snapshots"


def make_policy(sandbox: Sandbox, **schedule: Any) -> Created:
    daily = {
        "name": "daily",
        "createRule": {"interval": 24, "intervalUnit": "HOURS", "times": "21:00"},
        "retainRule": {"count": 7},
        "copyTags": True,
        **schedule,
    }
    return sandbox.create(
        POLICY,
        "data",
        description="Daily snapshots",
        executionRoleArn=ROLE,
        state="ENABLED",
        policyDetails={"resourceTypes": ["VOLUME"], "targetTags": {"Backup": "data"}, "schedules": [daily]},
        tags={"Name": "data"},
    )


def test_policy_is_read_back_as_it_was_written(sandbox: Sandbox) -> None:
    created = make_policy(sandbox, tagsToAdd={"Origin": "dlm"})
    dlm = sandbox.client("dlm")
    found = dlm.get_lifecycle_policy(PolicyId=created.id)["Policy"]
    assert {key: value for key, value in found.items() if key not in {"DateCreated", "DateModified"}} == {
        "PolicyId": created.id,
        "PolicyArn": f"arn:aws:dlm:eu-west-1:123456789012:policy/{created.id}",
        "Description": "Daily snapshots",
        "ExecutionRoleArn": ROLE,
        "State": "ENABLED",
        "StatusMessage": "ENABLED",
        "DefaultPolicy": False,
        "PolicyDetails": {
            "ResourceTypes": ["VOLUME"],
            "TargetTags": [{"Key": "Backup", "Value": "data"}],
            "Schedules": [
                {
                    "Name": "daily",
                    "CopyTags": True,
                    "TagsToAdd": [{"Key": "Origin", "Value": "dlm"}],
                    "CreateRule": {"Interval": 24, "IntervalUnit": "HOURS", "Times": ["21:00"]},
                    "RetainRule": {"Count": 7},
                }
            ],
        },
        "Tags": {"Project": "shop", "Name": "data"},
    }
    assert created.outputs["arn"] == found["PolicyArn"]
    tags = dlm.list_tags_for_resource(ResourceArn=found["PolicyArn"])["Tags"]
    assert tags == {"Project": "shop", "Name": "data"}


def test_policies_are_listed_until_they_are_deleted(sandbox: Sandbox) -> None:
    created = make_policy(sandbox)
    dlm = sandbox.client("dlm")
    assert dlm.get_lifecycle_policies(PolicyIds=[created.id])["Policies"] == [
        {
            "PolicyId": created.id,
            "Description": "Daily snapshots",
            "State": "ENABLED",
            "Tags": {"Project": "shop", "Name": "data"},
            "PolicyType": "EBS_SNAPSHOT_MANAGEMENT",
            "DefaultPolicy": False,
        }
    ]
    assert created.id in {policy["PolicyId"] for policy in dlm.get_lifecycle_policies()["Policies"]}
    dlm.delete_lifecycle_policy(PolicyId=created.id)
    with pytest.raises(dlm.exceptions.ResourceNotFoundException):
        dlm.get_lifecycle_policy(PolicyId=created.id)
    assert created.id not in {policy["PolicyId"] for policy in dlm.get_lifecycle_policies()["Policies"]}


def test_policy_of_one_region_is_not_in_another(sandbox: Sandbox) -> None:
    created = make_policy(sandbox)
    elsewhere = sandbox.client("dlm", "us-east-1").get_lifecycle_policies()["Policies"]
    assert created.id not in {policy["PolicyId"] for policy in elsewhere}


def test_unmapped_input_of_a_schedule_is_named(sandbox: Sandbox) -> None:
    with pytest.raises(UnmappedInputError, match=r"input policyDetails\.schedules\.colour is not mapped"):
        make_policy(sandbox, colour="red")


def test_policy_without_a_role_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(AwsRefusalError, match='Missing required parameter in input: "ExecutionRoleArn"'):
        sandbox.create(POLICY, "wrong", description="Daily", policyDetails={"resourceTypes": ["VOLUME"]})
