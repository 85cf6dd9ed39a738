"""The dashboard and the alarms over everything that was made."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from relay_infra import catalog
from relay_infra.composition.edge import Edge
from relay_infra.composition.foundation import Foundation
from relay_infra.composition.jenkins import Jenkins
from relay_infra.composition.scope import Scope
from workbench.composition.alerts import alert_channels
from zelly_components.alarms.alarm import Alarm
from zelly_components.alarms.balancers import (
    ApplicationLoadBalancerTarget,
    application_load_balancer_alarms,
    application_load_balancer_widgets,
)
from zelly_components.alarms.dashboard import Widget
from zelly_components.alarms.events import backup_events, deployment_events
from zelly_components.alarms.hosts import HostTarget, host_alarms
from zelly_components.alarms.jenkins import AgentsTarget, agent_alarms, home_alarms
from zelly_components.alarms.latency import latency_alarms
from zelly_components.alarms.outages import Outage, outage
from zelly_components.alarms.services import EcsServiceTarget, service_alarms, service_widgets
from zelly_components.alarms.throughput import ThroughputTarget, throughput_alarms, throughput_widgets
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
    watched = _watched(scope, foundation, services)
    # Nobody waits for a build at night, and what runs goes on without.
    of_jenkins = () if jenkins is None else _jenkins_alarms(scope, jenkins)
    alarms = [
        *_alarms(scope, foundation, balancer, watched),
        *(replace(alarm, severity="inform") for alarm in of_jenkins),
    ]
    channels = alert_channels(
        scope.name("alerts"),
        scope.environment,
        scope.environment.channels,
        emails=scope.environment.alarms.emails,
        events=[*deployment_events(), *backup_events()],
        options=scope.options,
    )
    return Observability(
        scope.name("monitoring"),
        ObservabilityArgs(
            region=scope.environment.region,
            dashboard_name=scope.names.prefix,
            alarm_emails=scope.environment.alarms.emails,
            alarms=alarms,
            widgets=list(_widgets(balancer, watched)),
            topics=channels and channels.topics(scope.environment.region),
            outages=_outages(alarms),
        ),
        scope.options,
    )


def _watched(scope: Scope, foundation: Foundation, services: Mapping[str, EcsService]) -> list[EcsServiceTarget]:
    return [
        EcsServiceTarget(
            label=entry.name,
            cluster_name=foundation.cluster.cluster_name,
            service_name=services[entry.name].service_name,
            container_insights=scope.environment.containers.container_insights != "disabled",
        )
        for entry in catalog.SERVICES
    ]


def _outages(alarms: Sequence[Alarm]) -> list[Outage]:
    """Return what pages once each: what clients notice, with what brings it along, and what only workers notice."""
    behind = {
        name
        for service in catalog.SERVICES
        if service.port is None
        for name in (f"{service.name}-running-tasks", f"{service.name}-{catalog.SEND_RATE_METRIC}")
    }
    return [
        outage(
            "clients-outage",
            "Clients are not served, or soon will not be: the balancer, a service behind it or the way to the internet "
            "is at fault. First: status shows which; of several alarms in the chat the oldest is nearest to the cause.",
            [alarm for alarm in alarms if alarm.name not in behind],
        ),
        outage(
            "background-outage",
            "What was accepted is not sent: a worker is at fault. First: service status and service logs of the worker "
            "say whether its tasks stop, and why.",
            [alarm for alarm in alarms if alarm.name in behind],
            cause="clients-outage",
        ),
    ]


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
    yield from latency_alarms(balancer, seconds=figures.latency_seconds, minimum_requests=figures.minimum_requests)
    for service in services:
        yield from service_alarms(service, cpu_percent=figures.cpu_percent, memory_percent=figures.memory_percent)
    for sender in _senders():
        yield from throughput_alarms(sender, minimum_per_minute=figures.minimum_sends_per_minute)
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
    for sender in _senders():
        yield from throughput_widgets(sender)


def _senders() -> list[ThroughputTarget]:
    """Return what counts messages. An environment has a region of its own, so that its name is no dimension."""
    return [
        ThroughputTarget(
            label=service.name,
            namespace=catalog.SEND_RATE_NAMESPACE,
            metric=catalog.SEND_RATE_METRIC,
            dimensions={"Service": service.name},
        )
        for service in catalog.SERVICES
        if service.sends
    ]
