"""Differences that Pulumi plans and AWS refuses: moves to another VPC, and replacements that collide.

A replaced VPC moves what stands in it: subnets, security groups and target groups are made anew in the other one. What
refers to them gets new ids; whether it is replaced too, is refused, or is only changed, is known from
``replacement.json`` and from the tables here, each row with its source.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, TypeAlias

from workbench.review.difference.comparison import Action, Comparison, Order, ResourceChange


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Something that AWS refuses, so that the update stops there."""

    property: str
    """The input that it refuses, or that the collision is about."""
    words: str
    error: str
    """The code with which AWS answers."""
    source: str


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Something that AWS takes as a change in place."""

    source: str


_VPC = "aws:ec2/vpc:Vpc"
_INSTANCE = "aws:ec2/instance:Instance"
_MOUNT_TARGET = "aws:efs/mountTarget:MountTarget"
_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
_SERVICE = "aws:ecs/service:Service"
_SUBNET_GROUPS = ("aws:rds/subnetGroup:SubnetGroup", "aws:elasticache/subnetGroup:SubnetGroup")

PLACED: Mapping[str, frozenset[str]] = {
    "aws:ec2/subnet:Subnet": frozenset({"vpcId"}),
    "aws:ec2/securityGroup:SecurityGroup": frozenset({"vpcId"}),
    "aws:ec2/routeTable:RouteTable": frozenset({"vpcId"}),
    "aws:ec2/vpcEndpoint:VpcEndpoint": frozenset({"vpcId"}),
    "aws:ec2/natGateway:NatGateway": frozenset({"subnetId"}),
    _INSTANCE: frozenset({"subnetId"}),
    _MOUNT_TARGET: frozenset({"subnetId"}),
    "aws:lb/targetGroup:TargetGroup": frozenset({"vpcId"}),
    _BALANCER: frozenset({"subnets", "subnetMappings"}),
}
"""Type -> the inputs that place it in a VPC: made anew after them, it stands in the other one."""


def _other_vpc(property_: str, words: str, error: str, source: str) -> Refusal:
    return Refusal(property=property_, words=words, error=error, source=source)


def _target_group(property_: str) -> Refusal:
    return _other_vpc(
        property_,
        "a balancer forwards to no target group of another VPC than its own",
        "InvalidConfigurationRequest",
        "kubernetes-sigs/aws-load-balancer-controller#1045",
    )


IN_ANOTHER_VPC: Mapping[tuple[str, str], Refusal | Taken] = {
    (_SUBNET_GROUPS[0], "subnetIds"): _other_vpc(
        "subnetIds",
        "a DB subnet group takes only subnets of the VPC that it was made in; the database stays there",
        "InvalidParameterValue",
        'hashicorp/terraform-provider-aws#27459: "not in the same Vpc as the existing subnet group"',
    ),
    (_SUBNET_GROUPS[1], "subnetIds"): _other_vpc(
        "subnetIds",
        "the cache's nodes stand in the old subnets, and a cache and its subnet group are in one VPC",
        "SubnetInUse",
        "ElastiCache API Reference, ModifyCacheSubnetGroup; aws-controllers-k8s/community#1594",
    ),
    ("aws:rds/cluster:Cluster", "vpcSecurityGroupIds"): _other_vpc(
        "vpcSecurityGroupIds",
        "the database and its security groups have to be in one VPC",
        "InvalidParameterCombination",
        "terraform-aws-modules/terraform-aws-rds#451",
    ),
    ("aws:rds/instance:Instance", "vpcSecurityGroupIds"): _other_vpc(
        "vpcSecurityGroupIds",
        "the database and its security groups have to be in one VPC",
        "InvalidVPCNetworkStateFault",
        "RDS API Reference, ModifyDBInstance",
    ),
    ("aws:elasticache/replicationGroup:ReplicationGroup", "securityGroupIds"): _other_vpc(
        "securityGroupIds",
        "the cache and its security groups have to be in one VPC",
        "InvalidParameterValue",
        "ElastiCache API Reference, ModifyReplicationGroup; the error's code is from memory",
    ),
    **{
        (_BALANCER, name): _other_vpc(
            name,
            "a balancer stays in the VPC that it was made in",
            "InvalidConfigurationRequest",
            "Elastic Load Balancing API Reference, SetSubnets; floci-io/floci#1220",
        )
        for name in ("subnets", "subnetMappings")
    },
    (_BALANCER, "securityGroups"): _other_vpc(
        "securityGroups",
        "a balancer and its security groups have to be in one VPC",
        "InvalidConfigurationRequest",
        'hashicorp/terraform#30261: "Security group … does not belong to VPC"',
    ),
    ("aws:lb/listener:Listener", "defaultActions"): _target_group("defaultActions"),
    ("aws:lb/listenerRule:ListenerRule", "actions"): _target_group("actions"),
    ("aws:ec2/internetGateway:InternetGateway", "vpcId"): _other_vpc(
        "vpcId",
        "it is not detached while public addresses are mapped in the old VPC, and what has them is deleted last",
        "DependencyViolation",
        "EC2 API Reference, DetachInternetGateway; hashicorp/terraform#1303",
    ),
    (_SERVICE, "networkConfiguration"): Taken(
        source="ECS API Reference, AwsVpcConfiguration: subnets and groups of one VPC; a rolling deployment moves tasks"
    ),
    (_SERVICE, "loadBalancers"): Taken(source="in_place_or_error of replacement.json: ecs/service.go"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "dimensions"): Taken(
        source="CloudWatch API Reference, PutMetricAlarm: the alarm is overwritten"
    ),
}
"""Type and input -> what AWS does when the input's value moves into another VPC and the resource stays."""

