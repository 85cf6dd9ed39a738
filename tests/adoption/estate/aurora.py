"""``module.aurora``."""

from collections.abc import Mapping
from typing import Any

from tests.adoption.estate.access import Groups
from tests.adoption.estate.groups import Rule, make_group
from tests.adoption.estate.making import Estate
from tests.adoption.estate.network import Network
from tests.adoption.estate.secrets import make_secret, write_version
from tests.adoption.estate.state_file import Written
from tests.zelly_infra.facts import MASTER_USERNAME, SERVICES

_OFFICE = ("203.0.113.0/24", "198.51.100.0/24")
"""Where staging's Aurora is reached from: ranges of RFC 5737."""
_PORT = 3306
_ASKED: Mapping[str, Any] = {
    "BackupRetentionPeriod": 7,
    "CopyTagsToSnapshot": True,
    "EnableCloudwatchLogsExports": ["error", "slowquery"],
    "Engine": "aurora-mysql",
    "EngineMode": "provisioned",
    "EngineVersion": "8.0.mysql_aurora.3.08.2",
    "PreferredBackupWindow": "18:00-19:00",
    "PreferredMaintenanceWindow": "sun:19:30-sun:20:30",
    "StorageEncrypted": True,
}
"""What every stack's cluster is made with."""
_WRITTEN: Mapping[str, Any] = {
    "apply_immediately": True,
    "backup_retention_period": 7,
    "copy_tags_to_snapshot": True,
    "enabled_cloudwatch_logs_exports": ["error", "slowquery"],
    "engine": "aurora-mysql",
    "engine_mode": "provisioned",
    "engine_version": "8.0.mysql_aurora.3.08.2",
    "engine_version_actual": "8.0.mysql_aurora.3.08.2",
    "port": _PORT,
    "preferred_backup_window": "18:00-19:00",
    "preferred_maintenance_window": "sun:19:30-sun:20:30",
    "storage_encrypted": True,
}
"""What the state has of it."""


def make_aurora(estate: Estate, network: Network, groups: Groups) -> Written:
    """Make everything of ``module.aurora``; return its secret."""
    name = f"{estate.prefix}-aurora"
    subnet_group = _subnet_group(estate, network, estate.name(name))
    parameters = _parameters(estate, estate.name(name))
    rules = [
        Rule(direction="ingress", port=_PORT, group=groups.services[service], description=f"MySQL from {service}")
        for service, facts in SERVICES.items()
        if "aurora" in facts.stores
    ]
    if estate.facts.aurora_publicly_accessible:
        rules.append(Rule(direction="ingress", port=_PORT, cidrs=_OFFICE, description="MySQL from the office"))
    style = "single" if estate.options.rules == "inline" else None
    group = make_group(estate, "aurora", "aws_security_group.this", f"{name}-sg", rules, vpc=network.vpc, style=style)
    password = estate.random_password("aurora", length=32)
    secret = make_secret(estate, "aurora", "aws_secretsmanager_secret.this", "zelly/aurora/master", "Aurora's master")
    cluster = _cluster(estate, name, subnet_group=subnet_group, parameters=parameters, group=group, password=password)
    _instance(estate, name, cluster, subnet_group)
    value = {"DB_HOST": cluster["endpoint"], "DB_USER": MASTER_USERNAME, "DB_PASSWORD": password["result"]}
    write_version(estate, "aurora", secret, value, after=[cluster, password])
    return secret


def _subnet_group(estate: Estate, network: Network, name: str) -> Written:
    subnets = network.public if estate.facts.aurora_publicly_accessible else network.private
    ids = [subnet["id"] for subnet in subnets]
    estate.client("rds").create_db_subnet_group(
        DBSubnetGroupName=name,
        DBSubnetGroupDescription="Managed by Terraform",
        SubnetIds=ids,
        Tags=estate.tag_list(name),
    )
    return estate.add(
        "aurora",
        "aws_db_subnet_group.this",
        {
            "id": name,
            "arn": estate.arn("rds", f"subgrp:{name}"),
            "description": "Managed by Terraform",
            "name": name,
            "name_prefix": estate.name_prefix(name) or "",
            "subnet_ids": ids,
            "vpc_id": network.vpc["id"],
            **estate.tags(name),
        },
        after=subnets,
    )


