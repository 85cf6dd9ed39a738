"""The dashboard and the alarms over everything that was made."""

from collections.abc import Mapping

from zelly_components.alarms.alarms import (
    AlarmThresholds,
    ApplicationLoadBalancerTarget,
    AuroraTarget,
    EcsServiceTarget,
    HostTarget,
    NetworkLoadBalancerTarget,
    RedisTarget,
    SharedLoadBalancerTarget,
)
from zelly_components.bastion_wireguard import BastionWireGuard
from zelly_components.ecs_service import EcsService
from zelly_components.observability import Observability, ObservabilityArgs
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
"""What the alarm on a host that is down says beside what it says of every host."""


def build_monitoring(
    scope: Scope,
    *,
    foundation: Foundation,
    stores: Stores,
    edge: Edge,
    services: Mapping[str, EcsService],
    bastion: BastionWireGuard,
) -> Observability:
    """Make the alarms, whom they write to, and the dashboard."""
    return Observability(
        scope.name("monitoring"),
        ObservabilityArgs(
            region=scope.environment.region,
            dashboard_name=scope.names.prefix,
            alarm_emails=scope.environment.alarms.emails,
            services=[
                EcsServiceTarget(
                    label=name,
                    cluster_name=foundation.cluster.cluster_name,
                    service_name=service.service_name,
                    container_insights=scope.environment.containers.container_insights != "disabled",
                )
                for name, service in services.items()
            ],
            application_load_balancers=_application_load_balancers(edge),
            shared_load_balancers=_shared_load_balancers(edge),
            network_load_balancers=_network_load_balancers(edge),
            aurora=AuroraTarget(
                label="aurora",
                cluster_identifier=stores.aurora.cluster_identifier,
                maximum_capacity_acu=scope.environment.aurora.maximum_capacity_acu,
            ),
            redis=RedisTarget(label="redis", cache_cluster_id=stores.redis.cache_cluster_id),
            hosts=_hosts(foundation, stores, bastion),
            thresholds=_thresholds(scope),
        ),
        scope.options,
    )


def _hosts(foundation: Foundation, stores: Stores, bastion: BastionWireGuard) -> list[HostTarget]:
    hosts = {"clickhouse": stores.clickhouse, "bastion": bastion, "nat": foundation.network.nat_instance}
    return [
        HostTarget(
            label=label,
            instance_id=host.instance_id,
            failed_units_metric=host.failed_units_metric,
            mount_points=host.mount_points,
            when_down=_WHEN_DOWN.get(label),
        )
        for label, host in hosts.items()
        if host is not None
    ]


def _application_load_balancers(edge: Edge) -> list[ApplicationLoadBalancerTarget]:
    return [
        ApplicationLoadBalancerTarget(
            label=name,
            load_balancer_arn_suffix=balancer.load_balancer_arn_suffix,
            target_group_arn_suffix=balancer.target_group_arn_suffix,
        )
        for name, balancer in edge.application_load_balancers.items()
    ]


def _shared_load_balancers(edge: Edge) -> list[SharedLoadBalancerTarget]:
    return [
        SharedLoadBalancerTarget(
            label=name,
            load_balancer_arn_suffix=balancer.load_balancer_arn_suffix,
            target_group_arn_suffixes=balancer.target_group_arn_suffixes,
        )
        for name, balancer in edge.shared_load_balancers.items()
    ]


def _network_load_balancers(edge: Edge) -> list[NetworkLoadBalancerTarget]:
    return [
        NetworkLoadBalancerTarget(
            label=name,
            load_balancer_arn_suffix=balancer.load_balancer_arn_suffix,
            target_group_arn_suffixes=balancer.target_group_arn_suffixes,
        )
        for name, balancer in edge.network_load_balancers.items()
    ]


def _thresholds(scope: Scope) -> AlarmThresholds:
    alarms = scope.environment.alarms
    return AlarmThresholds(
        http_5xx_percent=alarms.http_5xx_percent,
        minimum_requests=alarms.minimum_requests,
        cpu_percent=alarms.cpu_percent,
        memory_percent=alarms.memory_percent,
        aurora_capacity_percent=alarms.aurora_capacity_percent,
        redis_memory_percent=alarms.redis_memory_percent,
        host_memory_percent=alarms.host_memory_percent,
        disk_percent=alarms.disk_percent,
    )
