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
        "Aurora": {found.aurora_cluster},
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
    assert f"{redis}-".startswith(found.redis_prefix)


@pytest.mark.parametrize(("stack", "changes"), CASES)
def test_every_value_is_the_resources_own(stack: str, changes: dict[str, Any]) -> None:
    _, found, evaluation = seen(stack, changes)
    cluster = evaluation.one("aws:rds/cluster:Cluster", f"{found.aurora_cluster}-cluster").inputs
    (redis,) = (one.inputs for one in evaluation.custom() if one.type.endswith(":ReplicationGroup"))
    public = {one.inputs["publiclyAccessible"] for one in evaluation.custom() if one.type.endswith(":ClusterInstance")}
    proxied = {
        one.inputs["proxied"]
        for one in evaluation.custom()
        if one.type.endswith(":DnsRecord") and one.inputs["name"] in found.certified_hostnames
    }
    volumes = [one for one in evaluation.custom() if one.type == "aws:ebs/volume:Volume"]
    secrets = inputs(evaluation, "aws:secretsmanager/secret:Secret", "name")
    tasks = {
        one.inputs["family"]: one.inputs["runtimePlatform"]["cpuArchitecture"]
        for one in evaluation.custom()
        if one.type == "aws:ecs/taskDefinition:TaskDefinition"
    }
    ranges = {
        one.inputs["cidrIpv4"]
        for one in evaluation.custom()
        if one.type.endswith(":SecurityGroupIngressRule") and one.name.startswith(f"{found.aurora_cluster}-")
        if "cidrIpv4" in one.inputs
    }
    assert {
        "aurora_version": cluster["engineVersion"],
        "redis_engine": redis["engine"],
        "redis_version": redis["engineVersion"],
        "aurora_cidrs": ranges if public == {True} else None,
        "is_proxied": proxied == {True},
        "alarm_emails": inputs(evaluation, "aws:sns/topicSubscription:TopicSubscription", "endpoint"),
        "dns_zone_id": inputs(evaluation, "cloudflare:index/dnsRecord:DnsRecord", "zoneId"),
        "clickhouse": {(one.inputs["availabilityZone"], one.inputs["size"]) for one in volumes},
        "secrets": {found.redis_secret, found.clickhouse_secret} - secrets,
        "makes repositories": bool(names(evaluation, "aws:ecr/repository:Repository")),
        "deployed": tasks,
    } == {
        "aurora_version": found.aurora_version,
        "redis_engine": found.redis_engine,
        "redis_version": found.redis_version,
        "aurora_cidrs": None if found.aurora_cidrs is None else set(found.aurora_cidrs),
        "is_proxied": found.is_proxied,
        "alarm_emails": set(found.alarm_emails),
        "dns_zone_id": {found.dns_zone_id},
        "clickhouse": {(found.clickhouse_zone, found.clickhouse_volume_gib)},
        "secrets": set(),
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
        "aurora_cluster",
        "aurora_version",
        "redis_engine",
        "redis_version",
        "redis_prefix",
        "redis_secret",
        "clickhouse_zone",
        "clickhouse_volume_gib",
        "clickhouse_secret",
        "hosts",
        "host_images",
        "releases",
        "alarm_prefix",
        "is_proxied",
        "aurora_cidrs",
        "alarm_emails",
        "running_hours",
        "log_group_prefix",
        "log_groups",
        "shared",
        "unseen_invariants",
        "unseen_steps",
    }