def _parameters(estate: Estate, name: str) -> Written:
    rds = estate.client("rds")
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName=name,
        DBParameterGroupFamily="aurora-mysql8.0",
        Description="Managed by Terraform",
        Tags=estate.tag_list(name),
    )
    parameters = [
        {"apply_method": "immediate", "name": "character_set_server", "value": "utf8mb4"},
        {"apply_method": "immediate", "name": "require_secure_transport", "value": "ON"},
    ]
    rds.modify_db_cluster_parameter_group(
        DBClusterParameterGroupName=name,
        Parameters=[
            {"ParameterName": each["name"], "ParameterValue": each["value"], "ApplyMethod": each["apply_method"]}
            for each in parameters
        ],
    )
    return estate.add(
        "aurora",
        "aws_rds_cluster_parameter_group.this",
        {
            "id": name,
            "arn": estate.arn("rds", f"cluster-pg:{name}"),
            "description": "Managed by Terraform",
            "family": "aurora-mysql8.0",
            "name": name,
            "name_prefix": estate.name_prefix(name) or "",
            "parameter": parameters,
            **estate.tags(name),
        },
    )


def _cluster(
    estate: Estate, name: str, *, subnet_group: Written, parameters: Written, group: Written, password: Written
) -> Written:
    protected = estate.facts.deletion_protection
    made = estate.client("rds").create_db_cluster(
        DBClusterIdentifier=name,
        MasterUsername=MASTER_USERNAME,
        MasterUserPassword=password["result"],
        DBSubnetGroupName=subnet_group["name"],
        DBClusterParameterGroupName=parameters["name"],
        VpcSecurityGroupIds=[group["id"]],
        DeletionProtection=protected,
        ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": float(estate.facts.aurora_maximum_acu)},
        Tags=estate.tag_list(name),
        **_ASKED,
    )["DBCluster"]
    return estate.add(
        "aurora",
        "aws_rds_cluster.this",
        {
            **_WRITTEN,
            "id": name,
            "arn": made["DBClusterArn"],
            "availability_zones": estate.zones,
            "cluster_identifier": name,
            "cluster_members": [f"{name}-0"],
            "cluster_resource_id": made["DbClusterResourceId"],
            "db_cluster_parameter_group_name": parameters["name"],
            "db_subnet_group_name": subnet_group["name"],
            "deletion_protection": protected,
            "endpoint": made["Endpoint"],
            "final_snapshot_identifier": f"{name}-final" if protected else None,
            "hosted_zone_id": made["HostedZoneId"],
            "kms_key_id": estate.key_arn(),
            "master_password": password["result"],
            "master_username": MASTER_USERNAME,
            "reader_endpoint": made["ReaderEndpoint"],
            "serverlessv2_scaling_configuration": [
                {"max_capacity": estate.facts.aurora_maximum_acu, "min_capacity": 0.5, "seconds_until_auto_pause": 0}
            ],
            "skip_final_snapshot": not protected,
            "vpc_security_group_ids": [group["id"]],
            **estate.tags(name),
        },
        after=[subnet_group, parameters, group, password],
        sensitive=("master_password",),
    )


def _instance(estate: Estate, name: str, cluster: Written, subnet_group: Written) -> None:
    identifier, public = f"{name}-0", estate.facts.aurora_publicly_accessible
    made = estate.client("rds").create_db_instance(
        DBInstanceIdentifier=identifier,
        DBClusterIdentifier=cluster["id"],
        DBInstanceClass="db.serverless",
        DBSubnetGroupName=subnet_group["name"],
        Engine="aurora-mysql",
        PubliclyAccessible=public,
        AutoMinorVersionUpgrade=True,
        PromotionTier=0,
        Tags=estate.tag_list(name),
    )["DBInstance"]
    estate.add(
        "aurora",
        "aws_rds_cluster_instance.this",
        {
            "id": identifier,
            "apply_immediately": True,
            "arn": made["DBInstanceArn"],
            "auto_minor_version_upgrade": True,
            "availability_zone": estate.zones[0],
            "cluster_identifier": cluster["id"],
            "db_subnet_group_name": subnet_group["name"],
            "dbi_resource_id": made["DbiResourceId"],
            "endpoint": made["Endpoint"]["Address"],
            "engine": "aurora-mysql",
            "engine_version": cluster["engine_version"],
            "engine_version_actual": cluster["engine_version"],
            "identifier": identifier,
            "instance_class": "db.serverless",
            "kms_key_id": cluster["kms_key_id"],
            "port": _PORT,
            "preferred_backup_window": cluster["preferred_backup_window"],
            "preferred_maintenance_window": "sun:21:00-sun:21:30",
            "publicly_accessible": public,
            "storage_encrypted": True,
            "writer": True,
            **estate.tags(name),
        },
        key=0,
        after=[cluster, subnet_group],
    )
