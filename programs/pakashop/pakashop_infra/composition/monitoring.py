"""The dashboard and the alarms over everything that was made."""

from collections.abc import Iterator

from pakashop_infra.composition.backups import Backups
from pakashop_infra.composition.postgresql import Postgresql
from pakashop_infra.composition.scope import Scope
from zelly_components.alarms.alarm import Alarm
from zelly_components.alarms.hosts import HostTarget, host_alarms
from zelly_components.alarms.postgresql import POSTGRESQL_EVENTS
from zelly_components.observability import Observability, ObservabilityArgs
from zelly_components.service_host import ServiceHost
from zelly_components.vpc import Vpc


def build_monitoring(
    scope: Scope, *, network: Vpc, host: ServiceHost, postgresql: Postgresql, backups: Backups
) -> Observability:
    """Make the alarms, their topic and the dashboard."""
    return Observability(
        scope.name("monitoring"),
        ObservabilityArgs(
            region=scope.environment.region,
            dashboard_name=scope.names.prefix,
            alarm_emails=scope.environment.alarms.emails,
            alarms=[*_host_alarms(scope, network, host), *postgresql.alarms, *backups.alarms],
            widgets=[*postgresql.widgets, *backups.widgets],
            database_events=POSTGRESQL_EVENTS,
        ),
        scope.options,
    )


def _host_alarms(scope: Scope, network: Vpc, host: ServiceHost) -> Iterator[Alarm]:
    figures = scope.environment.alarms
    for target in _hosts(network, host):
        yield from host_alarms(target, memory_percent=figures.host_memory_percent, disk_percent=figures.disk_percent)


def _hosts(network: Vpc, service_host: ServiceHost) -> list[HostTarget]:
    hosts = {"host": service_host, "nat": network.nat_instance}
    return [
        HostTarget(
            label=label,
            instance_id=host.instance_id,
            failed_units_metric=host.failed_units_metric,
            mount_points=host.mount_points,
        )
        for label, host in hosts.items()
        if host is not None
    ]
