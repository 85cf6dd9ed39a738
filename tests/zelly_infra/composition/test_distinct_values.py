"""Facts that happen to have equal values in the stack files, each shown to reach its own property.

Thirty days are the retention of five logs there; in :data:`~tests.zelly_infra.composition.distinct.DISTINCT` no two
are alike.
"""

import functools
import json
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any

import pytest

from tests.zelly_infra.composition.distinct import DISTINCT
from tests.zelly_infra.config.settings import ANY, settings
from tests.zelly_infra.evaluations import evaluation_with
from workbench.evaluate import Evaluation
from zelly_infra.catalog import REPOSITORIES, SERVICES

Property = tuple[str, str, str]
"""The end of a resource's type, its short name as a pattern, and the way to the input."""

ALARM = "threshold"

REACHES: dict[str, Property] = {
    "network/flow_log_retention_days": ("LogGroup", "network-flow-logs", "retentionInDays"),
    "network/nat_instance/ami_id": ("Instance", "network-nat-instance", "ami"),
    "network/nat_instance/instance_type": ("Instance", "network-nat-instance", "instanceType"),
    "network/nat_instance/log_retention_days": ("LogGroup", "network-nat-logs", "retentionInDays"),
    **{
        f"containers/log_retention_days {one.name}": ("LogGroup", f"{one.name}-logs", "retentionInDays")
        for one in SERVICES
    },
    **{
        f"services/{one.name}/{key}": (token, f"{one.name}-{name}", way)
        for one in SERVICES
        for key, token, name, way in (
            ("cpu_units", "TaskDefinition", "task-definition", "cpu"),
            ("memory_mib", "TaskDefinition", "task-definition", "memory"),
            ("minimum_tasks", "Target", "scaling-target", "minCapacity"),
            ("maximum_tasks", "Target", "scaling-target", "maxCapacity"),
            ("cpu_target_percent", "Policy", "cpu-scaling", "targetTrackingScalingPolicyConfiguration/targetValue"),
        )
    },
    "load_balancing/access_log_retention_days": (
        "BucketLifecycleConfiguration",
        "access-logs-lifecycle",
        "rules/*/expiration/days",
    ),
    "storefront/user_id": ("AccessPoint", "caddy-access-point", "posixUser/uid"),
    "storefront/user_id owner": ("AccessPoint", "caddy-access-point", "rootDirectory/creationInfo/ownerUid"),
    "storefront/group_id": ("AccessPoint", "caddy-access-point", "posixUser/gid"),
    "storefront/group_id owner": ("AccessPoint", "caddy-access-point", "rootDirectory/creationInfo/ownerGid"),
    "aurora/minimum_capacity_acu": ("Cluster", "aurora-cluster", "serverlessv2ScalingConfiguration/minCapacity"),
    "aurora/maximum_capacity_acu": ("Cluster", "aurora-cluster", "serverlessv2ScalingConfiguration/maxCapacity"),
    "aurora/backup_retention_days": ("Cluster", "aurora-cluster", "backupRetentionPeriod"),
    "aurora/backup_window": ("Cluster", "aurora-cluster", "preferredBackupWindow"),
    "aurora/maintenance_window": ("Cluster", "aurora-cluster", "preferredMaintenanceWindow"),
    "aurora/maintenance_window instances": ("ClusterInstance", "aurora-instance-*", "preferredMaintenanceWindow"),
    "aurora/log_retention_days": ("LogGroup", "aurora-*-log", "retentionInDays"),
    "redis/node_type": ("ReplicationGroup", "redis", "nodeType"),
    "redis/snapshot_retention_days": ("ReplicationGroup", "redis", "snapshotRetentionLimit"),
    "redis/snapshot_window": ("ReplicationGroup", "redis", "snapshotWindow"),
    "redis/maintenance_window": ("ReplicationGroup", "redis", "maintenanceWindow"),
    "clickhouse/instance_type": ("Instance", "clickhouse-instance", "instanceType"),
    "clickhouse/ami_id": ("Instance", "clickhouse-instance", "ami"),
    "clickhouse/availability_zone": ("Volume", "clickhouse-data", "availabilityZone"),
    "clickhouse/volume_gib": ("Volume", "clickhouse-data", "size"),
    "clickhouse/snapshots_kept": (
        "LifecyclePolicy",
        "clickhouse-snapshots",
        "policyDetails/schedules/*/retainRule/count",
    ),
    "clickhouse/log_retention_days": ("LogGroup", "clickhouse-logs", "retentionInDays"),
    "bastion/instance_type": ("Instance", "bastion-instance", "instanceType"),
    "bastion/ami_id": ("Instance", "bastion-instance", "ami"),
    "bastion/wireguard_port": ("SecurityGroupIngressRule", "bastion-sg-from-vpn-clients-udp-*", "fromPort"),
    "bastion/log_retention_days": ("LogGroup", "bastion-logs", "retentionInDays"),
    "dns/ttl_seconds": ("DnsRecord", "*", "ttl"),
    "secrets/recovery_window_days": ("Secret", "*", "recoveryWindowInDays"),
    "alarms/http_5xx_percent": ("MetricAlarm", "monitoring-*-5xx", ALARM),
    "alarms/cpu_percent": ("MetricAlarm", "monitoring-*-cpu", ALARM),
    "alarms/memory_percent": ("MetricAlarm", f"monitoring-{SERVICES[0].name}-memory", ALARM),
    "alarms/redis_memory_percent": ("MetricAlarm", "monitoring-redis-memory", ALARM),
    "alarms/host_memory_percent": ("MetricAlarm", "monitoring-clickhouse-memory", ALARM),
    "alarms/disk_percent": ("MetricAlarm", "monitoring-*-disk", ALARM),
}
"""By path; a word behind it tells one of several properties from another."""

