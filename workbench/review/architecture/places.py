"""The things in a VPC, by resource type: one function for each kind, which reads the kind's own properties."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from workbench.counting import counted
from workbench.evaluate import Evaluation, RecordedResource
from workbench.placeholders import references


class Kind(StrEnum):
    """The kind of a node. The order is that of the picture, from the internet down to the data."""

    SOURCE = "source"
    """An address range outside the VPC."""
    LOAD_BALANCER = "load balancer"
    NAT = "NAT"
    HOST = "host"
    """An EC2 instance that others than balancers reach from outside, or that reaches them."""
    SERVICE = "service"
    STORE = "store"


@dataclass(frozen=True, kw_only=True)
class Subnet:
    """One subnet of the VPC."""

    name: str
    zone: str
    cidr: str
    public: bool
    """Whether its route table leads to an internet gateway."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """Something that has an address: what the picture draws as a box."""

    name: str
    """Unique, and without what all names of the stack begin with."""
    kind: Kind
    facts: tuple[str, ...]
    """Its kind and size, in a few short lines."""
    subnets: tuple[str, ...] = ()
    """The names of those it stands in or may stand in."""
    elastic_ips: int = 0


@dataclass(frozen=True, kw_only=True)
class Place:
    """A node and the logical names of the security groups that guard it."""

    node: Node
    security_groups: tuple[str, ...]


def places(evaluation: Evaluation) -> list[Place]:
    """Return everything in the VPC that has an address, kind by kind, in order of name."""
    readers: Mapping[str, Callable[[Evaluation, RecordedResource], Place]] = {
        "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
        "aws:ec2/natGateway:NatGateway": _nat_gateway,
        "aws:ec2/instance:Instance": _instance,
        "aws:ecs/service:Service": _service,
        "aws:rds/cluster:Cluster": _database,
        "aws:rds/instance:Instance": _database_instance,
        "aws:elasticache/replicationGroup:ReplicationGroup": _cache,
        "aws:efs/fileSystem:FileSystem": _file_system,
    }
    found = [read(evaluation, one) for token, read in readers.items() for one in evaluation.of_type(token)]
    order = list(Kind)
    return sorted(found, key=lambda place: (order.index(place.node.kind), place.node.name))


def subnets(evaluation: Evaluation) -> tuple[Subnet, ...]:
    """Return the VPC's subnets by zone, the public ones first."""
    public = _public_subnets(evaluation)
    found = [
        Subnet(
            name=subnet.name,
            zone=_zone(subnet),
            cidr=f"{subnet.inputs.get('cidrBlock', '')}",
            public=subnet.name in public,
        )
        for subnet in evaluation.of_type("aws:ec2/subnet:Subnet")
    ]
    return tuple(sorted(found, key=lambda subnet: (not subnet.public, subnet.zone)))


def _zone(subnet: RecordedResource) -> str:
    """Return a subnet's availability zone; AWS chooses one where the program does not."""
    return f"{subnet.inputs.get('availabilityZone') or subnet.inputs.get('availabilityZoneId') or 'any zone'}"


def _public_subnets(evaluation: Evaluation) -> set[str]:
    gateways = {gateway.name for gateway in evaluation.of_type("aws:ec2/internetGateway:InternetGateway")}
    tables = {
        name
        for route in evaluation.of_type("aws:ec2/route:Route")
        if gateways & set(_references(route.inputs.get("gatewayId")))
        for name in _references(route.inputs["routeTableId"])
    } | {
        table.name
        for table in evaluation.of_type("aws:ec2/routeTable:RouteTable")
        if gateways & set(_references([route.get("gatewayId") for route in table.inputs.get("routes", [])]))
    }
    return {
        name
        for association in evaluation.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
        if tables & set(_references(association.inputs["routeTableId"]))
        for name in _references(association.inputs.get("subnetId"))
    }


def _load_balancer(evaluation: Evaluation, resource: RecordedResource) -> Place:
    inputs = resource.inputs
    mappings: list[Mapping[str, Any]] = inputs.get("subnetMappings", [])
    listeners = [
        f"{listener.inputs.get('protocol', '')} {listener.inputs.get('port', '')}".strip()
        for listener in evaluation.of_type("aws:lb/listener:Listener")
        if resource.name in _references(listener.inputs["loadBalancerArn"])
    ]
    return _place(
        evaluation,
        resource,
        name=inputs.get("name"),
        kind=Kind.LOAD_BALANCER,
        facts=(f"{str(inputs.get('loadBalancerType', 'application')).capitalize()} load balancer", _listed(listeners)),
        subnets=_references([inputs.get("subnets"), [mapping["subnetId"] for mapping in mappings]]),
        groups=inputs.get("securityGroups"),
        elastic_ips=sum("allocationId" in mapping for mapping in mappings),
    )


