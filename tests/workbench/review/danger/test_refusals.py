"""What AWS refuses of a difference: moves to another VPC, and replacements that collide."""

import functools
from collections import Counter

import pulumi
import pulumi_aws as aws
import pytest

from tests.support.sample import OWNER, evaluation_of, evaluation_with
from tests.workbench.review.plans import Program, compared
from workbench.evaluate import Evaluation
from workbench.providers.replacement import rules
from workbench.review.danger.assessment import Assessment, Severity, assess
from workbench.review.danger.refusals import (
    COLLISIONS,
    IN_ANOTHER_VPC,
    IN_USE,
    PLACED,
    Refusal,
    moved_to_another_vpc,
    refusals,
)
from workbench.review.difference.comparison import Action, compare
from workbench.review.plan_document import document


def difference(before: Evaluation, after: Evaluation) -> Assessment:
    return assess(compare(document(before, "eu-west-1"), document(after, "eu-west-1"), base="the other network"))


def unknown_of_a_moved_network(before: Evaluation, after: Evaluation) -> set[tuple[str, str]]:
    """Return type and input of what changes in place with the network, and is not known to be taken or refused."""
    found = difference(before, after).comparison.changes
    urns = moved_to_another_vpc(found)
    changed = {
        (change.type, item.top)
        for change in found
        if change.action is Action.CHANGED
        for item in change.properties
        if not urns.isdisjoint(item.follows)
    }
    return changed - IN_ANOTHER_VPC.keys()


@functools.cache
def moved() -> Evaluation:
    return evaluation_with(OWNER, {"network/cidr": "10.3.0.0/16"})


def test_of_everything_that_a_moved_network_changes_it_is_known_what_aws_makes_of_it() -> None:
    assert unknown_of_a_moved_network(evaluation_of(OWNER), moved()) == set()


def test_a_moved_network_is_refused_by_all_that_cannot_follow() -> None:
    refused = Counter(
        (one.change.name.removeprefix("sample-live-"), refusal.property, refusal.error)
        for one in difference(evaluation_of(OWNER), moved()).changes
        for refusal in one.refusals
    )
    assert refused == dict.fromkeys(
        [
            ("alb-web", "subnets", "InvalidConfigurationRequest"),
            ("alb-web", "securityGroups", "InvalidConfigurationRequest"),
            ("alb-web-https", "defaultActions", "InvalidConfigurationRequest"),
            ("aurora-subnets", "subnetIds", "InvalidParameterValue"),
            ("aurora-cluster", "vpcSecurityGroupIds", "InvalidParameterCombination"),
            ("redis-subnets", "subnetIds", "SubnetInUse"),
            ("redis", "securityGroupIds", "InvalidParameterValue"),
            ("network-igw", "vpcId", "DependencyViolation"),
            ("network-nat-a", "allocationId", "Resource.AlreadyAssociated"),
        ],
        1,
    )


def test_a_refusal_is_on_top_with_its_error_and_its_source() -> None:
    def program(cidr: str) -> None:
        vpc = aws.ec2.Vpc("net", cidr_block=cidr)
        subnet = aws.ec2.Subnet("sub", vpc_id=vpc.id, cidr_block="10.0.0.0/24")
        aws.rds.SubnetGroup("database", subnet_ids=[subnet.id])

    found = assess(compared(lambda: program("10.0.0.0/16"), lambda: program("10.1.0.0/16")))
    (first, *_) = found.dangers
    assert first.change.name == "database"
    assert [(finding.severity, finding.words, finding.source) for finding in first.findings] == [
        (
            Severity.REFUSED,
            "subnetIds: a DB subnet group takes only subnets of the VPC that it was made in; the database stays there: "
            "AWS answers InvalidParameterValue, and the update stops there",
            'hashicorp/terraform-provider-aws#27459: "not in the same Vpc as the existing subnet group"',
        )
    ]
    assert found.exit_code == 4


def test_new_subnets_of_the_same_network_are_no_move() -> None:
    def program(cidr: str) -> None:
        vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
        subnet = aws.ec2.Subnet("sub", vpc_id=vpc.id, cidr_block=cidr)
        aws.rds.SubnetGroup("database", subnet_ids=[subnet.id])

    assert errors(lambda: program("10.0.0.0/24"), lambda: program("10.0.1.0/24")) == {}


def errors(before: Program, after: Program) -> dict[str, list[str]]:
    found = refusals(compared(before, after))
    return {urn.rpartition("::")[2]: [refusal.error for refusal in refused] for urn, refused in found.items()}


