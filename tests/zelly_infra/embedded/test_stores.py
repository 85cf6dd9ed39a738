"""What holds data: Aurora, Redis, ClickHouse and the certificates' file system."""

import json
from typing import Any

from tests.zelly_infra.embedded.environment import ACCOUNT_ID, Environment, only, picked, tags_of, zones

PARAMETERS_OF_ONE_THAT_PAUSES = {"wait_timeout": "600", "interactive_timeout": "600"}
"""What idles is closed: an open connection would keep it awake."""


def cluster(environment: Environment) -> dict[str, Any]:
    return only(environment.listed("rds", "describe_db_clusters", "DBClusters"))


def test_aurora_is_encrypted_backed_up_and_scales_within_its_range(environment: Environment) -> None:
    config = environment.config.aurora
    expected = {
        "DBClusterIdentifier": f"zelly-{environment.stack}-aurora",
        "Engine": "aurora-mysql",
        "EngineVersion": config.engine_version,
        "EngineMode": "provisioned",
        "Port": 3306,
        "MasterUsername": config.master_username,
        "StorageEncrypted": True,
        "PreferredBackupWindow": config.backup_window,
        "PreferredMaintenanceWindow": config.maintenance_window,
        "BackupRetentionPeriod": config.backup_retention_days,
        "DeletionProtection": environment.config.deletion_protection,
        "ServerlessV2ScalingConfiguration": {
            "MinCapacity": config.minimum_capacity_acu,
            "MaxCapacity": config.maximum_capacity_acu,
            **({"SecondsUntilAutoPause": pause} if (pause := config.seconds_until_auto_pause) else {}),
        },
        "CopyTagsToSnapshot": True,
        "EnabledCloudwatchLogsExports": ["error", "slowquery"],
        "Endpoint": environment.outputs.aurora_endpoint,
        "ReaderEndpoint": environment.outputs.aurora_reader_endpoint,
    }
    found = cluster(environment)
    assert picked(found, expected) == expected
    assert environment.groups([each["VpcSecurityGroupId"] for each in found["VpcSecurityGroups"]]) == ["aurora"]


def test_aurora_is_public_where_the_config_says_so(environment: Environment) -> None:
    public = environment.config.aurora.publicly_accessible
    expected = {
        "DBInstanceIdentifier": f"zelly-{environment.stack}-aurora-1",
        "DBInstanceClass": "db.serverless",
        "DBClusterIdentifier": f"zelly-{environment.stack}-aurora",
        "PubliclyAccessible": public,
        "AutoMinorVersionUpgrade": False,
        "PerformanceInsightsEnabled": environment.config.aurora.performance_insights,
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    }
    instance = only(environment.listed("rds", "describe_db_instances", "DBInstances"))
    assert picked(instance, expected) == expected
    subnet_group = only(environment.listed("rds", "describe_db_subnet_groups", "DBSubnetGroups"))
    assert cluster(environment)["DBSubnetGroup"] == subnet_group["DBSubnetGroupName"]
    subnets = [subnet["SubnetIdentifier"] for subnet in subnet_group["Subnets"]]
    assert environment.subnets(subnets) == zones("public" if public else "private")


def test_aurora_takes_encrypted_connections_only(environment: Environment) -> None:
    name = cluster(environment)["DBClusterParameterGroup"]
    groups = environment.listed("rds", "describe_db_cluster_parameter_groups", "DBClusterParameterGroups")
    assert [(each["DBClusterParameterGroupName"], each["DBParameterGroupFamily"]) for each in groups] == [
        (name, "aurora-mysql8.0")
    ]
    parameters = environment.listed(
        "rds", "describe_db_cluster_parameters", "Parameters", DBClusterParameterGroupName=name
    )
    assert {each["ParameterName"]: each["ParameterValue"] for each in parameters} == {
        "require_secure_transport": "ON",
        "character_set_server": "utf8mb4",
        "collation_server": "utf8mb4_0900_ai_ci",
        "slow_query_log": "1",
        "long_query_time": "1",
        "log_output": "FILE",
        **(PARAMETERS_OF_ONE_THAT_PAUSES if environment.config.aurora.seconds_until_auto_pause else {}),
    }


