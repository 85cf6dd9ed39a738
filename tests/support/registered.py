"""What a description names, and what an evaluation registers of the same kinds: for any program."""

import json
from collections.abc import Mapping
from typing import Any

from workbench.evaluate import Evaluation
from workbench.operations.landscape import Landscape
from workbench.program import AuroraCluster, Program


def described(program: Program[Any], found: Landscape) -> Mapping[str, set[str]]:
    """Return every name of a description, by what it is of."""
    return {
        "balancers": set(found.balancers),
        "certified host names": set(found.certified_hostnames),
        "certificates": set(found.certificate_names.values()),
        "Cloudflare records of host names": {f"{found.dns_zone}-{name}" for name in found.hostnames},
        "DNS zone": {found.dns_zone},
        "Aurora": {cluster.identifier for cluster in found.stores_of(AuroraCluster)},
        "hosts": set(found.hosts.values()),
        "images of hosts": set(found.host_images.values()),
        "log groups": set(found.log_groups),
        "services": {service.name for service in found.services},
        "log groups of services": {service.log_group for service in found.services},
        "image parameters": {service.image_parameter for service in found.services if service.repositories},
        "secrets": {*program.secrets.application, *program.secrets.own},
    }


def registered(found: Landscape, evaluation: Evaluation) -> Mapping[str, set[str]]:
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
        "hosts": {one.inputs["tags"]["Name"] for one in evaluation.of_type("aws:ec2/instance:Instance")},
        "images of hosts": inputs(evaluation, "aws:ec2/instance:Instance", "ami"),
        "log groups": {name for name in log_groups if name.startswith(found.log_group_prefix)},
        "services": inputs(evaluation, "aws:ecs/service:Service", "name"),
        "log groups of services": used,
        "image parameters": {
            name for name in inputs(evaluation, "aws:ssm/parameter:Parameter", "name") if "/images/" in name
        },
        "secrets": inputs(evaluation, "aws:secretsmanager/secret:Secret", "name"),
    }


def inputs(evaluation: Evaluation, type_token: str, key: str) -> set[str]:
    return {resource.inputs[key] for resource in evaluation.of_type(type_token)}


def names(evaluation: Evaluation, type_token: str) -> set[str]:
    return {resource.name for resource in evaluation.of_type(type_token)}
