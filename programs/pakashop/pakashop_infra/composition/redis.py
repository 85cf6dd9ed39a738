"""Redis, and what watches it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pakashop_infra import catalog
from pakashop_infra.composition.scope import Scope
from pakashop_infra.names import REDIS_LOG_GROUP
from zelly_components.alarms.alarm import Alarm
from zelly_components.alarms.dashboard import Widget
from zelly_components.alarms.redis_host import RedisHostTarget, redis_host_alarms, redis_host_widgets
from zelly_components.redis_host import RedisHost, RedisHostArgs
from zelly_components.vpc import Vpc


@dataclass(frozen=True, kw_only=True)
class Redis:
    """The host and what watches the server on it."""

    host: RedisHost
    alarms: Sequence[Alarm]
    widgets: Sequence[Widget]


def build_redis(scope: Scope, network: Vpc) -> Redis:
    """Make the host, in the private subnet of its volume's zone."""
    environment = scope.environment
    redis = environment.redis
    zone = environment.network.availability_zones.index(redis.availability_zone)
    host = RedisHost(
        scope.name("redis"),
        RedisHostArgs(
            region=environment.region,
            account_id=environment.aws_account_id,
            vpc_id=network.vpc_id,
            subnet_id=network.private_subnet_ids[zone],
            availability_zone=redis.availability_zone,
            instance_type=redis.instance_type,
            cpu_credits=redis.cpu_credits,
            instance_memory_mib=redis.instance_memory_mib,
            ami_id=redis.ami_id,
            volume_gib=redis.volume_gib,
            auth_secret_name=catalog.REDIS_SECRET,
            server_secret_name=catalog.REDIS_SERVER_SECRET,
            recovery_window_days=environment.secrets.recovery_window_days,
            config_parameter_name=scope.names.parameter("redis/config"),
            log_group_name=REDIS_LOG_GROUP,
            log_retention_days=redis.log_retention_days,
            snapshot_retention_count=redis.snapshots_kept,
            protect=environment.deletion_protection,
        ),
        scope.options,
    )
    target = RedisHostTarget(label="redis", host_name=host.host_name)
    return Redis(
        host=host,
        alarms=redis_host_alarms(target, memory_percent=redis.memory_alarm_percent),
        widgets=redis_host_widgets(target),
    )
