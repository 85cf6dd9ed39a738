import json
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from tests.workbench.sandbox.network import Network, make_network
from workbench.sandbox.errors import AwsRefusalError, SandboxError

SUBNET_GROUP = "aws:rds/subnetGroup:SubnetGroup"
PARAMETER_GROUP = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
CLUSTER = "aws:rds/cluster:Cluster"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"


@pytest.fixture(scope="module")
def network(sandbox: Sandbox) -> Network:
    return make_network(sandbox)


def cluster(identifier: str, **other: Any) -> dict[str, Any]:
    return {
        "clusterIdentifier": identifier,
        "engine": "aurora-mysql",
        "engineVersion": "8.0.mysql_aurora.3.08.2",
        "masterUsername": "root",
        "masterPassword": "x7Kq" * 10,
        "skipFinalSnapshot": True,
        **other,
    }


def instance(identifier: str, **other: Any) -> dict[str, Any]:
    return {
        "identifier": f"{identifier}-1",
        "clusterIdentifier": identifier,
        "engine": "aurora-mysql",
        "instanceClass": "db.serverless",
        **other,
    }


def found_cluster(sandbox: Sandbox, identifier: str) -> dict[str, Any]:
    (found,) = sandbox.client("rds").describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"]
    return found


def cluster_identifiers(sandbox: Sandbox) -> list[str]:
    return [found["DBClusterIdentifier"] for found in sandbox.client("rds").describe_db_clusters()["DBClusters"]]


def snapshots(sandbox: Sandbox, identifier: str) -> list[tuple[str, str]]:
    found = sandbox.client("rds").describe_db_cluster_snapshots()["DBClusterSnapshots"]
    return [
        (snapshot["DBClusterSnapshotIdentifier"], snapshot["SnapshotType"])
        for snapshot in found
        if snapshot["DBClusterIdentifier"] == identifier
    ]


def test_subnet_group_changes_and_can_be_changed_again_and_deleted(sandbox: Sandbox, network: Network) -> None:
    rds = sandbox.client("rds")
    name = "rds-changes"
    sandbox.create(SUBNET_GROUP, name, name=name, description="First", subnetIds=network.subnet_ids[:2])
    for description, subnet_ids in (("First", network.subnet_ids), ("Second", network.subnet_ids[1:])):
        sandbox.update(SUBNET_GROUP, name, name=name, description=description, subnetIds=subnet_ids)
        (found,) = rds.describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"]
        assert found["DBSubnetGroupDescription"] == description
        assert [subnet["SubnetIdentifier"] for subnet in found["Subnets"]] == subnet_ids
    sandbox.delete(SUBNET_GROUP, name)
    sandbox.delete(SUBNET_GROUP, name)
    with pytest.raises(rds.exceptions.DBSubnetGroupNotFoundFault):
        rds.describe_db_subnet_groups(DBSubnetGroupName=name)


def test_parameters_are_set_and_reset(sandbox: Sandbox) -> None:
    rds = sandbox.client("rds")
    shared = {"name": "rds-changes", "family": "aurora-mysql8.0", "description": "TLS only"}
    tls = {"name": "require_secure_transport", "value": "ON"}
    sandbox.create(PARAMETER_GROUP, "changed", **shared, parameters=[tls, {"name": "long_query_time", "value": "1"}])
    sandbox.update(PARAMETER_GROUP, "changed", **shared, parameters=[tls, {"name": "slow_query_log", "value": "1"}])

    def parameters() -> dict[str, str]:
        found = rds.describe_db_cluster_parameters(DBClusterParameterGroupName="rds-changes")["Parameters"]
        return {parameter["ParameterName"]: parameter["ParameterValue"] for parameter in found}

    assert parameters() == {"require_secure_transport": "ON", "slow_query_log": "1"}
    sandbox.update(PARAMETER_GROUP, "changed", **shared)
    assert parameters() == {}
    sandbox.delete(PARAMETER_GROUP, "changed")
    sandbox.delete(PARAMETER_GROUP, "changed")
    names = [
        group["DBClusterParameterGroupName"]
        for group in rds.describe_db_cluster_parameter_groups()["DBClusterParameterGroups"]
    ]
    assert "rds-changes" not in names


