"""A small network for the resources that need one."""

from dataclasses import dataclass

from tests.workbench.sandbox.conftest import REGION, Sandbox


@dataclass(frozen=True, kw_only=True)
class Network:
    vpc_id: str
    subnet_ids: list[str]
    """In the zones a, b and c: 10.0.0.0/24, 10.0.1.0/24, 10.0.2.0/24."""
    security_group_id: str


def make_network(sandbox: Sandbox) -> Network:
    vpc_id = sandbox.create("aws:ec2/vpc:Vpc", "shop", cidrBlock="10.0.0.0/16", enableDnsHostnames=True).id
    subnet_ids = [
        sandbox.create(
            "aws:ec2/subnet:Subnet",
            f"shop-{zone}",
            vpcId=vpc_id,
            cidrBlock=f"10.0.{number}.0/24",
            availabilityZone=f"{REGION}{zone}",
        ).id
        for number, zone in enumerate("abc")
    ]
    group = sandbox.create("aws:ec2/securityGroup:SecurityGroup", "shop", vpcId=vpc_id, description="Shop")
    return Network(vpc_id=vpc_id, subnet_ids=subnet_ids, security_group_id=group.id)
