"""Aurora, Redis, EFS, secrets, keys and parameters."""

from typing import Any

import pytest

from tests.workbench.review.cost.plans import Recorded, charges, plan, three, usage
from workbench.review.cost import stores
from workbench.review.cost.plan import Charge

ACU = "aurora.mysql.serverless_v2.acu_hour"
HOURS = ("730", "730", "730")


def _cluster(**inputs: Any) -> Recorded:
    scaling = {"minCapacity": 0.5, "maxCapacity": 8}
    return Recorded(
        type="aws:rds/cluster:Cluster",
        name="db",
        inputs={"engine": "aurora-mysql", "serverlessv2ScalingConfiguration": scaling, **inputs},
    )


def _instance(**inputs: Any) -> Recorded:
    return Recorded(
        type="aws:rds/clusterInstance:ClusterInstance",
        inputs={"clusterIdentifier": "${db.id}", "instanceClass": "db.serverless", **inputs},
    )


def _of_instance(cluster: Recorded, instance: Recorded, **assumed: Any) -> list[tuple[str, ...]]:
    return charges([*stores.aurora_instance(instance, plan(cluster, instance, assumed=usage(**assumed)))])


def test_serverless_capacity_is_average_times_hours_within_the_clusters_bounds() -> None:
    found = _of_instance(_cluster(), _instance(), aurora__average_acu=three(0.1, 1, 20))
    assert found == [(ACU, "365", "730", "5840")]


def test_pausing_cluster_pays_only_its_active_hours() -> None:
    pausing = _cluster(serverlessv2ScalingConfiguration={"minCapacity": 0, "maxCapacity": 2})
    assumed = {"aurora__average_acu": three(1, 1, 1), "aurora__active_hours_per_month": three(50, 220, 730)}
    assert _of_instance(pausing, _instance(), **assumed) == [(ACU, "50", "220", "730")]
    assert _of_instance(_cluster(), _instance(), **assumed) == [(ACU, *HOURS)]


def test_stopped_cluster_is_active_only_while_it_runs() -> None:
    pausing = _cluster(serverlessv2ScalingConfiguration={"minCapacity": 0, "maxCapacity": 2})
    assumed = {
        "aurora__average_acu": three(1, 1, 1),
        "aurora__active_hours_per_month": three(50, 220, 730),
        "aurora__running_hours_per_month": three(100, 200, 300),
    }
    assert _of_instance(pausing, _instance(), **assumed) == [(ACU, "50", "200", "300")]


def test_io_optimized_cluster_pays_more_for_capacity_and_nothing_for_requests() -> None:
    cluster = _cluster(storageType="aurora-iopt1")
    assumed = usage(aurora__storage_gb=three(1, 2, 3), aurora__backup_gb_charged=three(0, 0, 1))
    assert charges([*stores.aurora_cluster(cluster, plan(cluster, assumed=assumed))]) == [
        ("aurora.storage.gb_month.io_optimized", "1", "2", "3"),
        ("aurora.backup.gb_month", "0", "0", "1"),
    ]
    ((item, *_),) = _of_instance(cluster, _instance())
    assert item == f"{ACU}.io_optimized"


def test_standard_cluster_pays_for_storage_requests_and_backups() -> None:
    cluster = _cluster()
    assumed = usage(aurora__storage_gb=three(1, 2, 3), aurora__io_million_per_month=three(4, 5, 6))
    found = charges([*stores.aurora_cluster(cluster, plan(cluster, assumed=assumed))])
    assert found[:2] == [("aurora.storage.gb_month", "1", "2", "3"), ("aurora.io.million", "4", "5", "6")]


def test_other_engines_are_not_priced_as_mysql() -> None:
    cluster = _cluster(engine="aurora-postgresql")
    assert charges([*stores.aurora_cluster(cluster, plan(cluster))]) == [
        ("unknown", "engine aurora-postgresql", "", "")
    ]


def test_public_instance_has_an_address_and_a_fixed_size_its_own_item() -> None:
    found = _of_instance(_cluster(), _instance(instanceClass="db.r6g.large", publiclyAccessible=True))
    assert found == [("aurora.mysql.db.r6g.large.hour", *HOURS), ("ipv4.public.hour", *HOURS)]


@pytest.mark.parametrize(("days", "named"), [(7, 0), (8, 1)])
def test_insights_beyond_the_free_days_are_named(days: int, named: int) -> None:
    _, *found = _of_instance(_cluster(), _instance(performanceInsightsRetentionPeriod=days))
    assert found == [("unknown", "Database Insights kept for longer than the free 7 days", "", "")] * named


def test_instance_whose_cluster_has_no_capacity_or_is_elsewhere_is_named() -> None:
    bare = Recorded(type="aws:rds/cluster:Cluster", name="db", inputs={"engine": "aurora-mysql"})
    for instance in (_instance(), _instance(clusterIdentifier="other")):
        assert _of_instance(bare, instance) == [("unknown", "its cluster's capacity is not in the plan", "", "")]


def test_capacity_is_told_in_acu() -> None:
    instance = _instance()
    priced = plan(_cluster(), instance, assumed=usage(aurora__average_acu=three(1, 1.50, 2)))
    (charge,) = stores.aurora_instance(instance, priced)
    assert isinstance(charge, Charge)
    assert charge.what == "Aurora capacity, 1.5 ACU on average"