def _nat_gateway(evaluation: Evaluation, resource: RecordedResource) -> Place:
    return _place(
        evaluation,
        resource,
        name=resource.name,
        kind=Kind.NAT,
        facts=("NAT gateway",),
        subnets=_references(resource.inputs.get("subnetId")),
        elastic_ips=int("allocationId" in resource.inputs),
    )


def _is_way_out(evaluation: Evaluation, instance: RecordedResource) -> bool:
    """Tell whether an instance does NAT: it may forward, and it does not only stand by while a gateway is the way."""
    # AWS asks a machine that forwards other machines' packets to have the check off ("NAT instances", VPC user guide).
    if instance.inputs.get("sourceDestCheck") is not False:
        return False
    routes = [route.inputs for route in evaluation.of_type("aws:ec2/route:Route")]
    led_here = any(instance.name in _references(route.get("networkInterfaceId")) for route in routes)
    return led_here or not any("natGatewayId" in route for route in routes)


def _instance(evaluation: Evaluation, resource: RecordedResource) -> Place:
    inputs = resource.inputs
    volumes = [
        volume
        for attachment in evaluation.of_type("aws:ec2/volumeAttachment:VolumeAttachment")
        if resource.name in _references(attachment.inputs["instanceId"])
        for volume in evaluation.of_type("aws:ebs/volume:Volume")
        if volume.name in _references(attachment.inputs["volumeId"])
    ]
    disks = [f"{volume.inputs.get('size', '?')} GiB {volume.inputs.get('type', '')}".strip() for volume in volumes]
    kind = Kind.STORE if volumes else Kind.NAT if _is_way_out(evaluation, resource) else Kind.HOST
    return _place(
        evaluation,
        resource,
        kind=kind,
        facts=(f"EC2 {inputs.get('instanceType', 'of a launch template')}", *disks),
        subnets=_references(inputs.get("subnetId")),
        groups=inputs.get("vpcSecurityGroupIds"),
        elastic_ips=sum(
            resource.name in _references(association.inputs.get("instanceId"))
            for association in evaluation.of_type("aws:ec2/eipAssociation:EipAssociation")
        ),
    )


def _service(evaluation: Evaluation, resource: RecordedResource) -> Place:
    inputs = resource.inputs
    network: Mapping[str, Any] = inputs.get("networkConfiguration", {})
    sizes = [
        _task_size(definition.inputs)
        for definition in evaluation.of_type("aws:ecs/taskDefinition:TaskDefinition")
        if definition.name in _references(inputs.get("taskDefinition"))
    ]
    scaling = [
        f"{target.inputs['minCapacity']} to {target.inputs['maxCapacity']} tasks"
        for target in evaluation.of_type("aws:appautoscaling/target:Target")
        if target.inputs["resourceId"].rpartition("/")[2] == inputs.get("name", resource.name)
    ]
    return _place(
        evaluation,
        resource,
        kind=Kind.SERVICE,
        facts=(
            "ECS on EC2" if inputs.get("launchType") == "EC2" else "ECS Fargate",
            *sizes,
            *(scaling or [counted(inputs.get("desiredCount", 1), "task")]),
        ),
        subnets=_references(network.get("subnets")),
        groups=network.get("securityGroups"),
    )


def _task_size(definition: Mapping[str, Any]) -> str:
    """Return the size of a task; on EC2 its containers may have sizes of their own instead."""
    cpu, memory = f"{definition.get('cpu', '')}", f"{definition.get('memory', '')}"
    if not (cpu.isdecimal() and memory.isdecimal()):
        return ""
    return f"{int(cpu) / 1024:g} vCPU, {int(memory) / 1024:g} GiB"


def _database(evaluation: Evaluation, resource: RecordedResource) -> Place:
    inputs = resource.inputs
    capacity: Mapping[str, float] | None = inputs.get("serverlessv2ScalingConfiguration")
    instances = [
        instance
        for instance in evaluation.of_type("aws:rds/clusterInstance:ClusterInstance")
        if resource.name in _references(instance.inputs["clusterIdentifier"])
    ]
    size = f"{capacity['minCapacity']:g} to {capacity['maxCapacity']:g} ACU" if capacity else "provisioned"
    return _place(
        evaluation,
        resource,
        kind=Kind.STORE,
        facts=(_engine(inputs["engine"]), size, counted(len(instances), "instance")),
        subnets=_of_group(evaluation, "aws:rds/subnetGroup:SubnetGroup", inputs.get("dbSubnetGroupName")),
        groups=inputs.get("vpcSecurityGroupIds"),
    )


