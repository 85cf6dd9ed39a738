"""The section of the environment config on Cloudflare: names, certificates, and the zone's settings and rules."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from workbench.config import types
from workbench.config.section import Section
from zelly_components.limits.edge import WafAction, check_rate_limit, check_validity

CloudflareAccountId = Annotated[
    str, Field(pattern=r"^[0-9a-f]{32}$", description="32 hexadecimal digits, from the account's overview page")
]


class RateLimit(Section):
    """The requests to the API that one address may send through one of Cloudflare's locations."""

    requests: PositiveInt
    period_seconds: PositiveInt
    block_seconds: PositiveInt
    """The time for which an address that sends more is refused."""

    @model_validator(mode="after")
    def _period_exists(self) -> Self:
        check_rate_limit("period_seconds", self.period_seconds)
        return self


class OtherEnvironment(Section):
    """The names of another environment in the same zone."""

    hostname: types.Hostname
    origin_hostname: types.Hostname


class Zone(Section):
    """The settings and rules of the zone, which one stack owns for every environment in it."""

    other_environments: tuple[OtherEnvironment, ...]
    """Those whose names the rules are for as well: a zone has one ruleset for each phase."""
    min_tls_version: Literal["1.2", "1.3"]
    """The oldest TLS that clients may speak, in quotes."""
    hsts_max_age_seconds: Annotated[int, Field(ge=0, le=63072000, description="0 to 63072000 seconds, two years")]
    """The time for which browsers remember that the zone speaks HTTPS alone."""
    waf_action: WafAction
    """What happens to a request that a managed rule finds. New rules begin with log."""
    owasp_score: Literal[25, 40, 60]
    """The score from which the OWASP ruleset acts: 25 finds most, 60 least."""
    rate_limit: RateLimit

    @model_validator(mode="after")
    def _checkers_can_connect(self) -> Self:
        if self.min_tls_version == "1.3":
            raise ValueError('min_tls_version: 1.3; Route 53\'s checkers speak TLS 1.2 at most: "1.2" is allowed')
        return self


class Certificates(Section):
    """The terms of the certificates between Cloudflare and the origin."""

    origin_days: PositiveInt
    """Of the origin's: 7, 30, 90, 365, 730, 1095 or 5475."""
    client_valid_from: date
    """The first day of Cloudflare's own. A later day issues another one, with the same key."""
    client_days: Annotated[int, Field(ge=1, le=1826, description="1 to 1826 days, five years")]

    @model_validator(mode="after")
    def _term_exists(self) -> Self:
        check_validity("origin_days", self.origin_days)
        return self


class Edge(Section):
    """What stands before the host: Cloudflare, and Vercel beside it."""

    cloudflare_zone_id: types.CloudflareZoneId
    cloudflare_account_id: CloudflareAccountId
    hostname: types.Hostname
    """The name that customers type. The frontend on Vercel answers it, but for the API's paths."""
    frontend_target: types.Hostname
    """Vercel's own name, which the record points at."""
    origin_hostname: types.Hostname
    """The name of the host, which Cloudflare connects to; its record is proxied."""
    api_routing: Literal["worker", "vercel"]
    """The way of the API's paths to the host: a Worker of Cloudflare's takes them out, or Vercel passes them on."""
    ttl_seconds: Annotated[int, Field(ge=60, le=86400, description="60 to 86400 seconds")]
    """Of records that are not proxied."""
    certificates: Certificates
    zone: Zone | None
    """Null: another stack owns the zone."""

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        taken: dict[str, str] = {}
        for place, name in self.names():
            if name in taken:
                raise ValueError(f"{place}: {name}; taken by {taken[name]}, each name is allowed once")
            taken[name] = place
        return self

    def names(self) -> list[tuple[str, str]]:
        """Return every host name of the section with its place."""
        others = () if self.zone is None else self.zone.other_environments
        return [
            ("hostname", self.hostname),
            ("origin_hostname", self.origin_hostname),
            *(
                (f"zone.other_environments[{position}].{field}", name)
                for position, other in enumerate(others)
                for field, name in (("hostname", other.hostname), ("origin_hostname", other.origin_hostname))
            ),
        ]
