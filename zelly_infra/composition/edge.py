"""Where the internet comes in: load balancers, their certificates and names."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.access_log_bucket import AccessLogBucket, AccessLogBucketArgs
from components.application_load_balancer import ApplicationLoadBalancer, ApplicationLoadBalancerArgs
from components.certificate import Certificate, CertificateArgs
from components.network_load_balancer import NetworkLoadBalancer, NetworkLoadBalancerArgs
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
    """A service's way in: who sends to it, and which of its ports the sender reaches."""

    load_balancer_name: str
    security_group_id: pulumi.Output[str]
    targets: tuple[Target, ...]
    reached_ports: tuple[int, ...]
    """The targets' ports and that of the health check."""
    zones: int
    """How many of the network's zones, from the first on, the balancer stands in. Targets in any other get no traffic,
    whatever cross-zone load balancing says ("How Elastic Load Balancing works", user guide)."""


@dataclass(frozen=True, kw_only=True)
class Edge:
    """The load balancers by name, and the entrances by service."""

    application_load_balancers: Mapping[str, ApplicationLoadBalancer]
    network_load_balancers: Mapping[str, NetworkLoadBalancer]
    entrances: Mapping[str, Entrance]


def build_edge(scope: Scope, foundation: Foundation) -> Edge:
    """Make a load balancer for every service that the catalog lets the internet reach."""
    bucket = _access_log_bucket(scope)
    application: dict[str, ApplicationLoadBalancer] = {}
    network: dict[str, NetworkLoadBalancer] = {}
    entrances: dict[str, Entrance] = {}
    for service in catalog.SERVICES:
        hostname = scope.environment.services[service.name].hostname
        match service.ingress:
            case HttpsIngress() as ingress if hostname is not None:
                balancer = _application_load_balancer(scope, foundation, bucket, ingress, hostname)
                application[ingress.load_balancer] = balancer
                entrances[service.name] = _https_entrance(scope, ingress, balancer)
            case PassthroughIngress() as ingress if hostname is not None:
                passthrough = _network_load_balancer(scope, foundation, ingress, hostname)
                network[ingress.load_balancer] = passthrough
                entrances[service.name] = _passthrough_entrance(scope, ingress, passthrough)
            case _:
                pass
    return Edge(application_load_balancers=application, network_load_balancers=network, entrances=entrances)


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


def _application_load_balancer(
    scope: Scope, foundation: Foundation, bucket: AccessLogBucket, ingress: HttpsIngress, hostname: str
) -> ApplicationLoadBalancer:
    environment = scope.environment
    certificate = Certificate(
        scope.name(f"{ingress.load_balancer}-certificate"),
        CertificateArgs(
            domain_name=hostname,
            subject_alternative_names=[],
            zone_id=environment.dns.cloudflare_zone_id,
            ttl_seconds=environment.dns.ttl_seconds,
        ),
        scope.options,
    )
    balancer = ApplicationLoadBalancer(
        scope.name(ingress.load_balancer),
        ApplicationLoadBalancerArgs(
            load_balancer_name=ingress.load_balancer,
            vpc_id=foundation.network.vpc_id,
            subnet_ids=foundation.network.public_subnet_ids,
            certificate_arn=certificate.certificate_arn,
            target_port=ingress.port,
            health_check_path=ingress.health_check_path,
            access_log_bucket=bucket.bucket_name,
            access_log_prefix=ingress.load_balancer,
            tls_policy=environment.load_balancing.tls_policy,
            deletion_protection=environment.deletion_protection,
        ),
        scope.options,
    )
    foundation.dns.point_name_at(hostname, balancer.dns_name, proxied=environment.dns.proxied)
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


def _https_entrance(scope: Scope, ingress: HttpsIngress, balancer: ApplicationLoadBalancer) -> Entrance:
    return Entrance(
        load_balancer_name=ingress.load_balancer,
        security_group_id=balancer.security_group_id,
        targets=(Target(target_group_arn=balancer.target_group_arn, container=ingress.container, port=ingress.port),),
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
