"""The entrance from the internet: one load balancer, told apart by host name, with certificates and names."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from relay_infra import catalog
from relay_infra.composition.foundation import Foundation
from relay_infra.composition.scope import Scope
from relay_infra.names import LOAD_BALANCER
from zelly_components.access_log_bucket import AccessLogBucket, AccessLogBucketArgs
from zelly_components.application_load_balancer import (
    ApplicationLoadBalancer,
    ApplicationLoadBalancerArgs,
    BalancedServiceArgs,
    TestListenerArgs,
)
from zelly_components.certificate import Certificate, CertificateArgs
from zelly_components.deployment_alarms import DeploymentAlarms, DeploymentAlarmsArgs


@dataclass(frozen=True, kw_only=True)
class Edge:
    """The entrance."""

    balancer: ApplicationLoadBalancer
    deployment_alarms: Mapping[str, DeploymentAlarms]
    """By service behind the balancer."""
    access_log_bucket: pulumi.Output[str]


def build_edge(scope: Scope, foundation: Foundation) -> Edge:
    """Make the load balancer of every service that has a port, and point their names at it."""
    environment = scope.environment
    bucket = AccessLogBucket(
        scope.name("access-logs"),
        AccessLogBucketArgs(
            retention_days=environment.load_balancing.access_log_retention_days,
            account_id=environment.aws_account_id,
            region=environment.region,
            force_destroy=not environment.deletion_protection,
        ),
        scope.options,
    )
    balancer = ApplicationLoadBalancer(
        scope.name("alb"),
        ApplicationLoadBalancerArgs(
            load_balancer_name=LOAD_BALANCER,
            vpc_id=foundation.network.vpc_id,
            subnet_ids=foundation.network.public_subnet_ids,
            services=[
                _balanced(scope, service, service.port, hostname)
                for service in catalog.SERVICES
                if service.port is not None and (hostname := _hostname(scope, service)) is not None
            ],
            access_log_bucket=bucket.bucket_name,
            access_log_prefix=LOAD_BALANCER,
            tls_policy=environment.load_balancing.tls_policy,
            deletion_protection=environment.deletion_protection,
            test_listener=TestListenerArgs(allowed_cidrs=_test_networks(scope, foundation)),
        ),
        scope.options,
    )
    for service in catalog.SERVICES:
        if (hostname := _hostname(scope, service)) is not None:
            foundation.dns.point_name_at(hostname, balancer.dns_name, proxied=environment.dns.proxied)
    alarms = {
        service.name: _deployment_alarms(scope, balancer, service.name)
        for service in catalog.SERVICES
        if service.name in balancer.target_group_arns
    }
    return Edge(balancer=balancer, deployment_alarms=alarms, access_log_bucket=bucket.bucket_name)


def _test_networks(scope: Scope, foundation: Foundation) -> dict[str, pulumi.Input[str]]:
    traffic = scope.environment.deployments.test_traffic
    addresses = foundation.network.nat_public_ips if traffic.own_nat else []
    return {
        **{name: str(network) for name, network in traffic.networks.items()},
        **{f"own-nat-{number}": pulumi.Output.format("{0}/32", ip) for number, ip in enumerate(addresses, 1)},
    }


def _deployment_alarms(scope: Scope, balancer: ApplicationLoadBalancer, service: str) -> DeploymentAlarms:
    figures = scope.environment.deployments
    return DeploymentAlarms(
        scope.name(f"{service}-deployment"),
        DeploymentAlarmsArgs(
            service=service,
            load_balancer_arn_suffix=balancer.load_balancer_arn_suffix,
            target_group_arn_suffixes=[
                balancer.target_group_arn_suffixes[service],
                balancer.alternate_target_group_arn_suffixes[service],
            ],
            http_5xx_percent=figures.http_5xx_percent,
            minimum_requests=figures.minimum_requests,
        ),
        scope.options,
    )


def _hostname(scope: Scope, service: catalog.Service) -> str | None:
    return scope.environment.services[service.name].hostname


def _balanced(scope: Scope, service: catalog.Service, port: int, hostname: str) -> BalancedServiceArgs:
    dns = scope.environment.dns
    certificate = Certificate(
        scope.name(f"{service.name}-certificate"),
        CertificateArgs(
            domain_name=hostname,
            subject_alternative_names=[],
            zone_id=dns.cloudflare_zone_id,
            ttl_seconds=dns.ttl_seconds,
        ),
        scope.options,
    )
    return BalancedServiceArgs(
        name=service.name,
        hostname=hostname,
        certificate_arn=certificate.certificate_arn,
        target_port=port,
        health_check_path=service.health_path,
        # Whatever the strategy is: with both groups there, a change of it leaves the balancer as it is.
        alternate_targets=True,
    )
