"""The dashboard and the alarms over everything that was made."""

from collections.abc import Iterator, Mapping

from pakashop_infra.composition.backups import Backups
from pakashop_infra.composition.postgresql import Postgresql
from pakashop_infra.composition.redis import Redis
from pakashop_infra.composition.scope import Scope
from pakashop_infra.composition.search import Search
from zelly_components.alarms.alarm import Alarm
from zelly_components.alarms.hosts import HostTarget, host_alarms
from zelly_components.alarms.postgresql import POSTGRESQL_EVENTS
from zelly_components.nat_instance import NatInstance
from zelly_components.observability import Observability, ObservabilityArgs
from zelly_components.redis_host import RedisHost
from zelly_components.search_host import SearchHost
from zelly_components.service_host import ServiceHost
from zelly_components.vpc import Vpc


def build_monitoring(
    scope: Scope,
    *,
    network: Vpc,
    host: ServiceHost,
    postgresql: Postgresql,
    redis: Redis,
    search: Search,
    backups: Backups,
) -> Observability:
    """Make the alarms, their topic and the dashboard."""
    hosts = {"host": host, "nat": network.nat_instance, "redis": redis.host, "search": search.host}
    return Observability(
        scope.name("monitoring"),
        ObservabilityArgs(
            region=scope.environment.region,
            dashboard_name=scope.names.prefix,
            alarm_emails=scope.environment.alarms.emails,
            alarms=[
                *_host_alarms(scope, hosts),
                *postgresql.alarms,
                *redis.alarms,
                *search.alarms,
                *backups.alarms,
            ],
            widgets=[*postgresql.widgets, *redis.widgets, *backups.widgets],
            database_events=POSTGRESQL_EVENTS,
        ),
        scope.options,
    )


def _host_alarms(
    scope: Scope, hosts: Mapping[str, ServiceHost | NatInstance | RedisHost | SearchHost | None]
) -> Iterator[Alarm]:
    figures = scope.environment.alarms
    for label, host in hosts.items():
        if host is not None:
            target = HostTarget(
                label=label,
                instance_id=host.instance_id,
                failed_units_metric=host.failed_units_metric,
                mount_points=host.mount_points,
            )
            yield from host_alarms(
                target, memory_percent=figures.host_memory_percent, disk_percent=figures.disk_percent
            )
