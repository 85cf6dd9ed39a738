"""The edge: names, certificates and rules at Cloudflare, the way to the host, and checks from outside."""

from dataclasses import dataclass

import pulumi

from pakashop_infra import catalog
from pakashop_infra.composition.scope import Scope
from pakashop_infra.config_edge import Zone
from zelly_components.alert_channels import AlertChannels
from zelly_components.api_route import ApiRoute, ApiRouteArgs
from zelly_components.authenticated_origin_pulls import AuthenticatedOriginPulls, AuthenticatedOriginPullsArgs
from zelly_components.cloudflare_edge import CloudflareEdge, CloudflareEdgeArgs, EdgeHostArgs, RateLimitArgs
from zelly_components.cloudflare_ranges import CloudflareRanges, CloudflareRangesArgs
from zelly_components.dns_zone import DnsZone, DnsZoneArgs
from zelly_components.edge.rules import TOKEN_HEADER
from zelly_components.origin_certificate import OriginCertificate, OriginCertificateArgs
from zelly_components.service_host import ServiceHost
from zelly_components.uptime_checks import METRICS_REGION, UptimeCheckArgs, UptimeChecks, UptimeChecksArgs


@dataclass(frozen=True, kw_only=True)
class Edge:
    """The parts that others tell of."""

    certificate: OriginCertificate
    uptime: UptimeChecks
    zone: CloudflareEdge | None
    """None: another stack owns the zone."""


def build_edge(scope: Scope, *, host: ServiceHost, alerts: AlertChannels | None) -> Edge:
    """Make the edge, and let Cloudflare in to the host."""
    zone = _zone(scope)
    _let_cloudflare_in(scope, host)
    _names(scope, host)
    return Edge(certificate=_certificate(scope), uptime=_uptime(scope, zone, alerts), zone=zone)


def _zone(scope: Scope) -> CloudflareEdge | None:
    edge = scope.environment.edge
    if edge.zone is None:
        return None
    return CloudflareEdge(
        scope.name("edge"),
        CloudflareEdgeArgs(
            zone_id=edge.cloudflare_zone_id,
            hosts=_hosts(scope, edge.zone),
            api_path=catalog.API_PATH,
            health_paths=list(catalog.HEALTH_PATHS.values()),
            min_tls_version=edge.zone.min_tls_version,
            hsts_max_age_seconds=edge.zone.hsts_max_age_seconds,
            waf_action=edge.zone.waf_action,
            owasp_score=edge.zone.owasp_score,
            rate_limit=RateLimitArgs(
                requests=edge.zone.rate_limit.requests,
                period_seconds=edge.zone.rate_limit.period_seconds,
                block_seconds=edge.zone.rate_limit.block_seconds,
            ),
        ),
        scope.options,
    )


def _hosts(scope: Scope, zone: Zone) -> list[EdgeHostArgs]:
    edge = scope.environment.edge
    return [
        EdgeHostArgs(hostname=each.hostname, origin_hostname=each.origin_hostname)
        for each in (edge, *zone.other_environments)
    ]


def _let_cloudflare_in(scope: Scope, host: ServiceHost) -> None:
    ranges = CloudflareRanges(scope.name("cloudflare"), CloudflareRangesArgs(), scope.options)
    host.allow_https_from_prefix_list("cloudflare-ipv4", ranges.ipv4_prefix_list_id)
    host.allow_https_from_prefix_list("cloudflare-ipv6", ranges.ipv6_prefix_list_id)


def _names(scope: Scope, host: ServiceHost) -> None:
    edge = scope.environment.edge
    through_worker = edge.api_routing == "worker"
    zone = DnsZone(
        scope.names.dns_zone, DnsZoneArgs(zone_id=edge.cloudflare_zone_id, ttl_seconds=edge.ttl_seconds), scope.options
    )
    # Vercel advises against a proxy before it; without one no request would reach the Worker.
    zone.point_name_at(edge.hostname, edge.frontend_target, proxied=through_worker)
    zone.point_name_at_addresses(edge.origin_hostname, [host.public_ip], proxied=True)
    if through_worker:
        ApiRoute(
            scope.name("api-route"),
            ApiRouteArgs(
                account_id=edge.cloudflare_account_id,
                zone_id=edge.cloudflare_zone_id,
                hostname=edge.hostname,
                path=catalog.API_PATH,
                origin_hostname=edge.origin_hostname,
                script_name=scope.name("api-route"),
            ),
            scope.options,
        )


def _certificate(scope: Scope) -> OriginCertificate:
    edge = scope.environment.edge
    pulls = AuthenticatedOriginPulls(
        scope.name("origin-pulls"),
        AuthenticatedOriginPullsArgs(
            zone_id=edge.cloudflare_zone_id,
            hostname=edge.origin_hostname,
            whole_zone=edge.zone is not None,
            valid_from=edge.certificates.client_valid_from.isoformat(),
            valid_days=edge.certificates.client_days,
        ),
        scope.options,
    )
    return OriginCertificate(
        scope.name("origin"),
        OriginCertificateArgs(
            hostnames=[edge.origin_hostname],
            validity_days=edge.certificates.origin_days,
            secret_name=catalog.ORIGIN_SECRET,
            recovery_window_days=scope.environment.secrets.recovery_window_days,
            client_ca_certificate=pulls.ca_certificate,
            client_certificate=pulls.client_certificate,
        ),
        scope.options,
    )


def _uptime(scope: Scope, zone: CloudflareEdge | None, alerts: AlertChannels | None) -> UptimeChecks:
    # The zone's owner alone knows what lets a checker through; the others' checks meet the firewall as customers do.
    query = None if zone is None else pulumi.Output.format("{0}={1}", TOKEN_HEADER, zone.checker_token)
    return UptimeChecks(
        scope.name("uptime"),
        UptimeChecksArgs(
            checks={
                label: UptimeCheckArgs(hostname=scope.environment.edge.hostname, path=path, query=query)
                for label, path in catalog.HEALTH_PATHS.items()
            },
            alarm_emails=scope.environment.alarms.emails,
            topics=alerts and alerts.topics(METRICS_REGION),
        ),
        scope.options,
    )