Collides: TypeAlias = Callable[[ResourceChange], bool]


def _keeps(name: str) -> Collides:
    """Return what tells whether the old and the new one have the same value of an input."""

    def kept(change: ResourceChange) -> bool:
        before, after = _inputs(change.old).get(name), _inputs(change.new).get(name)
        return before is not None and before == after and not any(one.top == name for one in change.properties)

    return kept


def _keeps_both(first: str, second: str) -> Collides:
    return lambda change: _keeps(first)(change) and _keeps(second)(change)


COLLISIONS: Mapping[str, tuple[Collides, Refusal]] = {
    "aws:ec2/natGateway:NatGateway": (
        _keeps("allocationId"),
        Refusal(
            property="allocationId",
            words="the new gateway is made first, and the old one still has the Elastic IP",
            error="Resource.AlreadyAssociated",
            source="pulumi/pulumi-aws#1483",
        ),
    ),
    "aws:ec2/subnet:Subnet": (
        _keeps_both("cidrBlock", "vpcId"),
        Refusal(
            property="cidrBlock",
            words="the new subnet is made first, and the old one still has the range in the same VPC",
            error="InvalidSubnet.Conflict",
            source="EC2 API Reference, Error codes",
        ),
    ),
    "aws:ec2/volumeAttachment:VolumeAttachment": (
        _keeps("volumeId"),
        Refusal(
            property="volumeId",
            words="the new attachment is made first, and the volume is still attached by the old one",
            error="VolumeInUse",
            source="EC2 API Reference, Error codes",
        ),
    ),
    "aws:rds/cluster:Cluster": (
        _keeps("clusterIdentifier"),
        Refusal(
            property="clusterIdentifier",
            words="the new cluster is made first, and the old one still has the name",
            error="DBClusterAlreadyExistsFault",
            source="conditional of replacement.json: rds/cluster.go; RDS API Reference, CreateDBCluster",
        ),
    ),
    "aws:rds/instance:Instance": (
        _keeps("identifier"),
        Refusal(
            property="identifier",
            words="the new instance is made first, and the old one still has the name",
            error="DBInstanceAlreadyExists",
            source="RDS API Reference, CreateDBInstance",
        ),
    ),
    "aws:rds/clusterInstance:ClusterInstance": (
        _keeps("identifier"),
        Refusal(
            property="identifier",
            words="the new instance is made first, and the old one still has the name",
            error="DBInstanceAlreadyExists",
            source="RDS API Reference, CreateDBInstance",
        ),
    ),
}
"""Type -> when a replacement that is made before the old one is deleted finds a name or an address taken."""

_NAMED = "it has a name of its own, so that the old one is deleted first, and what stays still uses it"