SMALL: dict[str, Any] = {
    "serverlessv2ScalingConfiguration": {"minCapacity": 0.5, "maxCapacity": 4},
    "backupRetentionPeriod": 3,
    "deletionProtection": True,
    "enabledCloudwatchLogsExports": ["audit", "error"],
}


def test_cluster_is_changed_in_place(sandbox: Sandbox, network: Network) -> None:
    name = "rds-changed"
    group = sandbox.create(PARAMETER_GROUP, name, family="aurora-mysql8.0").id
    created = sandbox.create(CLUSTER, name, **cluster(name, **SMALL))
    changed = cluster(
        name,
        engineVersion="8.0.mysql_aurora.3.09.0",
        masterPassword="n3Wf" * 10,
        serverlessv2ScalingConfiguration={"minCapacity": 1, "maxCapacity": 16},
        backupRetentionPeriod=14,
        copyTagsToSnapshot=True,
        dbClusterParameterGroupName=group,
        deletionProtection=False,
        enabledCloudwatchLogsExports=["error", "slowquery"],
        iamDatabaseAuthenticationEnabled=True,
        networkType="DUAL",
        port=3307,
        preferredBackupWindow="01:00-01:30",
        preferredMaintenanceWindow="sun:21:00-sun:21:30",
        storageType="aurora-iopt1",
        vpcSecurityGroupIds=[network.security_group_id],
        tags={"Name": name},
    )
    sandbox.update(CLUSTER, name, **changed)
    found = found_cluster(sandbox, name)
    wanted: dict[str, Any] = {
        "EngineVersion": "8.0.mysql_aurora.3.09.0",
        "ServerlessV2ScalingConfiguration": {"MinCapacity": 1.0, "MaxCapacity": 16.0},
        "BackupRetentionPeriod": 14,
        "CopyTagsToSnapshot": True,
        "DBClusterParameterGroup": group,
        "DeletionProtection": False,
        "EnabledCloudwatchLogsExports": ["error", "slowquery"],
        "IAMDatabaseAuthenticationEnabled": True,
        "NetworkType": "DUAL",
        "Port": 3307,
        "PreferredBackupWindow": "01:00-01:30",
        "PreferredMaintenanceWindow": "sun:21:00-sun:21:30",
        "StorageType": "aurora-iopt1",
        "VpcSecurityGroups": [{"VpcSecurityGroupId": network.security_group_id, "Status": "active"}],
        "DbClusterResourceId": created.outputs["clusterResourceId"],
    }
    assert {key: found.get(key) for key in wanted} == wanted
    assert tags_of(found["TagList"]) == {"Project": "shop", "Name": name}
    sandbox.update(CLUSTER, name, **{**changed, "backupRetentionPeriod": 7})
    assert {key: found_cluster(sandbox, name).get(key) for key in wanted} == {**wanted, "BackupRetentionPeriod": 7}


def test_instance_is_changed_in_place(sandbox: Sandbox) -> None:
    name = "rds-instance"
    sandbox.create(CLUSTER, name, **cluster(name))
    sandbox.create(
        INSTANCE, name, **instance(name, performanceInsightsEnabled=True, performanceInsightsRetentionPeriod=7)
    )
    sandbox.update(
        INSTANCE,
        name,
        **instance(
            name,
            instanceClass="db.r6g.large",
            autoMinorVersionUpgrade=False,
            caCertIdentifier="rds-ca-ecc384-g1",
            performanceInsightsEnabled=True,
            performanceInsightsRetentionPeriod=31,
            preferredMaintenanceWindow="sun:21:00-sun:21:30",
            promotionTier=3,
            publiclyAccessible=True,
            tags={"Name": name},
        ),
    )
    (found,) = sandbox.client("rds").describe_db_instances(DBInstanceIdentifier=f"{name}-1")["DBInstances"]
    wanted = {
        "DBInstanceClass": "db.r6g.large",
        "AutoMinorVersionUpgrade": False,
        "CACertificateIdentifier": "rds-ca-ecc384-g1",
        "PerformanceInsightsEnabled": True,
        "PerformanceInsightsRetentionPeriod": 31,
        "PreferredMaintenanceWindow": "sun:21:00-sun:21:30",
        "PromotionTier": 3,
        "PubliclyAccessible": True,
    }
    assert {key: found.get(key) for key in wanted} == wanted
    assert tags_of(found["TagList"]) == {"Project": "shop", "Name": name}


