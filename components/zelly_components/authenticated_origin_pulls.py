"""The client certificate that Cloudflare shows to an origin, so that the origin knows it for one of our own zone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pulumi
import pulumi_random as random

from zelly_components.base import Component
from zelly_components.dns_record import check_hostname
from zelly_components.edge import keys
from zelly_components.edge.cloudflare import (
    HOSTNAME_PULLS,
    HOSTNAME_PULLS_CERTIFICATE,
    ZONE_PULLS_CERTIFICATE,
    ZONE_PULLS_SETTINGS,
    CloudflareResource,
)

_AUTHORITY_FROM = date(2026, 1, 1)
_AUTHORITY_DAYS = 7305
"""Twenty years. Origins trust the authority, not one certificate of it: a new client certificate is taken by origins
that never heard of it, so that a rotation has no gap."""

_LONGEST_DAYS = 1826
"""Five years, a choice of this component: what is never rotated is not known to be rotatable."""


@dataclass(frozen=True, kw_only=True)
class AuthenticatedOriginPullsArgs:
    """Arguments of a client certificate for Cloudflare."""

    zone_id: str
    """Cloudflare's id of the zone, 32 hexadecimal digits."""
    hostname: str
    """The origin's name. It stands in the certificate."""
    whole_zone: bool
    """Whether Cloudflare shows the certificate to every origin of the zone. A zone has one such owner; for the others
    it is False, and the certificate is shown to ``hostname`` alone, where it comes before the zone's own."""
    valid_from: str
    """The first day of its term, ``2026-11-30``. Another day issues another certificate with the same key."""
    valid_days: int
    """The days for which the client certificate is valid, at most 1826. One that has ended is still shown, and refused
    by the origin: see ``OriginCertificate`` for who watches."""


class AuthenticatedOriginPulls(Component):
    """A private authority, a client certificate that it signed, and Cloudflare's use of it.

    Cloudflare's shared certificate, which needs nothing of this, proves only that some customer of Cloudflare's asks
    (cloudflare/terraform-provider-cloudflare#1488). Keys and certificates are functions of random bytes in the state
    and of the term: the same in every run.

    Example::

        from zelly_components.authenticated_origin_pulls import AuthenticatedOriginPulls, AuthenticatedOriginPullsArgs

        pulls = AuthenticatedOriginPulls(
            "shop-pulls",
            AuthenticatedOriginPullsArgs(
                zone_id="0123456789abcdef0123456789abcdef",
                hostname="origin.shop.example",
                whole_zone=True,
                valid_from="2026-11-30",
                valid_days=1095,
            ),
        )
    """

    ca_certificate: pulumi.Output[str]
    """The authority's certificate in PEM: what the origin checks client certificates with."""
    client_certificate: pulumi.Output[str]
    """The certificate that Cloudflare shows, in PEM, without its key."""

    def __init__(
        self, name: str, args: AuthenticatedOriginPullsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        valid_from = _check(args)
        super().__init__(name, opts)
        self._name = name
        authority = self._seed("authority")
        client = self._seed("client")
        self.ca_certificate = pulumi.Output.all(authority).apply(
            lambda seeds: _when_known(
                seeds,
                lambda: keys.authority_certificate(seeds[0], name, valid_from=_AUTHORITY_FROM, days=_AUTHORITY_DAYS),
            )
        )
        self.client_certificate = pulumi.Output.all(client, authority).apply(
            lambda seeds: _when_known(
                seeds,
                lambda: keys.client_certificate(
                    seeds[0],
                    seeds[1],
                    name,
                    f"{name} client",
                    hostname=args.hostname,
                    valid_from=valid_from,
                    days=args.valid_days,
                ),
            )
        )
        private_key = pulumi.Output.all(client).apply(
            lambda seeds: _when_known(seeds, lambda: keys.private_key(seeds[0]))
        )
        if args.whole_zone:
            self._for_zone(args, private_key)
        else:
            self._for_hostname(args, private_key)
        self.register_annotated_outputs()

    def _seed(self, owner: str) -> pulumi.Output[str]:
        return random.RandomBytes(f"{self._name}-{owner}-key", length=keys.SEED_BYTES, opts=self.child()).base64

    def _upload(
        self, type_token: str, args: AuthenticatedOriginPullsArgs, private_key: pulumi.Output[str]
    ) -> CloudflareResource:
        return CloudflareResource(
            type_token,
            f"{self._name}-certificate",
            {"zoneId": args.zone_id, "certificate": self.client_certificate, "privateKey": private_key},
            opts=self.child(),
        )

    def _for_zone(self, args: AuthenticatedOriginPullsArgs, private_key: pulumi.Output[str]) -> None:
        # Of several certificates the one that was uploaded last is shown ("Zone-level authenticated origin pulls").
        certificate = self._upload(ZONE_PULLS_CERTIFICATE, args, private_key)
        CloudflareResource(
            ZONE_PULLS_SETTINGS,
            f"{self._name}-settings",
            {"zoneId": args.zone_id, "enabled": True},
            # Without a certificate of the zone's own Cloudflare would show the shared one.
            opts=self.child_with(pulumi.ResourceOptions(depends_on=[certificate])),
        )

    def _for_hostname(self, args: AuthenticatedOriginPullsArgs, private_key: pulumi.Output[str]) -> None:
        certificate = self._upload(HOSTNAME_PULLS_CERTIFICATE, args, private_key)
        CloudflareResource(
            HOSTNAME_PULLS,
            f"{self._name}-hostname",
            {
                "zoneId": args.zone_id,
                "configs": [{"hostname": args.hostname, "certId": certificate.id, "enabled": True}],
            },
            opts=self.child(),
        )


def _when_known(seeds: list[str | None], make: Callable[[], str]) -> str:
    # Mocks that only echo inputs give a random value none.
    return "" if None in seeds else make()


def _check(args: AuthenticatedOriginPullsArgs) -> date:
    check_hostname("hostname", args.hostname)
    if not 1 <= args.valid_days <= _LONGEST_DAYS:
        raise ValueError(f"valid_days: came {args.valid_days}; allowed 1 to {_LONGEST_DAYS}")
    try:
        return date.fromisoformat(args.valid_from)
    except ValueError:
        raise ValueError(f"valid_from: came {args.valid_from!r}; allowed a day such as 2026-11-30") from None