IN_USE: Mapping[str, Refusal] = {
    type_token: Refusal(property=name, words=_NAMED, error=error, source=source)
    for type_token, name, error, source in (
        (
            "aws:lb/targetGroup:TargetGroup",
            "name",
            "ResourceInUse",
            "Elastic Load Balancing API Reference, DeleteTargetGroup",
        ),
        (
            "aws:ec2/securityGroup:SecurityGroup",
            "name",
            "DependencyViolation",
            "EC2 API Reference, DeleteSecurityGroup",
        ),
        (_SUBNET_GROUPS[0], "name", "InvalidDBSubnetGroupStateFault", "RDS API Reference, DeleteDBSubnetGroup"),
        (_SUBNET_GROUPS[1], "name", "CacheSubnetGroupInUse", "ElastiCache API Reference, DeleteCacheSubnetGroup"),
        (
            "aws:rds/clusterParameterGroup:ClusterParameterGroup",
            "name",
            "InvalidDBParameterGroupState",
            "RDS API Reference, DeleteDBClusterParameterGroup",
        ),
        (
            "aws:rds/parameterGroup:ParameterGroup",
            "name",
            "InvalidDBParameterGroupState",
            "RDS API Reference, DeleteDBParameterGroup",
        ),
        (
            "aws:elasticache/parameterGroup:ParameterGroup",
            "name",
            "InvalidCacheParameterGroupState",
            "ElastiCache API Reference, DeleteCacheParameterGroup",
        ),
    )
}
"""Type -> why one that is deleted before its successor exists is not deleted."""

_MOUNT_TARGETS_APART = Refusal(
    property="subnetId",
    words="a file system has mount targets in one VPC only, and each is replaced while others are in the old one",
    error="MountTargetConflict",
    source="EFS API Reference, CreateMountTarget; awslabs/deeplearning-cfn#19",
)


def refusals(comparison: Comparison) -> Mapping[str, tuple[Refusal, ...]]:
    """Return, by the URN of a changed resource, what AWS refuses of its change."""
    moved = moved_to_another_vpc(comparison.changes)
    found = {change.urn: tuple(_of_change(change, comparison, moved)) for change in comparison.changes}
    return {urn: refused for urn, refused in found.items() if refused}


def moved_to_another_vpc(changes: Iterable[ResourceChange]) -> frozenset[str]:
    """Return the URNs of what is made in another VPC than before, followed from input to input."""
    made = [change for change in changes if change.action in {Action.REPLACED, Action.ADDED}]
    moved = {change.urn for change in made if change.type == _VPC}
    while found := {change.urn for change in made if change.urn not in moved and _stands_in(change, moved)}:
        moved |= found
    return frozenset(moved)


def _stands_in(change: ResourceChange, moved: Set[str]) -> bool:
    sources = change.resource.property_dependencies
    return any(not moved.isdisjoint(sources.get(name, ())) for name in PLACED.get(change.type, ()))


def _of_change(change: ResourceChange, comparison: Comparison, moved: Set[str]) -> Iterator[Refusal]:
    if change.action is Action.CHANGED:
        following = {one.top for one in change.properties if not moved.isdisjoint(one.follows)}
        rows = (IN_ANOTHER_VPC.get((change.type, top)) for top in sorted(following))
        yield from (row for row in rows if isinstance(row, Refusal))
    elif change.action is Action.REPLACED and change.order is Order.CREATE_FIRST:
        collides, refusal = COLLISIONS.get(change.type, (None, None))
        if collides is not None and refusal is not None and collides(change):
            yield refusal
    elif change.action is Action.REPLACED:
        if change.type == _MOUNT_TARGET and change.urn in moved and _has_siblings(change, comparison):
            yield _MOUNT_TARGETS_APART
        if change.type in IN_USE and _is_used_by_what_stays(change, comparison):
            yield IN_USE[change.type]


def _has_siblings(change: ResourceChange, comparison: Comparison) -> bool:
    file_system = change.resource.inputs.get("fileSystemId")
    others = [
        resource
        for resource in comparison.plan.resources
        if resource.type == _MOUNT_TARGET and resource.inputs.get("fileSystemId") == file_system
    ]
    return len(others) > 1


def _is_used_by_what_stays(change: ResourceChange, comparison: Comparison) -> bool:
    """Tell whether a resource that is neither new nor replaced refers to this one."""
    made = {one.urn for one in comparison.changes if one.action in {Action.REPLACED, Action.ADDED}}
    return any(
        resource.urn not in made and any(change.urn in urns for urns in resource.property_dependencies.values())
        for resource in comparison.plan.resources
        if resource.custom
    )


def _inputs(resource: Any) -> Mapping[str, Any]:
    return {} if resource is None else resource.inputs
