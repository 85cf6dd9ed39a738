"""The data stores and every secret."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from zelly_components.aurora_cluster import AuroraCluster, AuroraClusterArgs
from zelly_components.cache_event_topic import CacheEventTopic, CacheEventTopicArgs
from zelly_components.clickhouse_host import ClickHouseHost, ClickHouseHostArgs
from zelly_components.redis_node import RedisNode, RedisNodeArgs
from zelly_components.secrets import ApplicationSecret, ApplicationSecretArgs, ManagedSecret, ManagedSecretArgs
from zelly_components.shared_directory import SharedDirectory, SharedDirectoryArgs
from zelly_components.vpc import Vpc
from zelly_infra import catalog
from zelly_infra.catalog import Store
from zelly_infra.composition.scope import Scope
from zelly_infra.names import CLICKHOUSE_LOG_GROUP


@dataclass(frozen=True, kw_only=True)
class Stores:
    """The data stores, and the secrets of all services."""

    aurora: AuroraCluster
    redis: RedisNode
    cache_events: CacheEventTopic
    clickhouse: ClickHouseHost
    certificates: SharedDirectory
    secret_arns: Mapping[str, pulumi.Output[str]]
    """By secret path."""

    def allow(self, store: Store, peer: str, security_group_id: pulumi.Input[str]) -> None:
        """Let the members of a security group reach a store."""
        components: Mapping[Store, AuroraCluster | RedisNode | ClickHouseHost] = {
            Store.AURORA: self.aurora,
            Store.REDIS: self.redis,
            Store.CLICKHOUSE: self.clickhouse,
        }
        components[store].allow_from(peer, security_group_id)


def build_stores(scope: Scope, network: Vpc) -> Stores:
    """Make the stores, the program's own secrets and the empty ones that operators fill."""
    aurora = _aurora(scope, network)
    cache_events = _cache_events(scope)
    redis = _redis(scope, network, cache_events)
    clickhouse = _clickhouse(scope, network)
    secrets = {
        catalog.AURORA_SECRET: _managed_secret(
            scope,
            catalog.AURORA_SECRET,
            catalog.AURORA_KEYS,
            (aurora.endpoint, aurora.master_username, aurora.master_password),
        ).secret_arn,
        catalog.REDIS_SECRET: _managed_secret(
            scope, catalog.REDIS_SECRET, catalog.REDIS_KEYS, (redis.endpoint, str(redis.port), redis.auth_token)
        ).secret_arn,
        catalog.CLICKHOUSE_SECRET: clickhouse.credentials_secret_arn,
        **{path: _application_secret(scope, path, keys) for path, keys in catalog.APPLICATION_SECRETS.items()},
    }
    return Stores(
        aurora=aurora,
        redis=redis,
        cache_events=cache_events,
        clickhouse=clickhouse,
        certificates=_certificates(scope, network),
        secret_arns=secrets,
    )


def _aurora(scope: Scope, network: Vpc) -> AuroraCluster:
    aurora = scope.environment.aurora
    subnets = {True: network.public_subnet_ids, False: network.private_subnet_ids}
    return AuroraCluster(
        scope.name("aurora"),
        AuroraClusterArgs(
            cluster_identifier=scope.name("aurora"),
            vpc_id=network.vpc_id,
            subnet_ids=subnets[aurora.publicly_accessible],
            publicly_accessible=aurora.publicly_accessible,
            allowed_cidr_blocks={name: str(cidr) for name, cidr in aurora.allowed_cidrs.items()},
            engine_version=aurora.engine_version,
            minimum_capacity_acu=aurora.minimum_capacity_acu,
            maximum_capacity_acu=aurora.maximum_capacity_acu,
            seconds_until_auto_pause=aurora.seconds_until_auto_pause,
            instance_count=aurora.instances,
            master_username=aurora.master_username,
            backup_retention_days=aurora.backup_retention_days,
            backup_window=aurora.backup_window,
            maintenance_window=aurora.maintenance_window,
            deletion_protection=scope.environment.deletion_protection,
            log_retention_days=aurora.log_retention_days,
            performance_insights=aurora.performance_insights,
            apply_immediately=aurora.apply_immediately,
        ),
        scope.options,
    )


