"""The dashboard and the alarms over everything that was made."""

from collections.abc import Iterator, Mapping

from relay_infra import catalog
from relay_infra.composition.edge import Edge
from relay_infra.composition.foundation import Foundation
from relay_infra.composition.jenkins import Jenkins
from relay_infra.composition.scope import Scope
from zelly_components.alarms.alarm import Alarm
from zelly_components.alarms.balancers import (
    ApplicationLoadBalancerTarget,
    application_load_balancer_alarms,
    application_load_balancer_widgets,
)
from zelly_components.alarms.dashboard import Widget
from zelly_components.alarms.hosts import HostTarget, host_alarms
from zelly_components.alarms.jenkins import AgentsTarget, agent_alarms, home_alarms
from zelly_components.alarms.services import EcsServiceTarget, service_alarms, service_widgets
from zelly_components.ecs_service import EcsService
from zelly_components.observability import Observability, ObservabilityArgs


def build_monitoring(
    scope: Scope,
    *,
    foundation: Foundation,
    edge: Edge,
    services: Mapping[str, EcsService],
    jenkins: Jenkins | None,
) -> Observability:
    """Make the alarms, their topic and the dashboard."""
    balancer = ApplicationLoadBalancerTarget(
        label="alb",
        load_balancer_arn_suffix=edge.balancer.load_balancer_arn_suffix,
        target_group_arn_suffixes=edge.balancer.target_group_arn_suffixes,
        alternate_target_group_arn_suffixes=edge.balancer.alternate_target_group_arn_suffixes,
    )
    watched = [
        EcsServiceTarget(
            label=entry.name,
            cluster_name=foundation.cluster.cluster_name,
            service_name=services[entry.name].service_name,
            container_insights=scope.environment.containers.container_insights != "disabled",
        )
        for entry in catalog.SERVICES
    ]
    return Observability(
        scope.name("monitoring"),
        ObservabilityArgs(
            region=scope.environment.region,
            dashboard_name=scope.names.prefix,
            alarm_emails=scope.environment.alarms.emails,
            alarms=[
                *_alarms(scope, foundation, balancer, watched),
                *([] if jenkins is None else _jenkins_alarms(scope, jenkins)),
            ],
            widgets=list(_widgets(balancer, watched)),
        ),
        scope.options,
    )


def _alarms(
    scope: Scope,
    foundation: Foundation,
    balancer: ApplicationLoadBalancerTarget,
    services: list[EcsServiceTarget],
) -> Iterator[Alarm]:
    figures = scope.environment.alarms
    yield from application_load_balancer_alarms(
        balancer, http_5xx_percent=figures.http_5xx_percent, minimum_requests=figures.minimum_requests
    )
    for service in services:
        yield from service_alarms(service, cpu_percent=figures.cpu_percent, memory_percent=figures.memory_percent)
    if (nat := foundation.network.nat_instance) is not None:
        target = HostTarget(
            label="nat",
            instance_id=nat.instance_id,
            failed_units_metric=nat.failed_units_metric,
            mount_points=nat.mount_points,
        )
        yield from host_alarms(target, memory_percent=figures.host_memory_percent, disk_percent=figures.disk_percent)


def _jenkins_alarms(scope: Scope, jenkins: Jenkins) -> Iterator[Alarm]:
    figures, controller, vpn = scope.environment.alarms, jenkins.controller, jenkins.vpn
    service = EcsServiceTarget(
        label="jenkins",
        cluster_name=jenkins.cluster.cluster_name,
        service_name=controller.service_name,
        container_insights=scope.environment.containers.container_insights != "disabled",
    )
    yield from service_alarms(service, cpu_percent=figures.cpu_percent, memory_percent=figures.memory_percent)
    entrance = ApplicationLoadBalancerTarget(
        label="jenkins-alb",
        load_balancer_arn_suffix=controller.load_balancer_arn_suffix,
        target_group_arn_suffixes={"jenkins": controller.target_group_arn_suffix},
    )
    yield from application_load_balancer_alarms(
        entrance, http_5xx_percent=figures.http_5xx_percent, minimum_requests=figures.minimum_requests
    )
    yield from home_alarms("jenkins", vault_name=controller.backup_vault_name)
    for label, pool in jenkins.agents.items():
        target = AgentsTarget(
            label=f"jenkins-{label}",
            group_name=pool.group_name,
            failed_units_metric=pool.failed_units_metric,
            longest_build_minutes=jenkins.config.agents.longest_build_minutes,
        )
        yield from agent_alarms(target)
    host = HostTarget(
        label="jenkins-vpn",
        instance_id=vpn.instance_id,
        failed_units_metric=vpn.failed_units_metric,
        mount_points=vpn.mount_points,
        when_down="Nobody reaches Jenkins' pages until it is back; builds and deploys go on.",
    )
    yield from host_alarms(host, memory_percent=figures.host_memory_percent, disk_percent=figures.disk_percent)


def _widgets(balancer: ApplicationLoadBalancerTarget, services: list[EcsServiceTarget]) -> Iterator[Widget]:
    yield from application_load_balancer_widgets(balancer)
    for service in services:
        yield from service_widgets(service)
