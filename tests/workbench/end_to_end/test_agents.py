"""``agents list`` and ``reap``: build agents of a group in the embedded AWS."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import sample
from tests.workbench.conftest import Operator, Up

GROUP = "sample-live-builders"


@pytest.fixture
def auto_scaling(up: Up) -> Iterator[Any]:
    """The pool's group, with two agents."""
    region = sample.REGIONS[sample.OWNER]
    ec2, found = up.client("ec2", region), up.client("autoscaling", region)
    ec2.create_launch_template(
        LaunchTemplateName=GROUP,
        LaunchTemplateData={
            "ImageId": "ami-0123456789abcdef0",
            "InstanceType": "t3.small",
            "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": GROUP}]}],
        },
    )
    found.create_auto_scaling_group(
        AutoScalingGroupName=GROUP,
        LaunchTemplate={"LaunchTemplateName": GROUP, "Version": "$Latest"},
        MinSize=0,
        MaxSize=4,
        DesiredCapacity=2,
        AvailabilityZones=[f"{region}a"],
    )
    yield found
    found.delete_auto_scaling_group(AutoScalingGroupName=GROUP, ForceDelete=True)
    ec2.delete_launch_template(LaunchTemplateName=GROUP)


def members(auto_scaling: Any) -> list[str]:
    (group,) = auto_scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])["AutoScalingGroups"]
    return [each["InstanceId"] for each in group["Instances"]]


def test_an_agent_without_its_group_is_shown_and_ended_and_the_other_one_stays(
    operator: Operator, auto_scaling: Any
) -> None:
    left, kept = members(auto_scaling)
    assert operator.run("agents", "list", "--stack", "live").exit_code == 0
    auto_scaling.set_instance_protection(AutoScalingGroupName=GROUP, InstanceIds=[kept], ProtectedFromScaleIn=True)
    auto_scaling.detach_instances(AutoScalingGroupName=GROUP, InstanceIds=[left], ShouldDecrementDesiredCapacity=True)
    listed = operator.run("agents", "list", "--stack", "live", "--json")
    assert listed.exit_code == 1
    (pool,) = json.loads(listed.stdout)["pools"]
    assert (pool["group"], pool["wanted"], pool["maximum"]) == (GROUP, 1, 4)
    assert {each["instance"]: (each["lifecycle"], each["protected"]) for each in pool["agents"]} == {
        left: ("no group", False),
        kept: ("InService", True),
    }
    planned = operator.run("agents", "reap", "--stack", "live", "--dry-run")
    because = "no group looks after it, so that no controller gives it a build"
    assert planned.stdout.splitlines() == [f"{left} of build (no group) ends: {because}", "Others that stay: 1."]
    unasked = operator.run("agents", "reap", "--stack", "live")
    assert (unasked.exit_code, "--yes is required" in unasked.stderr) == (2, True)
    reaped = operator.run("agents", "reap", "--stack", "live", "--yes")
    assert (reaped.exit_code, reaped.stdout) == (0, f"{left} of build: ended\n")
    assert operator.run("agents", "list", "--stack", "live").exit_code == 0
    assert members(auto_scaling) == [kept]


def test_a_stack_without_agents_says_so(operator: Operator) -> None:
    refused = operator.run("agents", "list", "--stack", "trial")
    assert (refused.exit_code, refused.stderr) == (
        2,
        "trial: has no build agents; another stack of the account may have them\n",
    )