def subnet(zone: str, cidr: str = "10.0.0.0/24") -> Program:
    return lambda: aws.ec2.Subnet("x", vpc_id="vpc-1", cidr_block=cidr, availability_zone=zone)


def gateway(network: str, address: str = "eipalloc-1") -> Program:
    return lambda: aws.ec2.NatGateway("x", subnet_id=network, allocation_id=address)


def cluster(database: str, identifier: str | None = "c") -> Program:
    return lambda: aws.rds.Cluster(
        "x", engine="aurora-mysql", cluster_identifier=identifier, database_name=database, skip_final_snapshot=True
    )


def instance(cluster_identifier: str, identifier: str | None = "i") -> Program:
    return lambda: aws.rds.ClusterInstance(
        "x",
        engine=aws.rds.EngineType.AURORA_MYSQL,
        cluster_identifier=cluster_identifier,
        identifier=identifier,
        instance_class="db.serverless",
    )


def attachment(host: str, *, delete_first: bool = False) -> Program:
    options = pulumi.ResourceOptions(delete_before_replace=delete_first)
    return lambda: aws.ec2.VolumeAttachment(
        "x", instance_id=host, volume_id="vol-1", device_name="/dev/sdf", opts=options
    )


def target_group(port: int, *, name: str | None, listener: bool = True) -> Program:
    def program() -> None:
        group = aws.lb.TargetGroup("x", name=name, port=port, protocol="TCP", vpc_id="vpc-1")
        if listener:
            aws.lb.Listener(
                "listener",
                load_balancer_arn="arn",
                default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=group.arn)],
            )

    return program


def mount_targets(cidr: str, *, count: int) -> Program:
    def program() -> None:
        vpc = aws.ec2.Vpc("net", cidr_block=cidr)
        for number in range(count):
            place = aws.ec2.Subnet(f"sub-{number}", vpc_id=vpc.id, cidr_block=f"{cidr[:5]}{number}.0/24")
            aws.efs.MountTarget(f"target-{number}", file_system_id="fs-1", subnet_id=place.id)

    return program


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (subnet("a"), subnet("b"), {"x": ["InvalidSubnet.Conflict"]}),
        (subnet("a"), subnet("b", cidr="10.0.1.0/24"), {}),
        (gateway("subnet-1"), gateway("subnet-2"), {"x": ["Resource.AlreadyAssociated"]}),
        (gateway("subnet-1"), gateway("subnet-2", address="eipalloc-2"), {}),
        (cluster("a"), cluster("b"), {"x": ["DBClusterAlreadyExistsFault"]}),
        (cluster("a"), cluster("b", identifier="d"), {}),
        (cluster("a", identifier=None), cluster("b", identifier=None), {}),
        (instance("a"), instance("b"), {"x": ["DBInstanceAlreadyExists"]}),
        (instance("a", identifier=None), instance("b", identifier=None), {}),
        (attachment("i-1"), attachment("i-2"), {"x": ["VolumeInUse"]}),
        (attachment("i-1", delete_first=True), attachment("i-2", delete_first=True), {}),
        (target_group(80, name="web"), target_group(81, name="web"), {"x": ["ResourceInUse"]}),
        (target_group(80, name=None), target_group(81, name=None), {}),
        (target_group(80, name="web", listener=False), target_group(81, name="web", listener=False), {}),
        (
            mount_targets("10.0.0.0/16", count=2),
            mount_targets("10.1.0.0/16", count=2),
            {f"target-{number}": ["MountTargetConflict"] for number in range(2)},
        ),
        (mount_targets("10.0.0.0/16", count=1), mount_targets("10.1.0.0/16", count=1), {}),
    ],
)
def test_a_replacement_that_collides_is_refused(
    before: Program, after: Program, expected: dict[str, list[str]]
) -> None:
    assert errors(before, after) == expected


def test_tables_name_types_that_there_are_and_a_source_each() -> None:
    named = {*PLACED, *COLLISIONS, *IN_USE, *(token for token, _ in IN_ANOTHER_VPC)}
    assert sorted(named - rules().keys() - {"aws:lb/listenerRule:ListenerRule"}) == []
    rows = [*IN_ANOTHER_VPC.values(), *(refusal for _, refusal in COLLISIONS.values()), *IN_USE.values()]
    assert all(row.source for row in rows)
    assert all(row.property == top for (_, top), row in IN_ANOTHER_VPC.items() if isinstance(row, Refusal))