@pytest.mark.parametrize(
    ("inputs", "nodes"),
    [
        ({}, "730"),
        ({"numCacheClusters": 2}, "1460"),
        ({"numNodeGroups": 2, "replicasPerNodeGroup": 1}, "2920"),
        ({"replicasPerNodeGroup": 1, "numCacheClusters": 5}, "1460"),
        ({"numNodeGroups": 2, "replicasPerNodeGroup": 0}, "1460"),
    ],
)
def test_cache_is_charged_by_its_nodes(inputs: dict[str, Any], nodes: str) -> None:
    group = Recorded(
        type="aws:elasticache/replicationGroup:ReplicationGroup",
        inputs={"engine": "valkey", "nodeType": "cache.t4g.small", "snapshotRetentionLimit": 1, **inputs},
    )
    assert charges([*stores.replication_group(group, plan(group))]) == [
        ("elasticache.valkey.cache.t4g.small.hour", nodes, nodes, nodes)
    ]


@pytest.mark.parametrize(
    ("inputs", "paid"),
    [
        ({}, []),
        ({"snapshotRetentionLimit": 1}, []),
        ({"snapshotRetentionLimit": 2}, [("0.5", "1", "2")]),
        ({"snapshotRetentionLimit": 7}, [("3", "6", "12")]),
    ],
)
def test_one_snapshot_of_a_cache_is_free(inputs: dict[str, int], paid: list[tuple[str, ...]]) -> None:
    group = Recorded(
        type="aws:elasticache/replicationGroup:ReplicationGroup", inputs={"nodeType": "cache.t4g.small", **inputs}
    )
    assumed = usage(storage__redis_snapshot_gb=three(0.5, 1, 2))
    found = charges([*stores.replication_group(group, plan(group, assumed=assumed))])
    assert found == [
        ("elasticache.redis.cache.t4g.small.hour", *HOURS),
        *(("elasticache.backup.gb_month", *quantities) for quantities in paid),
    ]


def test_cache_without_a_node_type_of_its_own_is_named() -> None:
    group = Recorded(type="aws:elasticache/replicationGroup:ReplicationGroup")
    assert charges([*stores.replication_group(group, plan(group))]) == [("unknown", "no node type of its own", "", "")]


@pytest.mark.parametrize(
    ("inputs", "items"),
    [
        ({}, ["efs.standard.gb_month"]),
        ({"throughputMode": "elastic"}, ["efs.standard.gb_month", "efs.elastic.read.gb", "efs.elastic.write.gb"]),
        ({"throughputMode": "provisioned"}, ["efs.standard.gb_month", "unknown"]),
        ({"availabilityZoneName": "a"}, ["unknown"]),
    ],
)
def test_file_system_is_charged_by_its_throughput_mode(inputs: dict[str, Any], items: list[str]) -> None:
    system = Recorded(type="aws:efs/fileSystem:FileSystem", inputs=inputs)
    assert [item for item, *_ in charges([*stores.file_system(system, plan(system))])] == items


@pytest.mark.parametrize(("status", "count"), [("ENABLED", 1), ("DISABLED", 0)])
def test_backups_are_charged_where_they_are_asked_for(status: str, count: int) -> None:
    policy = Recorded(type="aws:efs/backupPolicy:BackupPolicy", inputs={"backupPolicy": {"status": status}})
    assert len([*stores.file_system_backups(policy, plan(policy))]) == count


@pytest.mark.parametrize(("inputs", "count"), [({}, "1"), ({"replicas": [{"region": "eu-west-1"}]}, "2")])
def test_replicated_secret_is_charged_in_each_region(inputs: dict[str, Any], count: str) -> None:
    secret = Recorded(type="aws:secretsmanager/secret:Secret", inputs=inputs)
    assert charges([*stores.secret(secret, plan(secret))]) == [("secrets.secret_month", count, count, count)]


@pytest.mark.parametrize(("rotates", "expected"), [(True, ("1", "2", "3")), (False, ("1", "1", "1"))])
def test_rotations_of_a_key_add_to_it_twice_at_the_most(rotates: bool, expected: tuple[str, ...]) -> None:
    key = Recorded(type="aws:kms/key:Key", inputs={"enableKeyRotation": rotates})
    assumed = usage(requests__kms_key_rotations=three(0, 1, 9))
    assert charges([*stores.key(key, plan(key, assumed=assumed))]) == [("kms.key_month", *expected)]


@pytest.mark.parametrize(
    ("inputs", "count"),
    [
        ({"value": "short"}, 0),
        ({"insecureValue": "x" * 5000}, 0),
        ({"insecureValue": "x" * 4097, "tier": "Intelligent-Tiering"}, 1),
        ({"insecureValue": "x" * 4096, "tier": "Intelligent-Tiering"}, 0),
        ({"value": "short", "tier": "Advanced"}, 1),
    ],
)
def test_only_advanced_parameters_cost(inputs: dict[str, Any], count: int) -> None:
    parameter = Recorded(type="aws:ssm/parameter:Parameter", inputs=inputs)
    assert (
        charges([*stores.parameter(parameter, plan(parameter))]) == [("ssm.parameter.advanced", "1", "1", "1")] * count
    )
