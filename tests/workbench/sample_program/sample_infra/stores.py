"""The stores, and the secrets that open them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from sample_infra import services as shop
from sample_infra.scope import RETENTION_DAYS, Scope
from zelly_components.aurora_cluster import AuroraCluster, AuroraClusterArgs
from zelly_components.cache_event_topic import CacheEventTopic, CacheEventTopicArgs
from zelly_components.clickhouse_host import ClickHouseHost, ClickHouseHostArgs
from zelly_components.redis_node import RedisNode, RedisNodeArgs
from zelly_components.secrets import ApplicationSecret, ApplicationSecretArgs, ManagedSecret, ManagedSecretArgs
from zelly_components.vpc import Vpc


@dataclass(frozen=True, kw_only=True)
class Stores:
    aurora: AuroraCluster
    redis: RedisNode
    clickhouse: ClickHouseHost
    secret_arns: Mapping[str, pulumi.Output[str]]


def build_stores(scope: Scope, network: Vpc) -> Stores:
    aurora, redis, clickhouse = _aurora(scope, network), _redis(scope, network), _clickhouse(scope, network)
    values: Mapping[str, Sequence[pulumi.Input[str]]] = {
        shop.AURORA_SECRET: (aurora.endpoint, aurora.master_username, aurora.master_password),
        shop.REDIS_SECRET: (redis.endpoint, str(redis.port), redis.auth_token),
    }
    own = {
        path: ManagedSecret(
            scope.names.name(path.removeprefix(f"{shop.PROJECT}/").replace("/", "-")),
            ManagedSecretArgs(
                secret_name=path,
                description="Written by the program",
                recovery_window_days=scope.config.secret_recovery_days,
                values=dict(zip(shop.OWN_SECRETS[path], given, strict=True)),
            ),
            scope.options,
        ).secret_arn
        for path, given in values.items()
    }
    application = {
        path: ApplicationSecret(
            scope.names.name(path.removeprefix(f"{shop.PROJECT}/").replace("/", "-")),
            ApplicationSecretArgs(
                secret_name=path,
                description="Filled by operators",
                recovery_window_days=scope.config.secret_recovery_days,
                keys=keys,
            ),
            scope.options,
        ).secret_arn
        for path, keys in shop.APPLICATION_SECRETS.items()
    }
    return Stores(
        aurora=aurora,
        redis=redis,
        clickhouse=clickhouse,
        secret_arns={**own, **application, shop.CLICKHOUSE_SECRET: clickhouse.credentials_secret_arn},
    )


def _aurora(scope: Scope, network: Vpc) -> AuroraCluster:
    aurora = scope.config.aurora
    return AuroraCluster(
        scope.names.name("aurora"),
        AuroraClusterArgs(
            cluster_identifier=scope.names.name("aurora"),
            vpc_id=network.vpc_id,
            subnet_ids=network.private_subnet_ids,
            publicly_accessible=False,
            allowed_cidr_blocks={},
            engine_version=aurora.engine_version,
            minimum_capacity_acu=aurora.minimum_capacity_acu,
            maximum_capacity_acu=aurora.maximum_capacity_acu,
            seconds_until_auto_pause=aurora.seconds_until_auto_pause,
            instance_count=1,
            master_username="root",
            backup_retention_days=7,
            backup_window="19:00-20:00",
            maintenance_window="sun:20:30-sun:21:30",
            deletion_protection=scope.config.deletion_protection,
            log_retention_days=RETENTION_DAYS,
            performance_insights=False,
            apply_immediately=False,
        ),
        scope.options,
    )


def _redis(scope: Scope, network: Vpc) -> RedisNode:
    redis = scope.config.redis
    return RedisNode(
        scope.names.name("redis"),
        RedisNodeArgs(
            vpc_id=network.vpc_id,
            subnet_ids=network.private_subnet_ids,
            node_type=redis.node_type,
            engine=redis.engine,
            engine_version=redis.engine_version,
            snapshot_retention_days=1,
            snapshot_window="19:00-20:00",
            maintenance_window="sun:20:30-sun:21:30",
            protect=scope.config.deletion_protection,
            apply_immediately=False,
            event_topic_arn=CacheEventTopic(
                scope.names.name("cache-events"),
                CacheEventTopicArgs(account_id=scope.config.aws_account_id, emails=scope.config.alarm_emails),
                scope.options,
            ).topic_arn,
        ),
        scope.options,
    )


def _clickhouse(scope: Scope, network: Vpc) -> ClickHouseHost:
    clickhouse = scope.config.clickhouse
    zone = scope.config.network.availability_zones.index(clickhouse.availability_zone)
    return ClickHouseHost(
        scope.names.name("clickhouse"),
        ClickHouseHostArgs(
            region=scope.config.region,
            account_id=scope.config.aws_account_id,
            vpc_id=network.vpc_id,
            subnet_id=network.private_subnet_ids[zone],
            availability_zone=clickhouse.availability_zone,
            instance_type=clickhouse.instance_type,
            cpu_credits="standard",
            instance_memory_mib=2048,
            ami_id=clickhouse.ami_id,
            volume_gib=clickhouse.volume_gib,
            image=clickhouse.image,
            username="shop",
            credentials_secret_name=shop.CLICKHOUSE_SECRET,
            recovery_window_days=scope.config.secret_recovery_days,
            config_parameter_name=scope.names.parameter("clickhouse/config"),
            log_group_name=shop.CLICKHOUSE_LOG_GROUP,
            log_retention_days=RETENTION_DAYS,
            snapshot_retention_count=7,
            protect=scope.config.deletion_protection,
        ),
        scope.options,
    )