ELSEWHERE = {
    "containers/capacity_providers/*/weight": "test_capacity_providers",
    "containers/capacity_providers/*/base": "test_capacity_providers",
    "storefront/load_balancer_zones": "test_counts",
    "aurora/instances": "test_counts",
    "aurora/seconds_until_auto_pause": "test_switches_that_save.py",
    "clickhouse/instance_memory_mib": "test_memory_of_clickhouse",
    "registry/images_kept_per_prefix": "test_registry",
    "registry/deployed_images_kept_per_prefix": "test_registry",
    "registry/untagged_retention_days": "test_registry",
    "github/organization_id": "test_github_subjects.py",
    "github/repository_ids/*": "test_github_subjects.py",
    "alarms/minimum_requests": "test_alarms_that_count",
    "alarms/aurora_capacity_percent": "test_alarms_that_count",
}
"""Numbers that are no input by themselves, and where they are shown to arrive."""


@functools.cache
def evaluated() -> Evaluation:
    return evaluation_with("staging", DISTINCT)


def inputs(token: str, name: str) -> list[dict[str, Any]]:
    return [
        resource.inputs
        for resource in evaluated().custom()
        if resource.type.rpartition(":")[2] == token and fnmatch(resource.name.removeprefix("zelly-staging-"), name)
    ]


def at(value: Any, way: str) -> Iterator[Any]:
    first, _, rest = way.partition("/")
    for one in value if first == ANY else [value[first]]:
        if rest:
            yield from at(one, rest)
        else:
            yield one


def given(path: str) -> Any:
    """Return the value of a path in what is evaluated."""
    if path in DISTINCT:
        return DISTINCT[path]
    parent, _, key = path.rpartition("/")
    return DISTINCT[parent][key]


@pytest.mark.parametrize("path", REACHES)
def test_each_value_reaches_its_own_property(path: str) -> None:
    token, name, way = REACHES[path]
    found = [value for one in inputs(token, name) for value in at(one, way)]
    assert {str(value).removesuffix(".0") for value in found} == {str(given(path.partition(" ")[0]))}


def test_no_number_and_no_window_is_left_out() -> None:
    wanted = {
        setting.path
        for setting in settings()
        if setting.kind in {int, float} or setting.path.endswith(("_window", "instance_type", "node_type", "ami_id"))
    }
    shown = {path.partition(" ")[0].replace(f"services/{SERVICES[0].name}/", "services/*/") for path in REACHES}
    assert wanted - shown == set(ELSEWHERE)


def test_no_two_values_of_a_kind_are_alike() -> None:
    by_property: dict[str, list[Any]] = {}
    for path, (_, _, way) in REACHES.items():
        if " " not in path:
            by_property.setdefault(way, []).append(given(path))
    assert [way for way, values in by_property.items() if len(set(map(str, values))) != len(values)] == []


def test_capacity_providers() -> None:
    strategies = [one["capacityProviderStrategies"] for one in inputs("Service", "*")]
    wanted = [
        {"capacityProvider": "FARGATE", "weight": 11, "base": 12},
        {"capacityProvider": "FARGATE_SPOT", "weight": 13, "base": 0},
    ]
    assert strategies == [wanted] * len(SERVICES)


def test_counts() -> None:
    assert len(inputs("ClusterInstance", "aurora-instance-*")) == DISTINCT["aurora/instances"]
    (balancer,) = inputs("LoadBalancer", "nlb-storefront")
    assert len(balancer["subnetMappings"]) == DISTINCT["storefront/load_balancer_zones"]


def test_registry() -> None:
    policies = [json.loads(one["policy"])["rules"] for one in inputs("LifecyclePolicy", "registry-*")]
    kept = [[(*one.get("tagPrefixList", ()), one["countNumber"]) for one in selections(rules)] for rules in policies]
    wanted = [("deployed-prod", 44), ("deployed-staging", 44), ("prod", 43), ("staging", 43), (45,)]
    assert kept == [wanted] * len(REPOSITORIES)


def selections(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [rule["selection"] for rule in rules]


def test_alarms_that_count() -> None:
    (capacity,) = inputs("MetricAlarm", "monitoring-aurora-capacity")
    # 65 % of 17.5 ACU.
    assert capacity["threshold"] == 11.375
    (errors,) = inputs("MetricAlarm", "monitoring-alb-nova-5xx")
    expressions = [query["expression"] for query in errors["metricQueries"] if "expression" in query]
    assert any(re.search(r"\b62\b", expression) for expression in expressions)


def test_clickhouses_host_stands_in_the_zone_of_its_volume() -> None:
    (host,) = inputs("Instance", "clickhouse-instance")
    letter = DISTINCT["clickhouse/availability_zone"][-1]
    assert host["subnetId"] == f"${{zelly-staging-network-private-{letter}.id}}"


def test_memory_of_clickhouse() -> None:
    (config,) = inputs("Parameter", "clickhouse-config")
    # Three quarters of 8192 MiB.
    assert "<max_server_memory_usage>6442450944</max_server_memory_usage>" in config["insecureValue"]
