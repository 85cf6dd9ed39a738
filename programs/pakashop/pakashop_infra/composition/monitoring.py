"""The dashboard and the alarms over everything that was made."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pakashop_infra.composition.backups import Backups
from pakashop_infra.composition.postgresql import Postgresql
from pakashop_infra.composition.redis import Redis
from pakashop_infra.composition.scope import Scope
from pakashop_infra.composition.search import Search
from workbench.composition.alerts import alert_channels
from zelly_components.alarms.alarm import Alarm
from zelly_components.alarms.events import backup_events, database_events
from zelly_components.alarms.hosts import HostTarget, host_alarms
from zelly_components.alarms.postgresql import POSTGRESQL_EVENTS
from zelly_components.alert_channels import AlertChannels
from zelly_components.nat_instance import NatInstance
from zelly_components.observability import Observability, ObservabilityArgs
from zelly_components.redis_host import RedisHost
from zelly_components.search_host import SearchHost
from zelly_components.service_host import ServiceHost
from zelly_components.uptime_checks import METRICS_REGION
from zelly_components.vpc import Vpc

_PAGED_FROM_OUTSIDE = frozenset({"host-down", "redis-down", "redis-redis-memory", "postgresql-storage"})
"""Alarms that would page a second time: the checks from outside ask whether the site is ready, which it is not without
any of these, and page from the region of their metrics, where no composite alarm reaches these."""


def build_alerts(scope: Scope) -> AlertChannels | None:
    """Make the alert channels, in the region of the checks from outside too; None: alarms go by mail alone."""
    return alert_channels(
        scope.name("alerts"),
        scope.environment,
        scope.environment.channels,
        emails=scope.environment.alarms.emails,
        events=[*database_events(POSTGRESQL_EVENTS), *backup_events()],
        options=scope.options,
        other_regions=[METRICS_REGION],
    )


def build_monitoring(
    scope: Scope,
    alerts: AlertChannels | None,
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
    alarms = [*_host_alarms(scope, hosts), *postgresql.alarms, *redis.alarms, *search.alarms, *backups.alarms]
    return Observability(
        scope.name("monitoring"),
        ObservabilityArgs(
            region=scope.environment.region,
            dashboard_name=scope.names.prefix,
            alarm_emails=scope.environment.alarms.emails,
            alarms=[
                replace(alarm, severity="inform") if alarm.name in _PAGED_FROM_OUTSIDE else alarm for alarm in alarms
            ],
            widgets=[*postgresql.widgets, *redis.widgets, *backups.widgets],
            database_events=POSTGRESQL_EVENTS,
            topics=alerts and alerts.topics(scope.environment.region),
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
