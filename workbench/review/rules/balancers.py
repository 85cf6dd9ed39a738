"""Rules for load balancers and their certificates."""

from collections.abc import Iterator, Mapping
from typing import Any

from workbench.review.rules.model import Resource, ResourceCheck, Rule, Severity, is_unknown, requires, shown

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"

_TLS_POLICIES = (
    "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
)
"""The policies whose keys no recorded traffic gives away later, where the client can (ML-KEM), and that take no cipher
but GCM from others. The first is AWS's recommendation (Application Load Balancers' guide, "Security policies")."""


def _of_application_balancer(check: ResourceCheck) -> ResourceCheck:
    def checked(balancer: Resource) -> Iterator[str]:
        if balancer.value("loadBalancerType") in ("application", None):
            yield from check(balancer)

    return checked


def _redirect(listener: Resource) -> Iterator[str]:
    if listener.value("protocol") != "HTTP":
        return
    for action in listener.items("defaultActions"):
        redirect: Mapping[str, Any] = action.get("redirect") or {}
        if action.get("type") != "redirect" or redirect.get("protocol") != "HTTPS":
            yield f"default action {shown(action.get('type'))}; allowed: a redirect to HTTPS"


def _tls_policy(listener: Resource) -> Iterator[str]:
    if listener.value("protocol") in ("HTTPS", "TLS"):
        yield from requires("sslPolicy", *_TLS_POLICIES)(listener)


def _zones(balancer: Resource) -> Iterator[str]:
    for key in ("subnets", "subnetMappings"):
        value = balancer.value(key)
        if is_unknown(value) or (isinstance(value, list) and len(value) > 1):  # pyright: ignore[reportUnknownArgumentType]
            return
    yield "in fewer than two subnets"


def _secure(listener: Resource) -> Iterator[str]:
    protocol = listener.value("protocol")
    redirects = not list(_redirect(listener)) and protocol == "HTTP"
    if protocol not in ("HTTPS", "TLS") and not redirects and not is_unknown(protocol):
        port = listener.value("port")
        yield f"protocol: {shown(protocol)} on port {port}; allowed: HTTPS, TLS or a redirect to HTTPS"


RULES = (
    Rule(
        id="balancer-redirects-http",
        title="HTTP is redirected to HTTPS",
        controls=("ELB.1",),
        severity=Severity.MEDIUM,
        remediation="Let the listener on port 80 redirect to HTTPS on port 443.",
        types=(LISTENER,),
        check=_redirect,
    ),
    Rule(
        id="balancer-listener-secure",
        title="A listener encrypts, or sends to one that does",
        controls=("ELB.18",),
        severity=Severity.MEDIUM,
        remediation="Use HTTPS or TLS; a balancer that passes TLS through to its targets is excepted.",
        types=(LISTENER,),
        check=_secure,
    ),
    Rule(
        id="balancer-tls-policy",
        title="A TLS listener has a recommended security policy",
        controls=("ELB.17",),
        severity=Severity.MEDIUM,
        remediation="Set ssl_policy to ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09, or to the one for TLS 1.3 alone.",
        types=(LISTENER,),
        check=_tls_policy,
    ),
    Rule(
        id="balancer-drops-invalid-headers",
        title="An Application Load Balancer drops invalid headers",
        controls=("ELB.4",),
        severity=Severity.MEDIUM,
        remediation="Set drop_invalid_header_fields.",
        types=(BALANCER,),
        check=_of_application_balancer(requires("dropInvalidHeaderFields", True)),
    ),
    Rule(
        id="balancer-access-log",
        title="An Application Load Balancer writes access logs",
        controls=("ELB.5",),
        severity=Severity.MEDIUM,
        remediation="Set access_logs with a bucket that takes them.",
        types=(BALANCER,),
        check=_of_application_balancer(requires("accessLogs.enabled", True)),
    ),
    Rule(
        id="balancer-deletion-protection",
        title="A load balancer is protected from deletion",
        controls=("ELB.6",),
        severity=Severity.MEDIUM,
        remediation="Set enable_deletion_protection.",
        types=(BALANCER,),
        check=requires("enableDeletionProtection", True),
    ),
    Rule(
        id="balancer-desync-mitigation",
        title="An Application Load Balancer defends against request smuggling",
        controls=("ELB.12",),
        severity=Severity.MEDIUM,
        remediation="Leave desync_mitigation_mode at defensive, or set strictest.",
        types=(BALANCER,),
        check=_of_application_balancer(requires("desyncMitigationMode", "defensive", "strictest", None)),
    ),
    Rule(
        id="balancer-in-several-zones",
        title="A load balancer is in several zones",
        controls=("ELB.13",),
        severity=Severity.MEDIUM,
        remediation="Name subnets of two zones or more.",
        types=(BALANCER,),
        check=_zones,
    ),
    Rule(
        id="certificate-renews-itself",
        title="A certificate renews itself",
        controls=("ACM.1",),
        severity=Severity.MEDIUM,
        remediation='Set validation_method "DNS"; one that is validated by e-mail waits for somebody to click.',
        types=("aws:acm/certificate:Certificate",),
        check=requires("validationMethod", "DNS"),
    ),
)
