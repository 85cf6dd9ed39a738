"""The rules of a Cloudflare zone, by phase, as pure functions of the hosts that they are for.

A zone has one entry point ruleset for each phase. Everything that shares the zone shares its rulesets, so that every
expression names its hosts. Each rule has a ``ref``: without one, Cloudflare gives every rule a new id whenever one
changes (cloudflare/cloudflare-docs#22963).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from zelly_components.limits.edge import WafAction

REDIRECTS = "http_request_dynamic_redirect"
CUSTOM = "http_request_firewall_custom"
RATE_LIMITS = "http_ratelimit"
MANAGED = "http_request_firewall_managed"
CACHE = "http_request_cache_settings"

CLOUDFLARE_RULESET = "efb7b8c949ac4650a09736fc376e9aee"
"""The Cloudflare Managed Ruleset ("Work with managed rulesets", Cloudflare WAF)."""
OWASP_RULESET = "4814384a9e5d4991b9815dcfc25d2f1f"
"""The Cloudflare OWASP Core Ruleset."""
OWASP_SCORE_RULE = "6179ae15870a4bb7b2d480d4843b323c"
"""Its last rule, which acts on the score that the others add up ("Configure the OWASP ruleset via API")."""

TOKEN_HEADER = "x-uptime-token"  # noqa: S105 (the header's name)
"""The header, and in lower case the query's one argument, by which an uptime checker is known."""

_ACME = "/.well-known/acme-challenge/"
_VERCEL = "/.well-known/vercel/"


@dataclass(frozen=True, kw_only=True)
class EdgeHostArgs:
    """The two names of one environment."""

    hostname: str
    """The full name that clients use, e.g. ``shop.example``."""
    origin_hostname: str
    """The full name of the origin, which Cloudflare connects to, e.g. ``origin.shop.example``."""


@dataclass(frozen=True, kw_only=True)
class RateLimitArgs:
    """A limit of requests to the API, for each client address in each of Cloudflare's locations."""

    requests: int
    """The requests that a client may make in a period; one more, and it is refused."""
    period_seconds: int
    """The seconds over which they are counted: 10, 60, 120, 300, 600 or 3600, of which the zone's plan has some."""
    block_seconds: int
    """The time for which a client that exceeds it is refused."""


@dataclass(frozen=True, kw_only=True)
class RulesArgs:
    """What the rules of a zone depend on."""

    hosts: Sequence[EdgeHostArgs]
    api_path: str
    """The beginning of the API's paths, with a slash at both ends."""
    health_paths: Sequence[str]
    """What uptime checkers ask for."""
    checker_token: pulumi.Input[str]
    """Letters and digits."""
    waf_action: WafAction
    owasp_score: int
    """The score from which a request is acted on."""
    rate_limit: RateLimitArgs


Rule = Mapping[str, Any]
"""One rule with the provider's names."""


def rules_by_phase(args: RulesArgs) -> Mapping[str, Sequence[Rule]]:
    """Return the rules of every phase, in the order in which Cloudflare evaluates the phases and they stand in them."""
    return {
        REDIRECTS: _redirects(args),
        CACHE: _cache(args),
        CUSTOM: _custom(args),
        RATE_LIMITS: _rate_limits(args),
        MANAGED: _managed(args),
    }


def _redirects(args: RulesArgs) -> Sequence[Rule]:
    # The zone's own "Always Use HTTPS" knows no exception, and the frontend's certificate is validated over HTTP.
    return [
        {
            "ref": "https_only",
            "description": "HTTP to HTTPS, but for the validation of certificates",
            "expression": f'not ssl and {_hosts(args)} and not starts_with(http.request.uri.path, "{_ACME}")',
            "action": "redirect",
            "actionParameters": {
                "fromValue": {
                    "statusCode": 301,
                    "preserveQueryString": True,
                    "targetUrl": {"expression": 'concat("https://", http.host, http.request.uri.path)'},
                }
            },
        }
    ]


