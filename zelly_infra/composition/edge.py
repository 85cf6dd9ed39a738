"""Entrances from the internet: load balancers, their certificates and names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from zelly_components.access_log_bucket import AccessLogBucket, AccessLogBucketArgs
from zelly_components.application_load_balancer import (
    ApplicationLoadBalancer,
    ApplicationLoadBalancerArgs,
    BalancedServiceArgs,
)
from zelly_components.certificate import Certificate, CertificateArgs
from zelly_components.network_load_balancer import NetworkLoadBalancer, NetworkLoadBalancerArgs
from zelly_infra import catalog
from zelly_infra.catalog import HttpsIngress, PassthroughIngress
from zelly_infra.composition.foundation import Foundation
from zelly_infra.composition.scope import Scope


@dataclass(frozen=True, kw_only=True)
class Target:
    """One port of a container that a load balancer sends to."""

    target_group_arn: pulumi.Output[str]
    container: str
    port: int


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """The entrance of a service: the load balancer that sends to it, and the ports that it reaches."""

    load_balancer_name: str
    security_group_id: pulumi.Output[str]
    targets: tuple[Target, ...]
    reached_ports: tuple[int, ...]
    """The targets' ports and that of the health check."""
    zones: int
    """The number of the network's zones, from the first on, with the balancer. Targets in any other get no traffic,
    whatever cross-zone load balancing says ("How Elastic Load Balancing works", user guide)."""


@dataclass(frozen=True, kw_only=True)
class Edge:
    """The load balancers by name, and the entrances by service."""

    application_load_balancers: Mapping[str, ApplicationLoadBalancer]
    network_load_balancers: Mapping[str, NetworkLoadBalancer]
    entrances: Mapping[str, Entrance]


@dataclass(frozen=True, kw_only=True)
class _Https:
    """A service that is reached over HTTPS, and the name that clients use."""

    service: str
    ingress: HttpsIngress
    hostname: str


def build_edge(scope: Scope, foundation: Foundation) -> Edge:
    """Make the load balancers of every service with an ingress."""
    bucket = _access_log_bucket(scope)
    application: dict[str, ApplicationLoadBalancer] = {}
    network: dict[str, NetworkLoadBalancer] = {}
    entrances: dict[str, Entrance] = {}
    https: list[_Https] = []
    for service in catalog.SERVICES:
        hostname = scope.environment.services[service.name].hostname
        match service.ingress:
            case HttpsIngress() as ingress if hostname is not None:
                https.append(_Https(service=service.name, ingress=ingress, hostname=hostname))
            case PassthroughIngress() as ingress if hostname is not None:
                passthrough = _network_load_balancer(scope, foundation, ingress, hostname)
                network[ingress.load_balancer] = passthrough
                entrances[service.name] = _passthrough_entrance(scope, ingress, passthrough)
            case _:
                pass
    for name, services in _balanced(https, shared=scope.environment.load_balancing.shared).items():
        balancer = _application_load_balancer(scope, foundation, bucket, name, services)
        application[name] = balancer
        entrances |= {each.service: _https_entrance(scope, each, name, balancer) for each in services}
    return Edge(application_load_balancers=application, network_load_balancers=network, entrances=entrances)


def _balanced(https: Sequence[_Https], *, shared: bool) -> Mapping[str, Sequence[_Https]]:
    """Return the services behind each application load balancer, by the balancer's name."""
    if shared:
        return {catalog.SHARED_LOAD_BALANCER: https}
    return {each.ingress.load_balancer: [each] for each in https}


def _access_log_bucket(scope: Scope) -> AccessLogBucket:
    return AccessLogBucket(
        scope.name("access-logs"),
        AccessLogBucketArgs(
            retention_days=scope.environment.load_balancing.access_log_retention_days,
            account_id=scope.environment.aws_account_id,
            region=scope.environment.region,
            force_destroy=not scope.environment.deletion_protection,
        ),
        scope.options,
    )


def _certificate(scope: Scope, https: _Https) -> Certificate:
    # Named after the service's own balancer, whichever one shows it: sharing changes no certificate.
    return Certificate(
        scope.name(f"{https.ingress.load_balancer}-certificate"),
        CertificateArgs(
            domain_name=https.hostname,
            subject_alternative_names=[],
            zone_id=scope.environment.dns.cloudflare_zone_id,
            ttl_seconds=scope.environment.dns.ttl_seconds,
        ),
        scope.options,
    )


def _application_load_balancer(
    scope: Scope, foundation: Foundation, bucket: AccessLogBucket, name: str, services: Sequence[_Https]
) -> ApplicationLoadBalancer:
    environment = scope.environment
    balancer = ApplicationLoadBalancer(
        scope.name(name),
        ApplicationLoadBalancerArgs(
            load_balancer_name=name,
            vpc_id=foundation.network.vpc_id,
            subnet_ids=foundation.network.public_subnet_ids,
            services=[
                BalancedServiceArgs(
                    name=https.service,
                    # A service's own balancer answers it every request, whatever name was asked for.
                    hostname=https.hostname if environment.load_balancing.shared else None,
                    certificate_arn=_certificate(scope, https).certificate_arn,
                    target_port=https.ingress.port,
                    health_check_path=https.ingress.health_check_path,
                )
                for https in services
            ],
            access_log_bucket=bucket.bucket_name,
            access_log_prefix=name,
            tls_policy=environment.load_balancing.tls_policy,
            deletion_protection=environment.deletion_protection,
        ),
        scope.options,
    )
    for https in services:
        foundation.dns.point_name_at(https.hostname, balancer.dns_name, proxied=environment.dns.proxied)
    return balancer


def _network_load_balancer(
    scope: Scope, foundation: Foundation, ingress: PassthroughIngress, hostname: str
) -> NetworkLoadBalancer:
    balancer = NetworkLoadBalancer(
        scope.name(ingress.load_balancer),
        NetworkLoadBalancerArgs(
            load_balancer_name=ingress.load_balancer,
            vpc_id=foundation.network.vpc_id,
            subnet_ids=foundation.network.public_subnet_ids[: scope.environment.storefront.load_balancer_zones],
            ports=ingress.ports,
            health_check_port=ingress.health_check_port,
            health_check_path=ingress.health_check_path,
            deletion_protection=scope.environment.deletion_protection,
        ),
        scope.options,
    )
    foundation.dns.point_name_at_addresses(hostname, balancer.public_ips)
    return balancer


def _https_entrance(scope: Scope, https: _Https, name: str, balancer: ApplicationLoadBalancer) -> Entrance:
    ingress = https.ingress
    target = Target(
        target_group_arn=balancer.target_group_arns[https.service], container=ingress.container, port=ingress.port
    )
    return Entrance(
        load_balancer_name=name,
        security_group_id=balancer.security_group_id,
        targets=(target,),
        reached_ports=(ingress.port,),
        zones=len(scope.environment.network.availability_zones),
    )


def _passthrough_entrance(scope: Scope, ingress: PassthroughIngress, balancer: NetworkLoadBalancer) -> Entrance:
    return Entrance(
        load_balancer_name=ingress.load_balancer,
        security_group_id=balancer.security_group_id,
        targets=tuple(
            Target(target_group_arn=balancer.target_group_arns[port], container=ingress.container, port=port)
            for port in ingress.ports
        ),
        reached_ports=(*ingress.ports, ingress.health_check_port),
        zones=scope.environment.storefront.load_balancer_zones,
    )
