"""A path of a host name that goes to another origin, by a Cloudflare Worker."""

import re
from dataclasses import dataclass
from pathlib import Path

import pulumi

from zelly_components.base import Component
from zelly_components.dns_record import check_hostname
from zelly_components.edge.cloudflare import WORKERS_ROUTE, WORKERS_SCRIPT, CloudflareResource

_SCRIPT = Path(__file__).parent / "edge" / "templates" / "api_route.js"
_COMPATIBILITY_DATE = "2026-11-01"
"""The day as of which the Worker's runtime behaves ("Compatibility dates", Cloudflare Workers)."""
_SCRIPT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True, kw_only=True)
class ApiRouteArgs:
    """Arguments of a route to another origin."""

    account_id: str
    """Cloudflare's id of the account that the Worker belongs to, 32 hexadecimal digits."""
    zone_id: str
    """Cloudflare's id of the zone of both names, 32 hexadecimal digits."""
    hostname: str
    """The name that clients use. Its record has to be proxied, or no request reaches the Worker."""
    path: str
    """The beginning of the paths that go to the origin, with a slash at both ends."""
    origin_hostname: str
    """The proxied name of the origin, in the same zone: Cloudflare's settings for it (strict TLS, authenticated origin
    pulls) hold for the Worker's requests, too."""
    script_name: str
    """The Worker's name in the account."""


class ApiRoute(Component):
    """A Worker that passes every request below a path to an origin, under the origin's name.

    The client's address reaches the origin in ``CF-Connecting-IP``, the asked host name in ``X-Forwarded-Host``.
    Everything else of the host name goes where its record points.

    Example::

        from zelly_components.api_route import ApiRoute, ApiRouteArgs

        route = ApiRoute(
            "shop-api-route",
            ApiRouteArgs(
                account_id="fedcba9876543210fedcba9876543210",
                zone_id="0123456789abcdef0123456789abcdef",
                hostname="shop.example",
                path="/api/",
                origin_hostname="origin.shop.example",
                script_name="shop-api-route",
            ),
        )
    """

    pattern: str
    """The route's pattern, ``shop.example/api/*``."""

    def __init__(self, name: str, args: ApiRouteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__(name, opts)
        self.pattern = f"{args.hostname}{args.path}*"
        script = CloudflareResource(
            WORKERS_SCRIPT,
            f"{name}-script",
            {
                "accountId": args.account_id,
                "scriptName": args.script_name,
                "mainModule": "worker.js",
                "content": _SCRIPT.read_text(encoding="utf-8"),
                "compatibilityDate": _COMPATIBILITY_DATE,
                "bindings": [{"name": "ORIGIN_HOSTNAME", "type": "plain_text", "text": args.origin_hostname}],
            },
            opts=self.child(),
        )
        CloudflareResource(
            WORKERS_ROUTE,
            f"{name}-route",
            {"zoneId": args.zone_id, "pattern": self.pattern, "script": args.script_name},
            # A route to a script that does not exist is refused.
            opts=self.child_with(pulumi.ResourceOptions(depends_on=[script])),
        )
        self.register_annotated_outputs()


def _check(args: ApiRouteArgs) -> None:
    check_hostname("hostname", args.hostname)
    check_hostname("origin_hostname", args.origin_hostname)
    if args.hostname == args.origin_hostname:
        raise ValueError(f"origin_hostname: came {args.origin_hostname}; allowed another name than the hostname")
    if not re.fullmatch(r"/([A-Za-z0-9._-]+/)+", args.path):
        raise ValueError(f"path: came {args.path!r}; allowed a path with a slash at both ends, such as /api/")
    if _SCRIPT_NAME.fullmatch(args.script_name) is None:
        raise ValueError(f"script_name: came {args.script_name!r}; allowed lower-case letters, digits, - and _")