def _cache(args: RulesArgs) -> Sequence[Rule]:
    paths = " or ".join(f'starts_with(http.request.uri.path, "{path}")' for path in (args.api_path, _ACME, _VERCEL))
    return [
        {
            "ref": "never_cached",
            "description": "The API, and what Vercel proves a domain by",
            "expression": f"{_hosts(args)} and ({paths})",
            "action": "set_cache_settings",
            "actionParameters": {"cache": False},
        }
    ]


def _custom(args: RulesArgs) -> Sequence[Rule]:
    frontends = _in("http.host", [host.hostname for host in args.hosts])
    health = _in("http.request.uri.path", args.health_paths)
    # Route 53's checkers send no header of ours, but the query that they are given.
    known = pulumi.Output.format(
        '(any(http.request.headers["{0}"][*] eq "{1}") or http.request.uri.query eq "{0}={1}")',
        TOKEN_HEADER,
        args.checker_token,
    )
    return [
        _skip(
            "certificate_validation",
            "Vercel's proofs of a domain are neither challenged nor counted",
            f'{frontends} and (starts_with(http.request.uri.path, "{_ACME}")'
            f' or starts_with(http.request.uri.path, "{_VERCEL}"))',
        ),
        _skip(
            "uptime_checks",
            "Our own uptime checkers, known by a secret",
            pulumi.Output.format(
                '{0} and {1} and http.request.method in {{"GET" "HEAD"}} and {2}', frontends, health, known
            ),
        ),
    ]


def _skip(ref: str, description: str, expression: pulumi.Input[str]) -> Rule:
    return {
        "ref": ref,
        "description": description,
        "expression": expression,
        "action": "skip",
        # All phases that can be skipped ("Available skip options", Cloudflare WAF). Bot Fight Mode cannot be.
        "actionParameters": {"ruleset": "current", "phases": [RATE_LIMITS, "http_request_sbfm", MANAGED]},
        "logging": {"enabled": False},
    }


def _rate_limits(args: RulesArgs) -> Sequence[Rule]:
    limit = args.rate_limit
    return [
        {
            "ref": "api_rate",
            "description": f"At most {limit.requests} requests to the API in {limit.period_seconds} seconds",
            "expression": f'{_hosts(args)} and starts_with(http.request.uri.path, "{args.api_path}")',
            "action": "block",
            "ratelimit": {
                "characteristics": ["cf.colo.id", "ip.src"],
                "period": limit.period_seconds,
                "requestsPerPeriod": limit.requests,
                "mitigationTimeout": limit.block_seconds,
            },
        }
    ]


def _managed(args: RulesArgs) -> Sequence[Rule]:
    # What blocks, blocks by each rule's own default: Cloudflare's rules differ in it.
    override = {} if args.waf_action == "block" else {"overrides": {"action": args.waf_action}}
    return [
        {
            "ref": "cloudflare_managed",
            "description": "Cloudflare Managed Ruleset",
            "expression": _hosts(args),
            "action": "execute",
            "actionParameters": {"id": CLOUDFLARE_RULESET, **override},
        },
        {
            "ref": "owasp_core",
            "description": "Cloudflare OWASP Core Ruleset at paranoia level 1",
            "expression": _hosts(args),
            "action": "execute",
            "actionParameters": {
                "id": OWASP_RULESET,
                # An action for the whole of this ruleset changes nothing (terraform-provider-cloudflare#2056): levels
                # are switched off by their tags, and what is done stands at the last rule.
                "overrides": {
                    "categories": [{"category": f"paranoia-level-{level}", "enabled": False} for level in (2, 3, 4)],
                    "rules": [
                        {
                            "id": OWASP_SCORE_RULE,
                            "action": args.waf_action,
                            "enabled": True,
                            "scoreThreshold": args.owasp_score,
                        }
                    ],
                },
            },
        },
    ]


def _hosts(args: RulesArgs) -> str:
    return _in("http.host", [name for host in args.hosts for name in (host.hostname, host.origin_hostname)])


def _in(field: str, values: Sequence[str]) -> str:
    listed = " ".join(f'"{value}"' for value in values)
    return f"{field} in {{{listed}}}"
