"""An Origin CA certificate of Cloudflare's for the host behind it, in a secret that the host reads."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_random as random

from zelly_components.base import Component, derived
from zelly_components.dns_record import check_hostname
from zelly_components.edge import keys
from zelly_components.edge.cloudflare import ORIGIN_CA_CERTIFICATE, CloudflareResource
from zelly_components.limits.edge import check_validity
from zelly_components.secrets import ManagedSecret, ManagedSecretArgs

CERTIFICATE = "ORIGIN_CERTIFICATE"
PRIVATE_KEY = "ORIGIN_PRIVATE_KEY"
PULL_CA = "ORIGIN_PULL_CA"
PULL_CERTIFICATE = "ORIGIN_PULL_CERTIFICATE"
SECRET_KEYS = (CERTIFICATE, PRIVATE_KEY, PULL_CA, PULL_CERTIFICATE)
"""The keys of the secret; each value is a text in PEM."""


@dataclass(frozen=True, kw_only=True)
class OriginCertificateArgs:
    """Arguments of an origin's certificate."""

    hostnames: Sequence[str]
    """The names by which Cloudflare connects to the origin. Changing them issues a new certificate."""
    validity_days: int
    """7, 30, 90, 365, 730, 1095 or 5475; Cloudflare issues no other term. Changing it issues a new certificate."""
    secret_name: str
    """The path of the secret, e.g. ``shop/origin/tls``."""
    recovery_window_days: int
    """Days in which the deleted secret can be restored and its name stays taken: 0 (gone at once) or 7 to 30."""
    client_ca_certificate: pulumi.Input[str]
    """The authority, in PEM, whose client certificates the origin takes (``AuthenticatedOriginPulls``)."""
    client_certificate: pulumi.Input[str]
    """The client certificate, in PEM, that Cloudflare shows. The origin has no use for it but to watch its end."""


class OriginCertificate(Component):
    """A certificate that Cloudflare trusts, and nobody else: for a host that Cloudflare alone connects to.

    The private key is derived from random bytes in the state and its request is signed as RFC 6979 says: both are the
    same in every run, so that a certificate is issued anew only for other names or another term. The key leaves the
    state for the secret alone.

    A certificate does not renew itself. ``zelly_components.edge.expiry`` watches its end on the host. To issue it anew,
    replace it: ``pulumi up --replace URN`` of ``…-certificate``; the host takes over what the secret then holds.

    Example::

        from zelly_components.authenticated_origin_pulls import AuthenticatedOriginPulls, AuthenticatedOriginPullsArgs
        from zelly_components.origin_certificate import OriginCertificate, OriginCertificateArgs

        pulls = AuthenticatedOriginPulls(
            "shop-origin-pulls",
            AuthenticatedOriginPullsArgs(
                zone_id="0123456789abcdef0123456789abcdef",
                hostname="origin.shop.example",
                whole_zone=True,
                valid_from="2026-11-30",
                valid_days=1095,
            ),
        )
        certificate = OriginCertificate(
            "shop-origin",
            OriginCertificateArgs(
                hostnames=["origin.shop.example"],
                validity_days=1095,
                secret_name="shop/origin/tls",
                recovery_window_days=30,
                client_ca_certificate=pulls.ca_certificate,
                client_certificate=pulls.client_certificate,
            ),
        )
    """

    certificate_id: pulumi.Output[str]
    """Cloudflare's id of the certificate."""
    expires_on: pulumi.Output[str]
    """The time at which the certificate ends, as Cloudflare writes it."""
    secret_arn: pulumi.Output[str]
    """The ARN of the same secret. It resolves once the secret has its value."""
    secret_name: str
    """The name of the secret with certificate and key."""

    def __init__(self, name: str, args: OriginCertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__(name, opts)
        seed = random.RandomBytes(f"{name}-key", length=keys.SEED_BYTES, opts=self.child()).base64
        certificate = self._certificate(name, args, seed)
        self.certificate_id = certificate.id
        self.expires_on = certificate.output("expiresOn")
        secret = ManagedSecret(
            f"{name}-secret",
            ManagedSecretArgs(
                secret_name=args.secret_name,
                description=f"Origin certificate of {name} with its key, and the authority of its clients",
                recovery_window_days=args.recovery_window_days,
                values={
                    CERTIFICATE: certificate.output("certificate"),
                    PRIVATE_KEY: derived(seed, keys.private_key),
                    PULL_CA: args.client_ca_certificate,
                    PULL_CERTIFICATE: args.client_certificate,
                },
            ),
            opts=self.child(),
        )
        self.secret_arn = secret.secret_arn
        self.secret_name = secret.secret_name
        self.register_annotated_outputs()

    def _certificate(self, name: str, args: OriginCertificateArgs, seed: pulumi.Output[str]) -> CloudflareResource:
        # In the order of their names: another order would be another request, and another certificate.
        hostnames = sorted(args.hostnames)
        return CloudflareResource(
            ORIGIN_CA_CERTIFICATE,
            f"{name}-certificate",
            {
                "csr": derived(seed, lambda value: keys.certificate_request(value, hostnames)),
                "hostnames": hostnames,
                "requestType": "origin-ecc",
                "requestedValidity": args.validity_days,
            },
            opts=self.child(),
            outputs=("certificate", "expiresOn"),
        )


def _check(args: OriginCertificateArgs) -> None:
    check_validity("validity_days", args.validity_days)
    if not args.hostnames:
        raise ValueError("hostnames: came none; allowed one or more")
    for hostname in args.hostnames:
        check_hostname("hostnames", hostname)
    if len(set(args.hostnames)) != len(args.hostnames):
        raise ValueError(f"hostnames: came {', '.join(args.hostnames)}; allowed each once")
