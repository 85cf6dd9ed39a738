"""Every name and value of the description, held against what the program registers: none is invented, none missed."""

import json
from dataclasses import fields
from typing import Any

import pytest

from tests.support.registered import described, inputs, names, registered
from tests.zelly_infra.evaluations import STACKS, evaluation_of
from tests.zelly_infra.stack_files import environment_of, with_changes
from tests.zelly_infra.switches import with_switch
from workbench.evaluate import Evaluation
from workbench.operations.deploys.environment import deployed_services
from workbench.operations.deploys.service import Deployable
from workbench.program import Description
from workbench.review.cost.savings import changes_of
from workbench.stores import AuroraCluster, ClickHouseHost, RedisNode
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


def seen(stack: str, changes: dict[str, Any]) -> tuple[Description, tuple[Deployable, ...], Evaluation]:
    config = EnvironmentConfig.model_validate_json(json.dumps(with_changes(environment_of(stack), changes)))
    description = PROGRAM.describe(config)
    return (
        description,
        deployed_services(PROGRAM, description),
        with_switch(stack, changes) if changes else evaluation_of(stack),
    )


@pytest.mark.parametrize(("stack", "changes"), CASES)
def test_every_name_is_registered_and_nothing_registered_is_missed(stack: str, changes: dict[str, Any]) -> None:
    found, _, evaluation = seen(stack, changes)
    assert described(PROGRAM, found) == registered(found, evaluation)


@pytest.mark.parametrize(("stack", "changes"), CASES)
def test_what_pulumi_names_begins_as_it_is_looked_for(stack: str, changes: dict[str, Any]) -> None:
    found, _, evaluation = seen(stack, changes)
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
    found, _, evaluation = seen(stack, changes)
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
    found, services, evaluation = seen(stack, changes)
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
        "deployed": {service.name: found.deployed[service.service].architecture for service in services},
    }


def test_nothing_of_the_description_is_left_out_here() -> None:
    # A field that is added belongs into one of the tests above.
    assert {field.name for field in fields(Description)} == {
        "backups",
        "stack",
        "region",
        "account_id",
        "registry_region",
        "tag_prefix",
        "deployed",
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
        # Of programs whose services run under systemd on hosts; none of Zelly's do.
        "edge",
        "host_runtimes",
        "releases",
        # Of programs with alert channels, which tests/programs/test_alarms.py looks at.
        "alert_topics",
    }