def _database_instance(evaluation: Evaluation, resource: RecordedResource) -> Place:
    inputs = resource.inputs
    size = f"{inputs['allocatedStorage']} GiB {inputs.get('storageType', '')}" if "allocatedStorage" in inputs else ""
    return _place(
        evaluation,
        resource,
        kind=Kind.STORE,
        facts=(
            f"{_engine(inputs.get('engine', 'RDS'))} {inputs.get('engineVersion', '')}".strip(),
            f"{inputs.get('instanceClass', '')}{', Multi-AZ' if inputs.get('multiAz') is True else ''}",
            size.strip(),
        ),
        subnets=_of_group(evaluation, "aws:rds/subnetGroup:SubnetGroup", inputs.get("dbSubnetGroupName")),
        groups=inputs.get("vpcSecurityGroupIds"),
    )


def _cache(evaluation: Evaluation, resource: RecordedResource) -> Place:
    inputs = resource.inputs
    return _place(
        evaluation,
        resource,
        kind=Kind.STORE,
        facts=(
            f"{str(inputs.get('engine', 'redis')).capitalize()} {inputs.get('engineVersion', '')}".strip(),
            f"{inputs.get('nodeType', '')}",
        ),
        subnets=_of_group(evaluation, "aws:elasticache/subnetGroup:SubnetGroup", inputs.get("subnetGroupName")),
        groups=inputs.get("securityGroupIds"),
    )


def _file_system(evaluation: Evaluation, resource: RecordedResource) -> Place:
    targets = [
        target.inputs
        for target in evaluation.of_type("aws:efs/mountTarget:MountTarget")
        if resource.name in _references(target.inputs["fileSystemId"])
    ]
    return _place(
        evaluation,
        resource,
        kind=Kind.STORE,
        facts=("EFS file system", counted(len(targets), "mount target")),
        subnets=_references([target["subnetId"] for target in targets]),
        groups=[group for target in targets for group in target.get("securityGroups", [])],
    )


def _place(
    evaluation: Evaluation,
    resource: RecordedResource,
    *,
    kind: Kind,
    facts: tuple[str, ...],
    subnets: Iterable[str],
    groups: Any = None,
    name: str | None = None,
    elastic_ips: int = 0,
) -> Place:
    node = Node(
        name=plain_name(evaluation, name or _component(resource)),
        kind=kind,
        facts=tuple(fact for fact in facts if fact),
        subnets=tuple(dict.fromkeys(subnets)),
        elastic_ips=elastic_ips,
    )
    return Place(node=node, security_groups=tuple(dict.fromkeys(_references(groups))))


def short_name(evaluation: Evaluation, resource: RecordedResource) -> str:
    """Return the name under which a picture shows a resource: its component's, without what all names begin with."""
    return plain_name(evaluation, _component(resource))


def _component(resource: RecordedResource) -> str:
    """Return the name of the component that a resource is the core of, or its own where it stands by itself."""
    parent = resource.parent or ""
    return resource.name if parent.split("::")[2:3] in ([], ["pulumi:pulumi:Stack"]) else parent.rsplit("::", 1)[1]


def plain_name(evaluation: Evaluation, name: str) -> str:
    """Return a logical name without what all names begin with."""
    return name.removeprefix(f"{evaluation.project}-{evaluation.stack}-")


def _engine(engine: str) -> str:
    """Return what AWS calls a database engine: ``aurora-mysql`` is Aurora MySQL."""
    names = {"aurora-mysql": "Aurora MySQL", "aurora-postgresql": "Aurora PostgreSQL", "postgres": "PostgreSQL"}
    return names.get(engine, engine)


def _of_group(evaluation: Evaluation, token: str, reference: str | None) -> Iterator[str]:
    for group in evaluation.of_type(token):
        if group.name in _references(reference):
            yield from _references(group.inputs["subnetIds"])


def _references(value: Any) -> list[str]:
    """Return the logical names that the placeholders in a value name, in order."""
    if isinstance(value, str):
        return [found.name for found in references(value)]
    return [name for item in cast("list[Any]", value or []) for name in _references(item)]


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(sorted(texts))
