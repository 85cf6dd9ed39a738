"""The dashboard and the alarms over everything that was made."""

from collections.abc import Iterator, Mapping, Sequence

from workbench.composition.alerts import alert_channels
from zelly_components.alarms.alarm import Alarm
from zelly_components.alarms.aurora import AURORA_EVENTS, AuroraTarget, aurora_alarms
from zelly_components.alarms.balancers import (
    ApplicationLoadBalancerTarget,
    NetworkLoadBalancerTarget,
    application_load_balancer_alarms,
    application_load_balancer_widgets,
    network_load_balancer_alarms,
)
from zelly_components.alarms.dashboard import Widget
from zelly_components.alarms.events import backup_events, database_events, deployment_events
from zelly_components.alarms.hosts import HostTarget, host_alarms
from zelly_components.alarms.outages import Outage, outage
from zelly_components.alarms.redis import RedisTarget, redis_alarms, redis_widgets
from zelly_components.alarms.services import EcsServiceTarget, service_alarms, service_widgets
from zelly_components.bastion_wireguard import BastionWireGuard
from zelly_components.ecs_service import EcsService
from zelly_components.observability import Observability, ObservabilityArgs
from zelly_infra import catalog
from zelly_infra.composition.edge import Edge
from zelly_infra.composition.foundation import Foundation
from zelly_infra.composition.scope import Scope
from zelly_infra.composition.stores import Stores

_WHEN_DOWN = {
    "nat": (
        "Unless a NAT gateway carries it, nothing in a private subnet reaches the internet meanwhile: no image is "
        "pulled, no log written, no payment asked for. If the host is not back five minutes after that, "
        "docs/recovery.md says how to put a NAT gateway in its place."
    )
}
"""Additions to the alarm on a host that is down, by host."""

_BEHIND = frozenset({"clickhouse-down"})
"""Alarms that page and that no client notices at once, beside those of services without an entrance."""


def build_monitoring(
    scope: Scope,
    *,
    foundation: Foundation,
    stores: Stores,
    edge: Edge,
    services: Mapping[str, EcsService],
    bastion: BastionWireGuard,
) -> Observability:
    """Make the alarms, their topic and the dashboard."""
    balancers = _application_load_balancers(edge)
    watched_services = _services(scope, foundation, services)
    redis = RedisTarget(label="redis", cache_cluster_id=stores.redis.cache_cluster_id)
    alarms = [
        *_edge_alarms(scope, edge, balancers),
        *_service_alarms(scope, watched_services),
        *_aurora_alarms(scope, stores),
        *redis_alarms(redis, memory_percent=scope.environment.alarms.redis_memory_percent),
        *_host_alarms(scope, foundation, stores, bastion),
    ]
    channels = alert_channels(
        scope.name("alerts"),
        scope.environment,
        scope.environment.channels,
        emails=scope.environment.alarms.emails,
        events=[*deployment_events(), *database_events(AURORA_EVENTS), *backup_events()],
        options=scope.options,
    )
    return Observability(
        scope.name("monitoring"),
        ObservabilityArgs(
            region=scope.environment.region,
            dashboard_name=scope.names.prefix,
            alarm_emails=scope.environment.alarms.emails,
            alarms=alarms,
            widgets=[*_widgets(balancers, watched_services), *redis_widgets(redis)],
            database_events=AURORA_EVENTS,
            topics=channels and channels.topics(scope.environment.region),
            outages=_outages(alarms),
        ),
        scope.options,
    )