def _cache_events(scope: Scope) -> CacheEventTopic:
    return CacheEventTopic(
        scope.name("cache-events"),
        CacheEventTopicArgs(account_id=scope.environment.aws_account_id, emails=scope.environment.alarms.emails),
        scope.options,
    )


def _redis(scope: Scope, network: Vpc, cache_events: CacheEventTopic) -> RedisNode:
    redis = scope.environment.redis
    return RedisNode(
        scope.name("redis"),
        RedisNodeArgs(
            vpc_id=network.vpc_id,
            subnet_ids=network.private_subnet_ids,
            node_type=redis.node_type,
            engine=redis.engine,
            engine_version=redis.engine_version,
            snapshot_retention_days=redis.snapshot_retention_days,
            snapshot_window=redis.snapshot_window,
            maintenance_window=redis.maintenance_window,
            protect=scope.environment.deletion_protection,
            event_topic_arn=cache_events.topic_arn,
            snapshot_name=redis.restored_from_snapshot,
            apply_immediately=redis.apply_immediately,
        ),
        scope.options,
    )


def _clickhouse(scope: Scope, network: Vpc) -> ClickHouseHost:
    clickhouse = scope.environment.clickhouse
    zone = scope.environment.network.availability_zones.index(clickhouse.availability_zone)
    return ClickHouseHost(
        scope.name("clickhouse"),
        ClickHouseHostArgs(
            region=scope.environment.region,
            account_id=scope.environment.aws_account_id,
            vpc_id=network.vpc_id,
            subnet_id=network.private_subnet_ids[zone],
            availability_zone=clickhouse.availability_zone,
            instance_type=clickhouse.instance_type,
            cpu_credits=clickhouse.cpu_credits,
            instance_memory_mib=clickhouse.instance_memory_mib,
            ami_id=clickhouse.ami_id,
            volume_gib=clickhouse.volume_gib,
            image=clickhouse.image,
            username=clickhouse.username,
            credentials_secret_name=catalog.CLICKHOUSE_SECRET,
            recovery_window_days=scope.environment.secrets.recovery_window_days,
            config_parameter_name=scope.names.parameter("clickhouse/config"),
            log_group_name=CLICKHOUSE_LOG_GROUP,
            log_retention_days=clickhouse.log_retention_days,
            snapshot_retention_count=clickhouse.snapshots_kept,
            protect=scope.environment.deletion_protection,
        ),
        scope.options,
    )


def _certificates(scope: Scope, network: Vpc) -> SharedDirectory:
    storefront = scope.environment.storefront
    return SharedDirectory(
        scope.name("caddy"),
        SharedDirectoryArgs(
            vpc_id=network.vpc_id,
            subnet_ids=network.private_subnet_ids,
            directory=storefront.efs_directory,
            uid=storefront.user_id,
            gid=storefront.group_id,
            protect=scope.environment.deletion_protection,
        ),
        scope.options,
    )


def _managed_secret(
    scope: Scope, path: str, keys: tuple[str, ...], values: tuple[pulumi.Input[str], ...]
) -> ManagedSecret:
    return ManagedSecret(
        _secret_component_name(scope, path),
        ManagedSecretArgs(
            secret_name=path,
            description="Written by the infrastructure program",
            recovery_window_days=scope.environment.secrets.recovery_window_days,
            values=dict(zip(keys, values, strict=True)),
        ),
        scope.options,
    )


def _application_secret(scope: Scope, path: str, keys: tuple[str, ...]) -> pulumi.Output[str]:
    return ApplicationSecret(
        _secret_component_name(scope, path),
        ApplicationSecretArgs(
            secret_name=path,
            description="Filled by operators; the infrastructure program only made it",
            recovery_window_days=scope.environment.secrets.recovery_window_days,
            keys=keys,
        ),
        scope.options,
    ).secret_arn


def _secret_component_name(scope: Scope, path: str) -> str:
    return scope.name(path.removeprefix("zelly/").replace("/", "-"))
