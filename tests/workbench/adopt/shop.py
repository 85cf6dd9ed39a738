"""A shop in miniature: what the program makes of it, and what Terraform has."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.workbench.adopt.plans import planned
from tests.workbench.adopt.states import resource
from workbench.review.plan_document import PlannedResource

SERVICE = "aws:ecs/service:Service"
DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
ROLE = "aws:iam/role:Role"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
TABLE = "aws:ec2/routeTable:RouteTable"
ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"


def services(*names: str) -> list[PlannedResource]:
    """Return a cluster, a VPC, and for each service a task definition with a role, and a group."""
    made = [
        planned("aws:ecs/cluster:Cluster", "shop-live-cluster", {"name": "shop"}),
        planned(VPC, "shop-live-network", {"cidrBlock": "10.9.0.0/16"}),
    ]
    for name in names:
        made += [
            planned(ROLE, f"shop-live-{name}-role", {}),
            planned(GROUP, f"shop-live-{name}-sg", {"vpcId": "${shop-live-network.id}"}),
            planned(
                DEFINITION,
                f"shop-live-{name}-definition",
                {"family": f"shop-{name}", "executionRoleArn": f"${{shop-live-{name}-role.arn}}"},
            ),
            planned(
                SERVICE,
                f"shop-live-{name}-service",
                {
                    "name": name,
                    "cluster": "${shop-live-cluster.arn}",
                    "networkConfiguration": {"securityGroups": [f"${{shop-live-{name}-sg.id}}"]},
                    "taskDefinition": f"${{shop-live-{name}-definition.arn}}",
                },
            ),
        ]
    return made


def each_its_own(address: str, names: Sequence[str], attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return a resource with ``for_each`` over names."""
    whole = resource(address, {})
    whole["instances"] = [{"index_key": name, "attributes": attributes[name]} for name in names]
    return whole


def live(*names: str, role: str | None = None, group: str | None = None) -> list[dict[str, Any]]:
    """Return the same as Terraform has it: roles and groups by ``for_each``, or one for all by that name."""
    roles = {name: role or f"role-of-{name}" for name in names}
    groups = {name: group or f"sg-{name}" for name in names}
    made = [
        resource("module.a.aws_ecs_cluster.main", {"id": "arn:c/shop", "arn": "arn:c/shop", "name": "shop"}),
        resource("module.a.aws_vpc.main", {"id": "vpc-1", "cidr_block": "10.9.0.0/16"}),
        each_its_own(
            "module.a.aws_ecs_task_definition.service",
            names,
            {n: {"arn": f"arn:d/{n}:3", "family": f"shop-{n}", "execution_role_arn": f"arn:{roles[n]}"} for n in names},
        ),
        each_its_own(
            "module.a.aws_ecs_service.service",
            names,
            {
                name: {
                    "id": f"arn:s/{name}",
                    "name": name,
                    "cluster": "arn:c/shop",
                    "task_definition": f"arn:d/{name}:3",
                    "network_configuration": [{"security_groups": [groups[name]]}],
                }
                for name in names
            },
        ),
    ]
    if role is None:
        own = {name: {"id": roles[name], "name": roles[name], "arn": f"arn:{roles[name]}"} for name in names}
        made.append(each_its_own("module.a.aws_iam_role.execution", names, own))
    else:
        made.append(resource("module.a.aws_iam_role.execution", {"id": role, "name": role, "arn": f"arn:{role}"}))
    if group is None:
        own = {name: {"id": groups[name], "vpc_id": "vpc-1", "name": f"{name}-tf"} for name in names}
        made.append(each_its_own("module.a.aws_security_group.service", names, own))
    else:
        made.append(resource("module.a.aws_security_group.service", {"id": group, "vpc_id": "vpc-1", "name": "all"}))
    return made
