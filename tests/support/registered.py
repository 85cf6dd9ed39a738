"""What a description names, and what an evaluation registers of the same kinds: for any program."""

import json
from collections.abc import Mapping
from typing import Any

from workbench.cloudflare import DnsRecord
from workbench.evaluate import Evaluation
from workbench.operations.account.cloudflare_names import conflicts, import_file
from workbench.operations.deploys.environment import deployed_services
from workbench.program import Description, Program
from workbench.stores import AuroraCluster, FileSystem, PostgresInstance, VolumeStore


def described(program: Program[Any], found: Description) -> Mapping[str, set[str]]:
    """Return every name of a description, by what it is of."""
    services = deployed_services(program, found)
    behind = () if found.edge is None else found.edge.hostnames
    return {
        "balancers": set(found.balancers),
        "certified host names": set(found.certified_hostnames),
        "certificates": set(found.certificate_names.values()),
        "Cloudflare records of host names": {f"{found.dns_zone}-{name}" for name in (*found.hostnames, *behind)},
        "DNS zone": {found.dns_zone},
        "Aurora": {cluster.identifier for cluster in found.stores_of(AuroraCluster)},
        "PostgreSQL": {instance.identifier for instance in found.stores_of(PostgresInstance)},
        "volumes": {host.volume for host in found.stores_of(VolumeStore)},
        "file systems": {store.name for store in found.stores_of(FileSystem)},
        "hosts": set(found.hosts.values()),
        "images of hosts": set(found.host_images.values()),
        "log groups": set(found.log_groups),
        "services": {service.name for service in services},
        "log groups of services": {service.log_group for service in services},
        "image parameters": {service.image_parameter for service in services if service.repositories},
        "secrets": {
            *program.secrets.operators(is_owner=found.shared.is_owner),
            *program.secrets.programs(is_owner=found.shared.is_owner),
        },
    }


def registered(found: Description, evaluation: Evaluation) -> Mapping[str, set[str]]:
    """Return every name of the same kinds that a program registers.

    A network load balancer's further addresses are further records of the same name, with a number.
    """
    prefix = f"{found.dns_zone}-"
    records = {
        name.removesuffix("-1")
        for name in names(evaluation, "cloudflare:index/dnsRecord:DnsRecord")
        if name.startswith(prefix) and not name.endswith(("-2", "-3"))
    }
    log_groups = {
        resource.inputs["name"]
        for resource in evaluation.of_type("aws:cloudwatch/logGroup:LogGroup")
        if "name" in resource.inputs
    }
    used = {
        container["logConfiguration"]["options"]["awslogs-group"]
        for resource in evaluation.of_type("aws:ecs/taskDefinition:TaskDefinition")
        for container in json.loads(resource.inputs["containerDefinitions"])
    }
    return {
        "balancers": inputs(evaluation, "aws:lb/loadBalancer:LoadBalancer", "name"),
        "certified host names": inputs(evaluation, "aws:acm/certificate:Certificate", "domainName"),
        "certificates": names(evaluation, "zelly-components:index:Certificate"),
        "Cloudflare records of host names": records,
        "DNS zone": names(evaluation, "zelly-components:index:DnsZone"),
        "Aurora": inputs(evaluation, "aws:rds/cluster:Cluster", "clusterIdentifier"),
        "PostgreSQL": inputs(evaluation, "aws:rds/instance:Instance", "identifier"),
        "volumes": tags(evaluation, "aws:ebs/volume:Volume"),
        "file systems": tags(evaluation, "aws:efs/fileSystem:FileSystem"),
        "hosts": tags(evaluation, "aws:ec2/instance:Instance"),
        "images of hosts": inputs(evaluation, "aws:ec2/instance:Instance", "ami"),
        "log groups": {name for name in log_groups if name.startswith(found.log_group_prefix)},
        "services": inputs(evaluation, "aws:ecs/service:Service", "name"),
        "log groups of services": used,
        "image parameters": {
            name for name in inputs(evaluation, "aws:ssm/parameter:Parameter", "name") if "/images/" in name
        },
        "secrets": inputs(evaluation, "aws:secretsmanager/secret:Secret", "name"),
    }


def records_taken_over(found: Description) -> set[tuple[str, str, str]]:
    """Return what a stack would take over of a zone that has a record under each of its names, with their parents."""
    records = [
        DnsRecord(id="1", type="CNAME" if name in found.certified_hostnames else "A", name=name, content="old.example")
        for name in found.hostnames
    ]
    records += [
        DnsRecord(id="2", type="CNAME", name=f"_x.{name}", content="_y.acm-validations.aws.")
        for name in found.certified_hostnames
    ]
    document = import_file(conflicts(found, records, balancers={}, certificates={}), found.dns_zone_id)
    components = {one["name"]: one["type"] for one in document["resources"] if one.get("component")}
    return {
        (one["name"], one["parent"], components[one["parent"]])
        for one in document["resources"]
        if not one.get("component")
    }


def records_made(evaluation: Evaluation) -> set[tuple[str, str, str]]:
    """Return the records that a program registers, with their parents; a name's further addresses are left out."""
    by_urn = {resource.urn: resource for resource in evaluation.resources}
    return {
        (resource.name, parent.name, parent.type)
        for resource in evaluation.of_type("cloudflare:index/dnsRecord:DnsRecord")
        if resource.parent is not None and not resource.name.endswith(("-2", "-3"))
        for parent in (by_urn[resource.parent],)
    }


def inputs(evaluation: Evaluation, type_token: str, key: str) -> set[str]:
    return {resource.inputs[key] for resource in evaluation.of_type(type_token)}


def tags(evaluation: Evaluation, type_token: str) -> set[str]:
    return {resource.inputs["tags"]["Name"] for resource in evaluation.of_type(type_token)}


def names(evaluation: Evaluation, type_token: str) -> set[str]:
    return {resource.name for resource in evaluation.of_type(type_token)}
