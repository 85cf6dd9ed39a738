"""Every name and value of the description, held against what the program registers: none is invented, none missed."""

import json
from dataclasses import fields
from typing import Any

import pytest

from tests.zelly_infra.evaluations import STACKS, evaluation_of
from tests.zelly_infra.stack_files import environment_of, with_changes
from tests.zelly_infra.switches import with_switch
from workbench.evaluate import Evaluation
from workbench.operations.landscape import Landscape, landscape
from workbench.program import AuroraCluster, ClickHouseHost, FileSystem, RedisNode
from workbench.review.cost.savings import changes_of
from zelly_infra.catalog import APPLICATION_SECRETS, PROGRAM_SECRETS
from zelly_infra.config import EnvironmentConfig
from zelly_infra.cost_switches import SWITCHES
from zelly_infra.program import PROGRAM

SWITCHED_OFF: dict[str, Any] = {
    "network/nat_gateways": "one_per_zone",
    "network/nat_instance": None,
    "containers/container_insights": "enhanced",
    "containers/capacity_providers": [
        {"name": "FARGATE", "weight": 1, "base": 1},
        {"name": "FARGATE_SPOT", "weight": 3, "base": 0},
    ],
    "aurora/minimum_capacity_acu": 2,
    "aurora/seconds_until_auto_pause": None,
    "aurora/performance_insights": True,
    "dns/proxied": True,
}
"""What costs more, and the opposite of what both stacks have."""


def switched_on(stack: str) -> dict[str, Any]:
    """Return what all the switches that save change together, where a stack may have them."""
    environment = environment_of(stack)
    found: dict[str, Any] = {}
    for switch in SWITCHES:
        if not (switch.interrupts and environment["deletion_protection"]):
            found |= changes_of(switch, environment)
    if environment["aurora"]["publicly_accessible"]:
        found |= {"aurora/publicly_accessible": False, "aurora/allowed_cidrs": {}}
    return found


CASES = [
    *(pytest.param(stack, {}, id=stack) for stack in STACKS),
    *(pytest.param(stack, switched_on(stack), id=f"{stack}, what saves") for stack in STACKS),
    *(pytest.param(stack, SWITCHED_OFF, id=f"{stack}, what costs more") for stack in STACKS),
]


def seen(stack: str, changes: dict[str, Any]) -> tuple[EnvironmentConfig, Landscape, Evaluation]:
    config = EnvironmentConfig.model_validate_json(json.dumps(with_changes(environment_of(stack), changes)))
    return (
        config,
        landscape(PROGRAM, PROGRAM.describe(config)),
        with_switch(stack, changes) if changes else evaluation_of(stack),
    )


def inputs(evaluation: Evaluation, type_token: str, key: str) -> set[str]:
    return {resource.inputs[key] for resource in evaluation.custom() if resource.type == type_token}


def names(evaluation: Evaluation, type_token: str) -> set[str]:
    return {resource.name for resource in evaluation.resources if resource.type == type_token}


def tags(evaluation: Evaluation, type_token: str) -> set[str]:
    return {resource.inputs["tags"]["Name"] for resource in evaluation.custom() if resource.type == type_token}


@pytest.mark.parametrize(("stack", "changes"), CASES)
def test_every_name_is_registered_and_nothing_registered_is_missed(stack: str, changes: dict[str, Any]) -> None:
    _, found, evaluation = seen(stack, changes)
    looked_for = {
        "balancers": set(found.balancers),
        "certified host names": set(found.certified_hostnames),
        "certificates": set(found.certificate_names.values()),
        "Cloudflare records of host names": {f"{found.dns_zone}-{name}" for name in found.hostnames},
        "DNS zone": {found.dns_zone},
        "Aurora": {store.identifier for store in found.stores_of(AuroraCluster)},
        "volumes": {store.volume for store in found.stores_of(ClickHouseHost)},
        "file systems": {store.name for store in found.stores_of(FileSystem)},
        "hosts": set(found.hosts.values()),
        "images of hosts": set(found.host_images.values()),
        "log groups": set(found.log_groups),
        "services": {service.name for service in found.services},
        "log groups of services": {service.log_group for service in found.services} & found.log_groups,
        "image parameters": {service.image_parameter for service in found.services if service.repositories},
        "secrets": {*APPLICATION_SECRETS, *PROGRAM_SECRETS},
    }
    records = {name.removesuffix("-1") for name in names(evaluation, "cloudflare:index/dnsRecord:DnsRecord")}
    log_groups = {
        resource.inputs["name"]
        for resource in evaluation.custom()
        if resource.type == "aws:cloudwatch/logGroup:LogGroup" and "name" in resource.inputs
    }
    parameters = inputs(evaluation, "aws:ssm/parameter:Parameter", "name")
    assert looked_for == {
        "balancers": inputs(evaluation, "aws:lb/loadBalancer:LoadBalancer", "name"),
        "certified host names": inputs(evaluation, "aws:acm/certificate:Certificate", "domainName"),
        "certificates": names(evaluation, "zelly-components:index:Certificate"),
        # A network load balancer's further addresses are further records of the same name.
        "Cloudflare records of host names": {
            name for name in records if name.startswith(f"{found.dns_zone}-") and not name.endswith(("-2", "-3"))
        },
        "DNS zone": names(evaluation, "zelly-components:index:DnsZone"),
        "Aurora": inputs(evaluation, "aws:rds/cluster:Cluster", "clusterIdentifier"),
        "volumes": tags(evaluation, "aws:ebs/volume:Volume"),
        "file systems": tags(evaluation, "aws:efs/fileSystem:FileSystem"),
        "hosts": tags(evaluation, "aws:ec2/instance:Instance"),
        "images of hosts": inputs(evaluation, "aws:ec2/instance:Instance", "ami"),
        "log groups": {name for name in log_groups if name.startswith("/zelly/")},
        "services": inputs(evaluation, "aws:ecs/service:Service", "name"),
        "log groups of services": {name for name in log_groups if name.startswith("/zelly/ecs/")},
        "image parameters": {name for name in parameters if "/images/" in name},
        "secrets": inputs(evaluation, "aws:secretsmanager/secret:Secret", "name"),
    }


