"""What is protected is replaced in one order only (docs/recovery.md): refused before anything is made, then whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from subprocess import CompletedProcess

import pytest

from tests.support.engine.stacks import AS_IT_WAS_MADE, Preview, Stack
from tests.zelly_infra.engine.conftest import Deployed
from tests.zelly_infra.evaluations import evaluation_of

STACK = "production"
HOST, BALANCER = "clickhouse-instance", "alb-orion"

pytestmark = pytest.mark.parametrize("deployed", [STACK], indirect=True)


def urn_of(name: str) -> str:
    (resource,) = (one for one in evaluation_of(STACK).custom() if one.name == f"zelly-{STACK}-{name}")
    return resource.urn


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """A host and a balancer that were asked to be replaced while they were protected, and then were replaced."""

    stack: Stack
    refused: Mapping[str, "CompletedProcess[str]"]
    """By logical name, what an ``up`` said that was refused: by its preview, before it made anything."""
    before: Mapping[str, str | None]
    """The ids by URN."""
    refused_ids: Mapping[str, str | None]
    after: Mapping[str, str | None]
    preview: Preview
    """Of what stands afterwards."""

    def is_protected(self, name: str) -> bool:
        """Tell whether the engine would refuse to replace it now."""
        (resource,) = (one for one in self.stack.state["resources"] if one["urn"] == urn_of(name))
        return resource.get("protect", False)


@pytest.fixture(scope="module")
def replaced(deployed: Deployed) -> Replaced:
    stack, before = deployed.stack, deployed.stack.ids
    refused = {
        # The one that succeeds reads all of it back.
        name: stack.session.run("up", "--yes", *AS_IT_WAS_MADE, "--stack", stack.name, "--replace", urn_of(name))
        for name in (HOST, BALANCER)
    }
    refused_ids = stack.ids
    stack.client("elbv2").modify_load_balancer_attributes(
        LoadBalancerArn=before[urn_of(BALANCER)],
        Attributes=[{"Key": "deletion_protection.enabled", "Value": "false"}],
    )
    for name in (HOST, BALANCER):
        stack.run("state", "unprotect", urn_of(name), "--yes")
    stack.run("up", "--yes", "--skip-preview", "--replace", urn_of(HOST), "--replace", urn_of(BALANCER))
    return Replaced(
        stack=stack,
        refused=refused,
        before=before,
        refused_ids=refused_ids,
        after=stack.ids,
        preview=stack.preview(),
    )


def test_protected_is_not_replaced_and_nothing_is_made(replaced: Replaced) -> None:
    for name, refused in replaced.refused.items():
        assert refused.returncode != 0
        assert f'unable to replace resource "{urn_of(name)}"' in refused.stdout + refused.stderr
        assert "Updating (" not in refused.stdout
    assert replaced.refused_ids == replaced.before


def test_everything_stands_after_the_replacement_as_the_program_wants_it(replaced: Replaced) -> None:
    assert replaced.before.keys() == replaced.after.keys()
    assert replaced.preview.counts == {"same": len(evaluation_of(STACK).resources)}
    # The successors are protected as their predecessors were, without another step.
    assert (replaced.is_protected(HOST), replaced.is_protected(BALANCER)) == (True, True)


def test_clickhouse_host_is_renewed_and_its_volume_moves(replaced: Replaced) -> None:
    old, new = replaced.before[urn_of(HOST)], replaced.after[urn_of(HOST)]
    volume_id = replaced.after[urn_of("clickhouse-data")]
    assert volume_id == replaced.before[urn_of("clickhouse-data")]
    ec2 = replaced.stack.client("ec2")
    states = {
        one["InstanceId"]: one["State"]["Name"]
        for reservation in ec2.describe_instances(InstanceIds=[old, new])["Reservations"]
        for one in reservation["Instances"]
    }
    assert states == {old: "terminated", new: "running"}
    (volume,) = ec2.describe_volumes(VolumeIds=[volume_id])["Volumes"]
    assert [attachment["InstanceId"] for attachment in volume["Attachments"]] == [new]
    protection = ec2.describe_instance_attribute(InstanceId=new, Attribute="disableApiTermination")
    assert protection["DisableApiTermination"] == {"Value": True}


def test_balancer_is_replaced_by_one_that_aws_protects_again(replaced: Replaced) -> None:
    old, new = replaced.before[urn_of(BALANCER)], replaced.after[urn_of(BALANCER)]
    assert old != new
    balancers = replaced.stack.client("elbv2")
    attributes = balancers.describe_load_balancer_attributes(LoadBalancerArn=new)["Attributes"]
    assert {"Key": "deletion_protection.enabled", "Value": "true"} in attributes
