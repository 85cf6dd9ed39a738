"""The settings and rules of a Cloudflare zone: TLS, DNSSEC, and one ruleset for each phase."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_random as random

from zelly_components.base import Component
from zelly_components.dns_record import check_hostname
from zelly_components.edge.cloudflare import RULESET, ZONE_DNSSEC, ZONE_SETTING, CloudflareResource
from zelly_components.edge.rules import EdgeHostArgs, RateLimitArgs, RulesArgs, rules_by_phase
from zelly_components.limits.edge import WafAction, check_rate_limit

__all__ = ["CloudflareEdge", "CloudflareEdgeArgs", "EdgeHostArgs", "RateLimitArgs"]

_TOKEN_CHARACTERS = 40
_PATH = re.compile(r"/[A-Za-z0-9._/-]+")


@dataclass(frozen=True, kw_only=True)
class CloudflareEdgeArgs:
    """Arguments of a zone's settings and rules."""

    zone_id: str
    """Cloudflare's id of the zone, 32 hexadecimal digits."""
    hosts: Sequence[EdgeHostArgs]
    """The names of every environment that shares the zone: a zone has one ruleset for each phase."""
    api_path: str
    """The beginning of the API's paths, with a slash at both ends."""
    health_paths: Sequence[str]
    """The exact paths on which uptime checkers pass the firewall."""
    min_tls_version: Literal["1.2", "1.3"]
    """The oldest TLS that clients may speak. Route 53's checkers speak none newer than 1.2."""
    hsts_max_age_seconds: int
    """The time for which browsers remember that the zone speaks HTTPS alone; 31536000, a year, is usual. Browsers hold
    on to it: begin with a short one."""
    waf_action: WafAction
    """What is done with a request that a managed rule finds. New rules begin with ``log``."""
    owasp_score: int
    """The score from which the OWASP ruleset acts: 25, 40 and 60 are Cloudflare's high, medium and low sensitivity."""
    rate_limit: RateLimitArgs
    """The limit of requests to the API's paths, for each client address."""


class CloudflareEdge(Component):
    """The pinned settings of a zone, DNSSEC, and the entry point rulesets of its phases.

    Exactly one component may exist for a zone: rulesets and settings are the zone's, and a second owner would overwrite
    the first one's (pulumi/pulumi-cloudflare#782). Names that others need are in ``hosts``.

    "Always Use HTTPS" is off and a rule redirects instead: the setting knows no exception, and a frontend elsewhere
    proves its domain over plain HTTP. Deleting the component leaves the settings as they are; Cloudflare has no other
    state of them to return to.

    Example::

        from zelly_components.cloudflare_edge import CloudflareEdge, CloudflareEdgeArgs, EdgeHostArgs, RateLimitArgs

        edge = CloudflareEdge(
            "shop-edge",
            CloudflareEdgeArgs(
                zone_id="0123456789abcdef0123456789abcdef",
                hosts=[EdgeHostArgs(hostname="shop.example", origin_hostname="origin.shop.example")],
                api_path="/api/",
                health_paths=["/api/health"],
                min_tls_version="1.2",
                hsts_max_age_seconds=31536000,
                waf_action="log",
                owasp_score=40,
                rate_limit=RateLimitArgs(requests=300, period_seconds=60, block_seconds=60),
            ),
        )
    """

    zone_id: str
    """Cloudflare's id of the zone."""
    phases: list[str]
    """The phases whose entry point rulesets it owns."""
    checker_token: pulumi.Output[str]
    """A secret by which an uptime checker passes the firewall: in the header ``x-uptime-token``, or as the query's only
    argument of that name."""

    def __init__(self, name: str, args: CloudflareEdgeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__(name, opts)
        self._name = name
        self._zone_id = args.zone_id
        self.zone_id = args.zone_id
        self.checker_token = self._token()
        for setting, value in zone_settings(args).items():
            self._zone_resource(ZONE_SETTING, setting.replace("_", "-"), {"settingId": setting, "value": value})
        self._zone_resource(ZONE_DNSSEC, "dnssec", {"status": "active"})
        self.phases = self._rulesets(args)
        self.register_annotated_outputs()

    def _token(self) -> pulumi.Output[str]:
        return random.RandomPassword(
            f"{self._name}-checker-token", length=_TOKEN_CHARACTERS, special=False, opts=self.child()
        ).result

    def _rulesets(self, args: CloudflareEdgeArgs) -> list[str]:
        rules = rules_by_phase(
            RulesArgs(
                hosts=args.hosts,
                api_path=args.api_path,
                health_paths=args.health_paths,
                checker_token=self.checker_token,
                waf_action=args.waf_action,
                owasp_score=args.owasp_score,
                rate_limit=args.rate_limit,
            )
        )
        for phase, in_phase in rules.items():
            self._zone_resource(
                RULESET,
                phase.replace("_", "-"),
                {
                    "name": f"{self._name} {phase}",
                    "kind": "zone",
                    "phase": phase,
                    "rules": [{"enabled": True, **rule} for rule in in_phase],
                },
            )
        return list(rules)

    def _zone_resource(self, type_token: str, part: str, properties: Mapping[str, Any]) -> None:
        CloudflareResource(
            type_token, f"{self._name}-{part}", {"zoneId": self._zone_id, **properties}, opts=self.child()
        )


def zone_settings(args: CloudflareEdgeArgs) -> Mapping[str, Any]:
    """Return the zone's settings by Cloudflare's ids ("Edit zone setting", Cloudflare API)."""
    return {
        # Full (strict): the origin's certificate has to be one of Cloudflare's Origin CA or a public one.
        "ssl": "strict",
        "min_tls_version": args.min_tls_version,
        "tls_1_3": "on",
        "always_use_https": "off",
        "security_header": {
            "strict_transport_security": {
                "enabled": True,
                "max_age": args.hsts_max_age_seconds,
                "include_subdomains": True,
                "preload": False,
                "nosniff": True,
            }
        },
    }


def _check(args: CloudflareEdgeArgs) -> None:
    names = [name for host in args.hosts for name in (host.hostname, host.origin_hostname)]
    if not names:
        raise ValueError("hosts: came none; allowed one or more")
    for hostname in names:
        check_hostname("hosts", hostname)
    if len(set(names)) != len(names):
        raise ValueError(f"hosts: came {', '.join(names)}; allowed each name once")
    for path in (args.api_path, *args.health_paths):
        if _PATH.fullmatch(path) is None:
            raise ValueError(f"api_path, health_paths: came {path!r}; allowed paths such as /api/health")
    if not args.api_path.endswith("/"):
        raise ValueError(f"api_path: came {args.api_path!r}; allowed a path that ends in a slash")
    check_rate_limit("rate_limit.period_seconds", args.rate_limit.period_seconds)
