"""What is protected is replaced in one order only (docs/recovery.md): refused before anything is made, then whole."""

import pytest

from tests.engine.conftest import Deployed
from tests.engine.stack import Stack
from tests.zelly_infra.evaluations import evaluation_of

STACK = "production"


def urn_of(name: str) -> str:
    (resource,) = (one for one in evaluation_of(STACK).custom() if one.name == f"zelly-{STACK}-{name}")
    return resource.urn


def refused_and_nothing_made(stack: Stack, urn: str) -> None:
    before = stack.ids
    for command in ("preview", "up"):
        refused = stack.session.run(command, "--stack", stack.name, "--replace", urn, *(["--yes"] * (command == "up")))
        assert refused.returncode != 0
        assert f'unable to replace resource "{urn}"' in refused.stdout + refused.stderr
    assert stack.ids == before


def replaced(stack: Stack, urn: str) -> dict[str, tuple[str | None, str | None]]:
    """Replace on purpose, and return the ids before and after of what has another one."""
    before = stack.ids
    stack.run("state", "unprotect", urn, "--yes")
    stack.run("up", "--yes", "--replace", urn)
    after = stack.ids
    assert before.keys() == after.keys()
    assert stack.preview().counts == {"same": len(evaluation_of(STACK).resources)}
    return {urn: (before[urn], after[urn]) for urn in after if before[urn] != after[urn]}


@pytest.mark.parametrize("deployed", [STACK], indirect=True)
def test_clickhouse_host_is_renewed_and_its_volume_moves(deployed: Deployed) -> None:
    stack, urn = deployed.stack, urn_of("clickhouse-instance")
    refused_and_nothing_made(stack, urn)
    changed = replaced(stack, urn)
    assert urn in changed
    assert urn_of("clickhouse-data") not in changed

    ec2, (old, new) = stack.client("ec2"), changed[urn]
    states = {
        one["InstanceId"]: one["State"]["Name"]
        for reservation in ec2.describe_instances(InstanceIds=[old, new])["Reservations"]
        for one in reservation["Instances"]
    }
    assert states == {old: "terminated", new: "running"}
    (volume,) = ec2.describe_volumes(VolumeIds=[stack.ids[urn_of("clickhouse-data")]])["Volumes"]
    assert [attachment["InstanceId"] for attachment in volume["Attachments"]] == [new]
    # The successor is protected as its predecessor was, without another step.
    protection = ec2.describe_instance_attribute(InstanceId=new, Attribute="disableApiTermination")
    assert protection["DisableApiTermination"] == {"Value": True}
    refused_and_nothing_made(stack, urn)


@pytest.mark.parametrize("deployed", [STACK], indirect=True)
def test_balancer_is_replaced_once_its_own_protection_is_off(deployed: Deployed) -> None:
    stack, urn = deployed.stack, urn_of("alb-orion")
    refused_and_nothing_made(stack, urn)
    arn = stack.ids[urn]
    balancers = stack.client("elbv2")
    off = [{"Key": "deletion_protection.enabled", "Value": "false"}]
    balancers.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=off)
    changed = replaced(stack, urn)
    assert changed[urn][0] == arn

    attributes = balancers.describe_load_balancer_attributes(LoadBalancerArn=changed[urn][1])["Attributes"]
    assert {"Key": "deletion_protection.enabled", "Value": "true"} in attributes
    refused_and_nothing_made(stack, urn)