def test_performance_insights_are_switched_off_and_their_retention_left_out(sandbox: Sandbox) -> None:
    name = "rds-insights"
    sandbox.create(CLUSTER, name, **cluster(name))
    sandbox.create(
        INSTANCE, name, **instance(name, performanceInsightsEnabled=True, performanceInsightsRetentionPeriod=7)
    )
    sandbox.update(INSTANCE, name, **instance(name, performanceInsightsEnabled=False))
    (found,) = sandbox.client("rds").describe_db_instances(DBInstanceIdentifier=f"{name}-1")["DBInstances"]
    assert found["PerformanceInsightsEnabled"] is False
    assert "PerformanceInsightsRetentionPeriod" not in found


def test_new_instance_has_nothing_of_a_deleted_one_of_its_name(sandbox: Sandbox) -> None:
    name = "rds-again"
    rds = sandbox.client("rds")
    sandbox.create(CLUSTER, name, **cluster(name))
    sandbox.create(INSTANCE, name, **instance(name, performanceInsightsEnabled=True))
    sandbox.delete(INSTANCE, name)
    sandbox.delete(INSTANCE, name)
    with pytest.raises(rds.exceptions.DBInstanceNotFoundFault):
        rds.describe_db_instances(DBInstanceIdentifier=f"{name}-1")
    sandbox.create(INSTANCE, name, **instance(name))
    (found,) = rds.describe_db_instances(DBInstanceIdentifier=f"{name}-1")["DBInstances"]
    assert found.get("PerformanceInsightsEnabled", False) is False


def test_cluster_goes_after_its_instances_and_leaves_nothing(sandbox: Sandbox) -> None:
    name = "rds-gone"
    sandbox.create(CLUSTER, name, **cluster(name))
    sandbox.create(INSTANCE, name, **instance(name))
    assert [kind for _, kind in snapshots(sandbox, name)] == ["automated"]
    with pytest.raises(AwsRefusalError, match="DeleteDBCluster failed with"):
        sandbox.delete(CLUSTER, name)
    sandbox.delete(INSTANCE, name)
    sandbox.delete(CLUSTER, name)
    sandbox.delete(CLUSTER, name)
    assert name not in cluster_identifiers(sandbox)
    assert snapshots(sandbox, name) == []


def test_protected_cluster_is_not_deleted(sandbox: Sandbox) -> None:
    name = "rds-protected"
    sandbox.create(CLUSTER, name, **cluster(name, deletionProtection=True))
    with pytest.raises(AwsRefusalError, match="Cannot delete protected Cluster"):
        sandbox.delete(CLUSTER, name)
    assert name in cluster_identifiers(sandbox)
    assert [kind for _, kind in snapshots(sandbox, name)] == ["automated"]


def test_final_snapshot_outlives_its_cluster(sandbox: Sandbox) -> None:
    name = "rds-final"
    sandbox.create(CLUSTER, name, **cluster(name, skipFinalSnapshot=False, finalSnapshotIdentifier=f"{name}-last"))
    sandbox.delete(CLUSTER, name)
    assert name not in cluster_identifiers(sandbox)
    assert snapshots(sandbox, name) == [(f"{name}-last", "manual")]