@pytest.mark.parametrize(("stack", "changes"), CASES)
def test_what_pulumi_names_begins_as_it_is_looked_for(stack: str, changes: dict[str, Any]) -> None:
    _, found, evaluation = seen(stack, changes)
    alarms = names(evaluation, "aws:cloudwatch/metricAlarm:MetricAlarm")
    assert [name for name in alarms if not name.startswith(found.alarm_prefix)] == []
    (redis,) = names(evaluation, "aws:elasticache/replicationGroup:ReplicationGroup")
    # Pulumi names it after its resource, with a hyphen and a random end.
    (store,) = found.stores_of(RedisNode)
    assert f"{redis}-".startswith(store.prefix)
    # What begins alike would be taken for the live one.
    assert not store.copy_prefix.startswith(store.prefix)
    assert len(store.copy_prefix) <= 30


@pytest.mark.parametrize(("stack", "changes"), CASES)
def test_every_value_of_a_store_is_the_resources_own(stack: str, changes: dict[str, Any]) -> None:
    _, found, evaluation = seen(stack, changes)
    (aurora,), (node,) = found.stores_of(AuroraCluster), found.stores_of(RedisNode)
    (clickhouse,) = found.stores_of(ClickHouseHost)
    cluster = evaluation.one("aws:rds/cluster:Cluster", f"{aurora.identifier}-cluster").inputs
    (redis,) = (one.inputs for one in evaluation.custom() if one.type.endswith(":ReplicationGroup"))
    public = {one.inputs["publiclyAccessible"] for one in evaluation.custom() if one.type.endswith(":ClusterInstance")}
    volumes = [one for one in evaluation.custom() if one.type == "aws:ebs/volume:Volume"]
    secrets = inputs(evaluation, "aws:secretsmanager/secret:Secret", "name")
    ranges = {
        one.inputs["cidrIpv4"]
        for one in evaluation.custom()
        if one.type.endswith(":SecurityGroupIngressRule") and one.name.startswith(f"{aurora.identifier}-")
        if "cidrIpv4" in one.inputs
    }
    assert {
        "Aurora": (cluster["engineVersion"], ranges if public == {True} else None),
        "Redis": (redis["engine"], redis["engineVersion"]),
        "ClickHouse": {(one.inputs["availabilityZone"], one.inputs["size"]) for one in volumes},
        "secrets": {node.secret, clickhouse.secret} - secrets,
    } == {
        "Aurora": (aurora.version, None if aurora.allowed_cidrs is None else set(aurora.allowed_cidrs)),
        "Redis": (node.engine, node.version),
        "ClickHouse": {(clickhouse.zone, clickhouse.volume_gib)},
        "secrets": set(),
    }


@pytest.mark.parametrize(("stack", "changes"), CASES)
def test_every_value_is_the_resources_own(stack: str, changes: dict[str, Any]) -> None:
    _, found, evaluation = seen(stack, changes)
    proxied = {
        one.inputs["proxied"]
        for one in evaluation.custom()
        if one.type.endswith(":DnsRecord") and one.inputs["name"] in found.certified_hostnames
    }
    tasks = {
        one.inputs["family"]: one.inputs["runtimePlatform"]["cpuArchitecture"]
        for one in evaluation.custom()
        if one.type == "aws:ecs/taskDefinition:TaskDefinition"
    }
    assert {
        "is_proxied": proxied == {True},
        "alarm_emails": inputs(evaluation, "aws:sns/topicSubscription:TopicSubscription", "endpoint"),
        "dns_zone_id": inputs(evaluation, "cloudflare:index/dnsRecord:DnsRecord", "zoneId"),
        "makes repositories": bool(names(evaluation, "aws:ecr/repository:Repository")),
        "deployed": tasks,
    } == {
        "is_proxied": found.is_proxied,
        "alarm_emails": set(found.alarm_emails),
        "dns_zone_id": {found.dns_zone_id},
        "makes repositories": found.shared.is_owner,
        "deployed": {service.name: found.deployed[service.service].architecture for service in found.services},
    }


def test_nothing_of_the_landscape_is_left_out_here() -> None:
    # A field that is added belongs into one of the tests above.
    assert {field.name for field in fields(Landscape)} == {
        "stack",
        "region",
        "account_id",
        "registry_region",
        "tag_prefix",
        "deployed",
        "services",
        "hostnames",
        "dns_zone",
        "dns_zone_id",
        "certificate_names",
        "stores",
        "hosts",
        "host_images",
        "host_release",
        "accepted_releases",
        "unseen_steps",
        "unseen_invariants",
        "alarm_prefix",
        "is_proxied",
        "alarm_emails",
        "running_hours",
        "log_group_prefix",
        "log_groups",
        "shared",
    }
