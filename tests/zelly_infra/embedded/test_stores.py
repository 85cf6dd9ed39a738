"""What holds data: Aurora, Redis, ClickHouse and the certificates' file system."""

import json
from typing import Any

from tests.zelly_infra.embedded.environment import ACCOUNT_ID, Environment, only, picked, tags_of, zones

AURORA = {
    "production": {
        "BackupRetentionPeriod": 14,
        "DeletionProtection": True,
        "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 8.0},
    },
    "staging": {
        "BackupRetentionPeriod": 7,
        "DeletionProtection": False,
        "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.0, "MaxCapacity": 2.0, "SecondsUntilAutoPause": 300},
    },
}
PARAMETERS_OF_ONE_THAT_PAUSES: dict[str, dict[str, str]] = {
    "production": {},
    # What idles is closed: an open connection would keep it awake.
    "staging": {"wait_timeout": "600", "interactive_timeout": "600"},
}
AURORA_IS_PUBLIC = {"production": False, "staging": True}
REDIS_NODE_TYPES = {"production": "cache.t4g.small", "staging": "cache.t4g.micro"}
REDIS_SNAPSHOT_DAYS = {"production": 7, "staging": 1}
CLICKHOUSE_VOLUME_GIB = {"production": 50, "staging": 20}
SNAPSHOTS_KEPT = {"production": 14, "staging": 7}


def cluster(environment: Environment) -> dict[str, Any]:
    return only(environment.listed("rds", "describe_db_clusters", "DBClusters"))


def test_aurora_is_encrypted_backed_up_and_scales_within_its_range(environment: Environment) -> None:
    expected = {
        "DBClusterIdentifier": f"zelly-{environment.stack}-aurora",
        "Engine": "aurora-mysql",
        "EngineVersion": "8.0.mysql_aurora.3.10.5",
        "EngineMode": "provisioned",
        "Port": 3306,
        "MasterUsername": "root",
        "StorageEncrypted": True,
        "PreferredBackupWindow": "19:00-20:00",
        "PreferredMaintenanceWindow": "sun:20:30-sun:21:30",
        "CopyTagsToSnapshot": True,
        "EnabledCloudwatchLogsExports": ["error", "slowquery"],
        "Endpoint": environment.outputs.aurora_endpoint,
        "ReaderEndpoint": environment.outputs.aurora_reader_endpoint,
        **AURORA[environment.stack],
    }
    found = cluster(environment)
    assert picked(found, expected) == expected
    assert environment.groups([each["VpcSecurityGroupId"] for each in found["VpcSecurityGroups"]]) == ["aurora"]


def test_aurora_is_public_in_staging_only(environment: Environment) -> None:
    public = AURORA_IS_PUBLIC[environment.stack]
    expected = {
        "DBInstanceIdentifier": f"zelly-{environment.stack}-aurora-1",
        "DBInstanceClass": "db.serverless",
        "DBClusterIdentifier": f"zelly-{environment.stack}-aurora",
        "PubliclyAccessible": public,
        "AutoMinorVersionUpgrade": False,
        "PerformanceInsightsEnabled": False,
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
        **PARAMETERS_OF_ONE_THAT_PAUSES[environment.stack],
    }


def test_auroras_logs_are_kept_30_days(environment: Environment) -> None:
    prefix = f"/aws/rds/cluster/zelly-{environment.stack}-aurora/"
    groups = environment.listed("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=prefix)
    assert {group["logGroupName"]: group["retentionInDays"] for group in groups} == {
        f"{prefix}error": 30,
        f"{prefix}slowquery": 30,
    }


def test_production_keeps_its_data_when_a_store_goes(environment: Environment) -> None:
    # What only a deletion reads is not sent to AWS: it stands in the record.
    kept = environment.stack == "production"
    aurora = environment.evaluation.one("aws:rds/cluster:Cluster")
    redis = environment.evaluation.one("aws:elasticache/replicationGroup:ReplicationGroup")
    clickhouse = environment.evaluation.one("aws:ebs/volume:Volume")
    certificates = environment.evaluation.one("aws:efs/fileSystem:FileSystem")
    assert [store.protect for store in (aurora, redis, clickhouse, certificates)] == [kept] * 4
    assert (aurora.inputs["skipFinalSnapshot"], clickhouse.inputs["finalSnapshot"]) == (not kept, kept)
    snapshots = [aurora.inputs.get("finalSnapshotIdentifier"), redis.inputs.get("finalSnapshotIdentifier")]
    assert snapshots == (["zelly-production-aurora-final", "zelly-production-redis-final"] if kept else [None, None])


def test_redis_is_one_encrypted_node_with_a_token(environment: Environment) -> None:
    group = only(environment.listed("elasticache", "describe_replication_groups", "ReplicationGroups"))
    expected = {
        "CacheNodeType": REDIS_NODE_TYPES[environment.stack],
        "SnapshotRetentionLimit": REDIS_SNAPSHOT_DAYS[environment.stack],
        "SnapshotWindow": "19:00-20:00",
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
    assert (node["Engine"], node["EngineVersion"], node["NumCacheNodes"]) == ("redis", "7.1", 1)
    assert node["PreferredMaintenanceWindow"] == "sun:20:30-sun:21:30"
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
        "Size": CLICKHOUSE_VOLUME_GIB[environment.stack],
        "VolumeType": "gp3",
        "AvailabilityZone": f"{environment.region}a",
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
                    "RetainRule": {"Count": SNAPSHOTS_KEPT[environment.stack]},
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
    assert access_point["PosixUser"] == {"Uid": 1000, "Gid": 1000}
    assert access_point["RootDirectory"] == {
        "Path": "/caddy",
        "CreationInfo": {"OwnerUid": 1000, "OwnerGid": 1000, "Permissions": "0700"},
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
