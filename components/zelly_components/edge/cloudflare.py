"""Cloudflare's resource types, without the Cloudflare SDK: importing it takes over a second and a hundred megabytes.

Properties are named as the provider names them. A test compares the names of every type, nested ones included, with
those of the SDK.
"""

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from zelly_components.dns_record import provider_version

RULESET = "cloudflare:index/ruleset:Ruleset"
ZONE_SETTING = "cloudflare:index/zoneSetting:ZoneSetting"
ZONE_DNSSEC = "cloudflare:index/zoneDnssec:ZoneDnssec"
ORIGIN_CA_CERTIFICATE = "cloudflare:index/originCaCertificate:OriginCaCertificate"
ZONE_PULLS_CERTIFICATE = "cloudflare:index/authenticatedOriginPullsCertificate:AuthenticatedOriginPullsCertificate"
ZONE_PULLS_SETTINGS = "cloudflare:index/authenticatedOriginPullsSettings:AuthenticatedOriginPullsSettings"
HOSTNAME_PULLS_CERTIFICATE = (
    "cloudflare:index/authenticatedOriginPullsHostnameCertificate:AuthenticatedOriginPullsHostnameCertificate"
)
HOSTNAME_PULLS = "cloudflare:index/authenticatedOriginPulls:AuthenticatedOriginPulls"
WORKERS_SCRIPT = "cloudflare:index/workersScript:WorkersScript"
WORKERS_ROUTE = "cloudflare:index/workersRoute:WorkersRoute"


class CloudflareResource(pulumi.CustomResource):
    """One resource of Cloudflare's provider, of the same type and state as the SDK's class for it.

    Example::

        from zelly_components.edge.cloudflare import ZONE_SETTING, CloudflareResource

        CloudflareResource(
            ZONE_SETTING,
            "shop-ssl",
            {"zoneId": "0123456789abcdef0123456789abcdef", "settingId": "ssl", "value": "strict"},
        )
    """

    def __init__(
        self,
        type_token: str,
        name: str,
        properties: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
        *,
        outputs: tuple[str, ...] = (),
    ) -> None:
        # What only the provider sets has to be named, or the SDK does not hand it out.
        held = {**dict.fromkeys(outputs), **properties}
        # The SDK's version is its provider's: the engine then starts the same plugin as for the SDK's own resources.
        provider = pulumi.ResourceOptions(version=provider_version())
        super().__init__(type_token, name, held, pulumi.ResourceOptions.merge(provider, opts))

    def output(self, name: str) -> pulumi.Output[str]:
        """Return a property of the made resource, by the provider's name."""
        return cast("pulumi.Output[str]", vars(self)[name])