def test_auroras_logs_are_kept_as_long_as_the_config_says(environment: Environment) -> None:
    days = environment.config.aurora.log_retention_days
    prefix = f"/aws/rds/cluster/zelly-{environment.stack}-aurora/"
    groups = environment.listed("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=prefix)
    assert {group["logGroupName"]: group["retentionInDays"] for group in groups} == {
        f"{prefix}error": days,
        f"{prefix}slowquery": days,
    }


def test_production_keeps_its_data_when_a_store_goes(environment: Environment) -> None:
    # What only a deletion reads is not sent to AWS: it stands in the record.
    kept = environment.config.deletion_protection
    aurora = environment.evaluation.one("aws:rds/cluster:Cluster")
    redis = environment.evaluation.one("aws:elasticache/replicationGroup:ReplicationGroup")
    clickhouse = environment.evaluation.one("aws:ebs/volume:Volume")
    certificates = environment.evaluation.one("aws:efs/fileSystem:FileSystem")
    assert [store.protect for store in (aurora, redis, clickhouse, certificates)] == [kept] * 4
    assert (aurora.inputs["skipFinalSnapshot"], clickhouse.inputs["finalSnapshot"]) == (not kept, kept)
    snapshots = [aurora.inputs.get("finalSnapshotIdentifier"), redis.inputs.get("finalSnapshotIdentifier")]
    assert snapshots == (
        [f"zelly-{environment.stack}-{store}-final" for store in ("aurora", "redis")] if kept else [None, None]
    )


def test_redis_is_one_encrypted_node_with_a_token(environment: Environment) -> None:
    group = only(environment.listed("elasticache", "describe_replication_groups", "ReplicationGroups"))
    expected = {
        "CacheNodeType": environment.config.redis.node_type,
        "SnapshotRetentionLimit": environment.config.redis.snapshot_retention_days,
        "SnapshotWindow": environment.config.redis.snapshot_window,
        "AutomaticFailover": "disabled",
        "MultiAZ": "disabled",
        "ClusterEnabled": False,
        "AuthTokenEnabled": True,
        "TransitEncryptionEnabled": True,
        "TransitEncryptionMode": "required",
        "AtRestEncryptionEnabled": True,
        "AutoMinorVersionUpgrade": False,
        "MemberClusters": [f"{group['ReplicationGroupId']}-001"],
    }
    assert picked(group, expected) == expected
    assert environment.short(group["ReplicationGroupId"]) == "redis"
    endpoint = only(group["NodeGroups"])["PrimaryEndpoint"]
    assert endpoint == {"Address": environment.outputs.redis_endpoint, "Port": environment.outputs.redis_port}
    assert environment.outputs.redis_port == 6379


def test_redis_never_evicts_and_stands_in_private_subnets(environment: Environment) -> None:
    node = only(environment.listed("elasticache", "describe_cache_clusters", "CacheClusters"))
    config = environment.config.redis
    assert (node["Engine"], node["EngineVersion"], node["NumCacheNodes"]) == (config.engine, config.engine_version, 1)
    assert node["PreferredMaintenanceWindow"] == config.maintenance_window
    assert environment.groups([each["SecurityGroupId"] for each in node["SecurityGroups"]]) == ["redis"]
    parameters = environment.listed(
        "elasticache",
        "describe_cache_parameters",
        "Parameters",
        CacheParameterGroupName=node["CacheParameterGroup"]["CacheParameterGroupName"],
    )
    assert {each["ParameterName"]: each["ParameterValue"] for each in parameters} == {"maxmemory-policy": "noeviction"}
    subnet_group = only(
        environment.listed(
            "elasticache",
            "describe_cache_subnet_groups",
            "CacheSubnetGroups",
            CacheSubnetGroupName=node["CacheSubnetGroupName"],
        )
    )
    subnets = [subnet["SubnetIdentifier"] for subnet in subnet_group["Subnets"]]
    assert environment.subnets(subnets) == zones("private")


def test_clickhouses_data_stands_on_an_encrypted_volume_of_its_own(environment: Environment) -> None:
    volumes = {
        environment.short(tags_of(volume)["Name"]): volume
        for volume in environment.listed("ec2", "describe_volumes", "Volumes")
    }
    assert sorted(volumes) == ["bastion-root", "clickhouse-data", "clickhouse-root"]
    assert {name for name, volume in volumes.items() if not volume["Encrypted"]} == set()
    expected = {
        "Size": environment.config.clickhouse.volume_gib,
        "VolumeType": "gp3",
        "AvailabilityZone": environment.config.clickhouse.availability_zone,
        "State": "in-use",
    }
    data = volumes["clickhouse-data"]
    assert picked(data, expected) == expected
    attachment = only(data["Attachments"])
    assert (attachment["InstanceId"], attachment["Device"], attachment["State"]) == (
        environment.outputs.clickhouse_instance_id,
        "/dev/sdf",
        "attached",
    )


def test_clickhouses_volume_is_snapshot_daily(environment: Environment) -> None:
    dlm = environment.client("dlm")
    summary = only(dlm.get_lifecycle_policies()["Policies"])
    policy = dlm.get_lifecycle_policy(PolicyId=summary["PolicyId"])["Policy"]
    target = {"Key": "SnapshotPolicy", "Value": f"zelly-{environment.stack}-clickhouse"}
    assert (policy["State"], policy["PolicyDetails"]) == (
        "ENABLED",
        {
            "ResourceTypes": ["VOLUME"],
            "TargetTags": [target],
            "Schedules": [
                {
                    "Name": "daily",
                    "CopyTags": True,
                    "CreateRule": {"Interval": 24, "IntervalUnit": "HOURS", "Times": ["20:00"]},
                    "RetainRule": {"Count": environment.config.clickhouse.snapshots_kept},
                }
            ],
        },
    )
    tagged = [
        environment.short(tags_of(volume)["Name"])
        for volume in environment.listed("ec2", "describe_volumes", "Volumes")
        if target in volume["Tags"]
    ]
    assert tagged == ["clickhouse-data"]


def test_certificates_live_on_an_encrypted_file_system_with_backups(environment: Environment) -> None:
    efs = environment.client("efs")
    file_system = only(environment.listed("efs", "describe_file_systems", "FileSystems"))
    expected = {
        "FileSystemId": environment.outputs.certificate_file_system_id,
        "Encrypted": True,
        "ThroughputMode": "elastic",
        "PerformanceMode": "generalPurpose",
        "NumberOfMountTargets": 3,
    }
    assert picked(file_system, expected) == expected
    backup = efs.describe_backup_policy(FileSystemId=file_system["FileSystemId"])["BackupPolicy"]
    assert backup == {"Status": "ENABLED"}
    access_point = only(efs.describe_access_points()["AccessPoints"])
    assert access_point["FileSystemId"] == file_system["FileSystemId"]
    storefront = environment.config.storefront
    assert access_point["PosixUser"] == {"Uid": storefront.user_id, "Gid": storefront.group_id}
    assert access_point["RootDirectory"] == {
        "Path": storefront.efs_directory,
        "CreationInfo": {
            "OwnerUid": storefront.user_id,
            "OwnerGid": storefront.group_id,
            "Permissions": "0700",
        },
    }


def test_certificates_are_mounted_in_every_private_subnet(environment: Environment) -> None:
    efs = environment.client("efs")
    targets = efs.describe_mount_targets(FileSystemId=environment.outputs.certificate_file_system_id)["MountTargets"]
    assert environment.subnets([target["SubnetId"] for target in targets]) == zones("private")
    for target in targets:
        groups = efs.describe_mount_target_security_groups(MountTargetId=target["MountTargetId"])["SecurityGroups"]
        assert environment.groups(groups) == ["caddy"]


def test_certificates_are_reached_encrypted_and_through_mount_targets_only(environment: Environment) -> None:
    file_system_id = environment.outputs.certificate_file_system_id
    answer = environment.client("efs").describe_file_system_policy(FileSystemId=file_system_id)
    denied = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": [
            "elasticfilesystem:ClientMount",
            "elasticfilesystem:ClientRootAccess",
            "elasticfilesystem:ClientWrite",
        ],
        "Resource": [f"arn:aws:elasticfilesystem:{environment.region}:{ACCOUNT_ID}:file-system/{file_system_id}"],
    }
    assert json.loads(answer["Policy"])["Statement"] == [
        denied | {"Sid": "DenyUnencryptedTransport", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        denied
        | {
            "Sid": "DenyOutsideMountTargets",
            "Condition": {"BoolIfExists": {"elasticfilesystem:AccessedViaMountTarget": "false"}},
        },
    ]