def test_cluster_without_a_word_about_its_last_snapshot_is_not_deleted(sandbox: Sandbox) -> None:
    name = "rds-careless"
    sandbox.create(CLUSTER, name, **cluster(name, skipFinalSnapshot=False))
    with pytest.raises(SandboxError, match=r"^finalSnapshotIdentifier is required when skipFinalSnapshot is false$"):
        sandbox.delete(CLUSTER, name)
    assert name in cluster_identifiers(sandbox)


def test_change_to_an_unknown_parameter_group_or_cluster_is_refused(sandbox: Sandbox) -> None:
    name = "rds-refused"
    sandbox.create(CLUSTER, name, **cluster(name))
    with pytest.raises(AwsRefusalError, match="ModifyDBCluster failed with DBClusterParameterGroupNotFound"):
        sandbox.update(CLUSTER, name, **cluster(name, dbClusterParameterGroupName="lost"))
    rds = sandbox.client("rds")
    with pytest.raises(rds.exceptions.DBClusterNotFoundFault):
        rds.modify_db_cluster(DBClusterIdentifier="lost", BackupRetentionPeriod=7)


SUBSCRIPTION = "aws:rds/eventSubscription:EventSubscription"


def topic_with_policy(sandbox: Sandbox, name: str, service: str) -> str:
    arn = sandbox.create("aws:sns/topic:Topic", name).id
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sns:Publish", "Resource": arn}
    sandbox.create("aws:sns/topicPolicy:TopicPolicy", name, arn=arn, policy=json.dumps({"Statement": [statement]}))
    return arn


def found_subscription(sandbox: Sandbox, name: str) -> dict[str, Any]:
    answer = sandbox.client("rds").describe_event_subscriptions(SubscriptionName=name)
    (found,) = answer["EventSubscriptionsList"]
    return {key: found.get(key) for key in ("SnsTopicArn", "SourceType", "EventCategoriesList", "Enabled")}


def test_event_subscription_is_switched_on_changes_and_can_be_deleted(sandbox: Sandbox) -> None:
    first, second = (
        topic_with_policy(sandbox, name, "events.rds.amazonaws.com") for name in ("db-events", "db-events-2")
    )
    inputs = {"name": "failures", "snsTopic": first, "sourceType": "db-cluster", "eventCategories": ["failure"]}
    sandbox.create(SUBSCRIPTION, "failures", **inputs)
    kept = {"SourceType": "db-cluster", "SnsTopicArn": first}
    assert found_subscription(sandbox, "failures") == {**kept, "EventCategoriesList": ["failure"], "Enabled": True}
    changed = {**inputs, "snsTopic": second, "eventCategories": ["failure", "failover"]}
    sandbox.update(SUBSCRIPTION, "failures", **changed)
    assert found_subscription(sandbox, "failures") == {
        **kept,
        "SnsTopicArn": second,
        "EventCategoriesList": ["failure", "failover"],
        "Enabled": True,
    }
    sandbox.update(SUBSCRIPTION, "failures", **changed, enabled=False)
    assert found_subscription(sandbox, "failures")["Enabled"] is False
    sandbox.delete(SUBSCRIPTION, "failures")
    names = sandbox.client("rds").describe_event_subscriptions()["EventSubscriptionsList"]
    assert [each["CustSubscriptionId"] for each in names if each["CustSubscriptionId"] == "failures"] == []


@pytest.mark.parametrize(
    ("service", "code"), [("cloudwatch.amazonaws.com", "SNSNoAuthorization"), (None, "SNSTopicArnNotFound")]
)
def test_event_subscription_needs_a_topic_that_rds_may_publish_to(
    sandbox: Sandbox, service: str | None, code: str
) -> None:
    missing = "arn:aws:sns:eu-west-1:123456789012:missing"
    arn = missing if service is None else topic_with_policy(sandbox, "closed-topic", service)
    with pytest.raises(AwsRefusalError, match=code):
        sandbox.create(SUBSCRIPTION, f"refused-{code}", snsTopic=arn, sourceType="db-cluster")
