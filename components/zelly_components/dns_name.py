"""A hostname that points at a resource, as data: what ``point_name_at`` of a DNS zone does."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from zelly_components.base import Component, counted
from zelly_components.dns_record import check_hostname
from zelly_components.network.names import Pointer, point_at_addresses, point_at_target, record_name


@dataclass(frozen=True, kw_only=True)
class DnsNameArgs:
    """Arguments of a hostname: where it points, and how its records are answered."""

    zone_id: str
    """Cloudflare's id of the zone, 32 hexadecimal digits."""
    hostname: str
    """The full name, e.g. ``api.shop.example``, or the zone's apex; ``*.shop.example`` answers for every name below."""
    ttl_seconds: int
    """The time to live of an answer, 60 to 86400; Cloudflare sets its own for proxied names."""
    proxied: bool
    """Whether requests pass through Cloudflare, which answers with addresses of its own. False: clients connect to the
    target directly."""
    target: pulumi.Input[str] | None = None
    """The name that the hostname stands for, such as the ``dns_name`` of a load balancer: a CNAME record, which
    Cloudflare answers with addresses at the apex. Left out, there are ``addresses``."""
    addresses: Sequence[pulumi.Input[str]] | None = None
    """The IPv4 addresses that it points at, with an A record each. Left out, there is a ``target``."""


class DnsName(Component):
    """A hostname in an existing Cloudflare zone that points at a target, or at a list of addresses.

    In Python it does what ``DnsZone.point_name_at`` and ``point_name_at_addresses`` do.

    Example::

        from zelly_components.dns_name import DnsName, DnsNameArgs

        DnsName(
            "shop-dns",
            DnsNameArgs(
                zone_id="0123456789abcdef0123456789abcdef",
                hostname="api.shop.example",
                ttl_seconds=300,
                proxied=True,
                target="alb.eu-west-1.elb.amazonaws.com",
            ),
        )
    """

    hostname: str
    """The full name."""

    def __init__(self, name: str, args: DnsNameArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__(name, opts)
        pointer = Pointer(
            zone_id=args.zone_id, hostname=args.hostname, ttl_seconds=args.ttl_seconds, proxied=args.proxied
        )
        record = record_name(name, args.hostname)
        if args.target is not None:
            point_at_target(self, record, pointer, args.target)
        if args.addresses is not None:
            point_at_addresses(self, record, pointer, args.addresses)
        self.hostname = args.hostname
        self.register_annotated_outputs()


def _check(args: DnsNameArgs) -> None:
    check_hostname("hostname", args.hostname)
    if (args.target is None) == (args.addresses is None):
        came = "none" if args.target is None else "both"
        raise ValueError(f"target, addresses: came {came}; allowed exactly one")
    if args.addresses is not None and not counted("addresses", args.addresses):
        raise ValueError(f"addresses: came none for {args.hostname}; allowed one or more")
