"""The section of the environment config on the Cloudflare zone."""

from typing import Annotated

from pydantic import Field

from workbench.config import types
from workbench.config.section import Section


class Dns(Section):
    """The Cloudflare zone."""

    zone: types.Hostname
    cloudflare_zone_id: types.CloudflareZoneId
    ttl_seconds: Annotated[int, Field(ge=60, le=86400, description="60 to 86400 seconds")]
    proxied: bool
    """Whether Cloudflare's proxy stands before the HTTPS load balancers. Never before one that passes TLS through."""