def _outages(alarms: Sequence[Alarm]) -> list[Outage]:
    """Return what pages once each: what clients notice, with what brings it along, and what only workers notice."""
    behind = _BEHIND | {f"{service.name}-running-tasks" for service in catalog.SERVICES if service.ingress is None}
    return [
        outage(
            "clients-outage",
            "Clients are not served, or soon will not be: a balancer, a service behind one, Redis or the way to the "
            "internet is at fault. First: status shows which; of several alarms in the chat the oldest is nearest to "
            "the cause.",
            [alarm for alarm in alarms if alarm.name not in behind],
        ),
        outage(
            "background-outage",
            "Work that clients do not wait for stands still: a worker, an internal tool or ClickHouse is at fault. "
            "First: status shows which, service events why its tasks stop.",
            [alarm for alarm in alarms if alarm.name in behind],
            cause="clients-outage",
        ),
    ]


def _edge_alarms(scope: Scope, edge: Edge, balancers: list[ApplicationLoadBalancerTarget]) -> Iterator[Alarm]:
    figures = scope.environment.alarms
    for balancer in balancers:
        yield from application_load_balancer_alarms(
            balancer, http_5xx_percent=figures.http_5xx_percent, minimum_requests=figures.minimum_requests
        )
    for name, balancer in edge.network_load_balancers.items():
        yield from network_load_balancer_alarms(
            NetworkLoadBalancerTarget(
                label=name,
                load_balancer_arn_suffix=balancer.load_balancer_arn_suffix,
                target_group_arn_suffixes=balancer.target_group_arn_suffixes,
            )
        )


def _service_alarms(scope: Scope, services: list[EcsServiceTarget]) -> Iterator[Alarm]:
    figures = scope.environment.alarms
    for service in services:
        yield from service_alarms(service, cpu_percent=figures.cpu_percent, memory_percent=figures.memory_percent)


def _aurora_alarms(scope: Scope, stores: Stores) -> list[Alarm]:
    aurora = AuroraTarget(
        label="aurora",
        cluster_identifier=stores.aurora.cluster_identifier,
        maximum_capacity_acu=scope.environment.aurora.maximum_capacity_acu,
    )
    return aurora_alarms(aurora, capacity_percent=scope.environment.alarms.aurora_capacity_percent)


def _host_alarms(scope: Scope, foundation: Foundation, stores: Stores, bastion: BastionWireGuard) -> Iterator[Alarm]:
    figures = scope.environment.alarms
    for host in _hosts(foundation, stores, bastion):
        yield from host_alarms(host, memory_percent=figures.host_memory_percent, disk_percent=figures.disk_percent)


def _widgets(balancers: list[ApplicationLoadBalancerTarget], services: list[EcsServiceTarget]) -> Iterator[Widget]:
    for balancer in balancers:
        yield from application_load_balancer_widgets(balancer)
    for service in services:
        yield from service_widgets(service)


def _services(scope: Scope, foundation: Foundation, services: Mapping[str, EcsService]) -> list[EcsServiceTarget]:
    return [
        EcsServiceTarget(
            label=name,
            cluster_name=foundation.cluster.cluster_name,
            service_name=service.service_name,
            container_insights=scope.environment.containers.container_insights != "disabled",
        )
        for name, service in services.items()
    ]


def _hosts(foundation: Foundation, stores: Stores, bastion: BastionWireGuard) -> list[HostTarget]:
    hosts = {"clickhouse": stores.clickhouse, "bastion": bastion, "nat": foundation.network.nat_instance}
    return [
        HostTarget(
            label=label,
            instance_id=host.instance_id,
            failed_units_metric=host.failed_units_metric,
            mount_points=host.mount_points,
            when_down=_WHEN_DOWN.get(label),
            # Nobody but operators misses the way in.
            down_severity="inform" if label == "bastion" else "page",
        )
        for label, host in hosts.items()
        if host is not None
    ]


def _application_load_balancers(edge: Edge) -> list[ApplicationLoadBalancerTarget]:
    return [
        ApplicationLoadBalancerTarget(
            label=name,
            load_balancer_arn_suffix=balancer.load_balancer_arn_suffix,
            target_group_arn_suffixes=balancer.target_group_arn_suffixes,
        )
        for name, balancer in edge.application_load_balancers.items()
    ]
