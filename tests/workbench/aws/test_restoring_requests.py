"""What AWS is asked when a store is restored, member by member."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.workbench.aws.stubbed import stubbed
from workbench.aws.backup import Backup, RecoveryPoint
from workbench.aws.ec2.volumes import Ec2Volumes
from workbench.aws.elasticache.snapshots import ElastiCacheSnapshots, NodeSettings
from workbench.aws.rds.restore import ClusterSettings, InstanceSettings, RdsRestore
from workbench.aws.shared.errors import AwsError

MOMENT = datetime(2026, 11, 25, 10, 15, tzinfo=UTC)

CLUSTER = ClusterSettings(
    engine="aurora-mysql",
    engine_version="8.0.mysql_aurora.3.08.2",
    port=3306,
    subnet_group="subnets",
    parameter_group="parameters",
    security_group_ids=("sg-1",),
    is_encrypted=True,
    kms_key="arn:aws:kms:ap-south-1:123456789012:key/one",
    minimum_capacity_acu=0,
    maximum_capacity_acu=8,
    seconds_until_auto_pause=600,
    exported_logs=("error", "slowquery"),
    backup_retention_days=14,
    backup_window="19:00-20:00",
    is_deletion_protected=True,
    copies_tags_to_snapshots=True,
    has_iam_authentication=False,
)
CLUSTER_REQUEST: dict[str, Any] = {
    "SourceDBClusterIdentifier": "live",
    "DBClusterIdentifier": "copy",
    "KmsKeyId": "arn:aws:kms:ap-south-1:123456789012:key/one",
    "Port": 3306,
    "DBSubnetGroupName": "subnets",
    "DBClusterParameterGroupName": "parameters",
    "VpcSecurityGroupIds": ["sg-1"],
    "ServerlessV2ScalingConfiguration": {"MinCapacity": 0, "MaxCapacity": 8, "SecondsUntilAutoPause": 600},
    "EnableCloudwatchLogsExports": ["error", "slowquery"],
    "BackupRetentionPeriod": 14,
    "PreferredBackupWindow": "19:00-20:00",
    "DeletionProtection": True,
    "CopyTagsToSnapshot": True,
    "EnableIAMDatabaseAuthentication": False,
    "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
}
TAGS = {"b": "2", "a": "1"}

INSTANCE = InstanceSettings(
    instance_class="db.serverless",
    is_publicly_accessible=False,
    ca_certificate="rds-ca-rsa2048-g1",
    maintenance_window="sun:20:30-sun:21:30",
    upgrades_minor_versions=False,
    performance_insights_days=7,
)
INSTANCE_REQUEST: dict[str, Any] = {
    "DBInstanceIdentifier": "copy-1",
    "DBClusterIdentifier": "copy",
    "Engine": "aurora-mysql",
    "DBInstanceClass": "db.serverless",
    "DBSubnetGroupName": "subnets",
    "PubliclyAccessible": False,
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "PreferredMaintenanceWindow": "sun:20:30-sun:21:30",
    "AutoMinorVersionUpgrade": False,
    "EnablePerformanceInsights": True,
    "PerformanceInsightsRetentionPeriod": 7,
    "Tags": [],
}

NODE = NodeSettings(
    engine="redis",
    engine_version="7.1",
    node_type="cache.t4g.small",
    port=6379,
    subnet_group="subnets",
    parameter_group="parameters",
    security_group_ids=("sg-1",),
    has_auth_token=True,
    is_encrypted_in_transit=True,
    transit_encryption_mode="required",
    is_encrypted_at_rest=True,
    kms_key=None,
    upgrades_minor_versions=False,
    snapshot_retention_days=7,
    snapshot_window="19:00-20:00",
    maintenance_window="sun:20:30-sun:21:30",
)

POINT = RecoveryPoint(
    arn="arn:aws:backup:ap-south-1:123456789012:recovery-point:one",
    file_system_arn="arn:aws:elasticfilesystem:ap-south-1:123456789012:file-system/fs-1",
    file_system_name="caddy",
    status="COMPLETED",
    created_at=MOMENT,
    size_bytes=1,
)


@pytest.mark.parametrize(
    ("at", "point"), [(MOMENT, {"RestoreToTime": MOMENT}), (None, {"UseLatestRestorableTime": True})]
)
def test_cluster_is_restored_to_one_moment_with_everything_said(at: datetime | None, point: dict[str, Any]) -> None:
    with stubbed() as connection:
        connection.once("rds").add_response("restore_db_cluster_to_point_in_time", {}, {**CLUSTER_REQUEST, **point})
        RdsRestore(connection).restore("live", "copy", at=at, settings=CLUSTER, tags=TAGS)


def test_cluster_that_neither_pauses_nor_has_a_key_is_not_given_them() -> None:
    with stubbed() as connection:
        request = {key: value for key, value in CLUSTER_REQUEST.items() if key != "KmsKeyId"}
        request["ServerlessV2ScalingConfiguration"] = {"MinCapacity": 0.5, "MaxCapacity": 8}
        connection.once("rds").add_response(
            "restore_db_cluster_to_point_in_time", {}, {**request, "UseLatestRestorableTime": True}
        )
        settings = replace(CLUSTER, kms_key=None, minimum_capacity_acu=0.5, seconds_until_auto_pause=None)
        RdsRestore(connection).restore("live", "copy", at=None, settings=settings, tags=TAGS)


def test_instance_is_made_with_everything_said() -> None:
    with stubbed() as connection:
        connection.once("rds").add_response("create_db_instance", {}, INSTANCE_REQUEST)
        RdsRestore(connection).create_instance(
            "copy-1", cluster="copy", engine="aurora-mysql", subnet_group="subnets", settings=INSTANCE, tags={}
        )


def test_node_is_made_of_a_snapshot_with_everything_said() -> None:
    with stubbed() as connection:
        request = {
            "ReplicationGroupId": "copy",
            "ReplicationGroupDescription": "Restored from nightly",
            "SnapshotName": "nightly",
            "Engine": "redis",
            "EngineVersion": "7.1",
            "CacheNodeType": "cache.t4g.small",
            "NumCacheClusters": 1,
            "AutomaticFailoverEnabled": False,
            "MultiAZEnabled": False,
            "Port": 6379,
            "CacheSubnetGroupName": "subnets",
            "CacheParameterGroupName": "parameters",
            "SecurityGroupIds": ["sg-1"],
            "TransitEncryptionEnabled": True,
            "TransitEncryptionMode": "required",
            "AtRestEncryptionEnabled": True,
            "AuthToken": "of-the-live-node-16",
            "AutoMinorVersionUpgrade": False,
            "SnapshotRetentionLimit": 7,
            "SnapshotWindow": "19:00-20:00",
            "PreferredMaintenanceWindow": "sun:20:30-sun:21:30",
            "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
        }
        connection.once("elasticache").add_response("create_replication_group", {}, request)
        ElastiCacheSnapshots(connection).restore(
            "nightly", "copy", settings=NODE, auth_token="of-the-live-node-16", tags=TAGS
        )


def test_refused_token_is_in_no_error() -> None:
    with stubbed() as connection:
        connection.once("elasticache").add_client_error(
            "create_replication_group", "SnapshotNotFoundFault", "nightly not found"
        )
        with pytest.raises(AwsError) as failed:
            ElastiCacheSnapshots(connection).restore(
                "nightly", "copy", settings=NODE, auth_token="of-the-live", tags={}
            )
        assert str(failed.value) == (
            "elasticache:CreateReplicationGroup, replication group copy: SnapshotNotFoundFault: nightly not found"
        )


def test_snapshots_are_the_newest_first_and_of_the_prefix_alone() -> None:
    with stubbed() as connection:

        def described(name: str, group: str, day: int | None) -> dict[str, Any]:
            nodes = [] if day is None else [{"SnapshotCreateTime": datetime(2026, 11, day, tzinfo=UTC)}]
            common = {"SnapshotName": name, "ReplicationGroupId": group, "SnapshotSource": "automated"}
            return {**common, "SnapshotStatus": "available", "NodeSnapshots": nodes}

        answer = [
            described("old", "shop-redis-1a", 1),
            described("new", "shop-redis-2b", 3),
            described("other", "shop-cache", 2),
            described("under-way", "shop-redis-2b", None),
        ]
        connection.repeatable("elasticache").add_response("describe_snapshots", {"Snapshots": answer}, {})
        found = ElastiCacheSnapshots(connection).snapshots("shop-redis-")
        assert [snapshot.name for snapshot in found] == ["new", "old", "under-way"]


def test_volume_is_made_once_of_a_snapshot() -> None:
    with stubbed() as connection:
        request = {
            "SnapshotId": "snap-1",
            "AvailabilityZone": "ap-south-1a",
            "Size": 50,
            "VolumeType": "gp3",
            "Encrypted": True,
            "ClientToken": "shop-production-clickhouse-data-restored-20261125t200000",
            "TagSpecifications": [
                {
                    "ResourceType": "volume",
                    "Tags": [{"Key": "Name", "Value": "shop-production-clickhouse-data-restored-20261125t200000"}],
                }
            ],
        }
        connection.repeatable("ec2").add_response("create_volume", {"VolumeId": "vol-1"}, request)
        tags = {"Name": "shop-production-clickhouse-data-restored-20261125t200000"}
        made = Ec2Volumes(connection).create_volume("snap-1", zone="ap-south-1a", size_gib=50, kms_key=None, tags=tags)
        assert made == "vol-1"


def test_recovery_point_is_restored_into_the_file_system_that_is_there() -> None:
    with stubbed() as connection:
        request = {
            "RecoveryPointArn": POINT.arn,
            "IamRoleArn": "arn:aws:iam::123456789012:role/restoring",
            "IdempotencyToken": "once",
            "ResourceType": "EFS",
            "Metadata": {
                "file-system-id": "fs-1",
                "newFileSystem": "false",
                "Encrypted": "true",
                "PerformanceMode": "generalPurpose",
                "CreationToken": "once",
            },
        }
        connection.repeatable("backup").add_response("start_restore_job", {"RestoreJobId": "job-1"}, request)
        job = Backup(connection).start_restore(
            POINT, file_system_id="fs-1", role_arn="arn:aws:iam::123456789012:role/restoring", token="once"
        )
        assert job == "job-1"


def test_vault_that_is_not_there_yet_holds_nothing() -> None:
    with stubbed() as connection:
        connection.repeatable("backup").add_client_error(
            "list_recovery_points_by_backup_vault", "ResourceNotFoundException", "none"
        )
        assert Backup(connection).recovery_points() == []
