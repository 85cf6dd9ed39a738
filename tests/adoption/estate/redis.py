"""``module.redis``."""

from collections.abc import Mapping
from typing import Any

from tests.adoption.estate.groups import Rule, make_group
from tests.adoption.estate.making import Estate
from tests.adoption.estate.network import Network
from tests.adoption.estate.secrets import make_secret, write_version
from tests.adoption.estate.state_file import Written
from tests.zelly_infra.facts import VPN_CIDR

_PORT = 6379
_ASKED: Mapping[str, Any] = {
    "AtRestEncryptionEnabled": True,
    "AutomaticFailoverEnabled": False,
    "Engine": "redis",
    "EngineVersion": "7.1",
    "NumCacheClusters": 1,
    "Port": _PORT,
    "PreferredMaintenanceWindow": "sun:20:00-sun:21:00",
    "ReplicationGroupDescription": "BullMQ queues and cache",
    "SnapshotRetentionLimit": 1,
    "SnapshotWindow": "18:00-19:00",
    "TransitEncryptionEnabled": True,
}
"""What every stack's replication group is made with."""
_WRITTEN: Mapping[str, Any] = {
    "apply_immediately": True,
    "at_rest_encryption_enabled": "true",
    "automatic_failover_enabled": False,
    "description": "BullMQ queues and cache",
    "engine": "redis",
    "engine_version": "7.1",
    "engine_version_actual": "7.1.0",
    "maintenance_window": "sun:20:00-sun:21:00",
    "num_cache_clusters": 1,
    "port": _PORT,
    "snapshot_retention_limit": 1,
    "snapshot_window": "18:00-19:00",
    "transit_encryption_enabled": True,
    "transit_encryption_mode": "required",
}
"""What the state has of it."""


def make_redis(estate: Estate, network: Network) -> Written:
    """Make everything of ``module.redis``; return its secret."""
    name = f"{estate.prefix}-redis"
    subnet_group = _subnet_group(estate, network, estate.name(name))
    parameters = _parameters(estate, estate.name(f"{name}-params"))
    rules = [
        # One rule of Terraform's that is two of AWS's.
        Rule(direction="ingress", port=_PORT, cidrs=(network.vpc["cidr_block"], VPN_CIDR), description="Redis")
    ]
    group = make_group(estate, "redis", "aws_security_group.this", f"{name}-sg", rules, vpc=network.vpc)
    token = estate.random_password("redis", length=64)
    secret = make_secret(estate, "redis", "aws_secretsmanager_secret.this", "zelly/redis/auth", "Redis' token")
    replication_group = _replication_group(
        estate, name, subnet_group=subnet_group, parameters=parameters, group=group, token=token
    )
    value = {
        "REDIS_HOST": replication_group["primary_endpoint_address"],
        "REDIS_PORT": str(_PORT),
        "REDIS_PASSWORD": token["result"],
    }
    write_version(estate, "redis", secret, value, after=[replication_group, token])
    return secret


def _subnet_group(estate: Estate, network: Network, name: str) -> Written:
    estate.client("elasticache").create_cache_subnet_group(
        CacheSubnetGroupName=name,
        CacheSubnetGroupDescription="Managed by Terraform",
        SubnetIds=network.private_ids,
        Tags=estate.tag_list(name),
    )
    return estate.add(
        "redis",
        "aws_elasticache_subnet_group.this",
        {
            "id": name,
            "arn": estate.arn("elasticache", f"subnetgroup:{name}"),
            "description": "Managed by Terraform",
            "name": name,
            "subnet_ids": network.private_ids,
            "vpc_id": network.vpc["id"],
            **estate.tags(name),
        },
        after=network.private,
    )


def _parameters(estate: Estate, name: str) -> Written:
    elasticache = estate.client("elasticache")
    elasticache.create_cache_parameter_group(
        CacheParameterGroupName=name,
        CacheParameterGroupFamily="redis7",
        Description="Managed by Terraform",
        Tags=estate.tag_list(name),
    )
    elasticache.modify_cache_parameter_group(
        CacheParameterGroupName=name,
        ParameterNameValues=[{"ParameterName": "maxmemory-policy", "ParameterValue": "noeviction"}],
    )
    return estate.add(
        "redis",
        "aws_elasticache_parameter_group.this",
        {
            "id": name,
            "arn": estate.arn("elasticache", f"parametergroup:{name}"),
            "description": "Managed by Terraform",
            "family": "redis7",
            "name": name,
            "parameter": [{"name": "maxmemory-policy", "value": "noeviction"}],
            **estate.tags(name),
        },
    )


def _replication_group(
    estate: Estate, name: str, *, subnet_group: Written, parameters: Written, group: Written, token: Written
) -> Written:
    elasticache = estate.client("elasticache")
    made = elasticache.create_replication_group(
        ReplicationGroupId=name,
        CacheNodeType=estate.facts.redis_node_type,
        CacheParameterGroupName=parameters["name"],
        CacheSubnetGroupName=subnet_group["name"],
        SecurityGroupIds=[group["id"]],
        AuthToken=token["result"],
        Tags=estate.tag_list(name),
        **_ASKED,
    )["ReplicationGroup"]
    seen = elasticache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
    endpoint = seen["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    return estate.add(
        "redis",
        "aws_elasticache_replication_group.this",
        {
            **_WRITTEN,
            "id": name,
            "arn": made["ARN"],
            "auth_token": token["result"],
            "member_clusters": seen["MemberClusters"],
            "node_type": estate.facts.redis_node_type,
            "parameter_group_name": parameters["name"],
            "primary_endpoint_address": endpoint,
            "reader_endpoint_address": endpoint.replace("master.", "replica.", 1),
            "replication_group_id": name,
            "security_group_ids": [group["id"]],
            "subnet_group_name": subnet_group["name"],
            **estate.tags(name),
        },
        after=[subnet_group, parameters, group, token],
        sensitive=("auth_token",),
    )
