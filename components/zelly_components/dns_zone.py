"""Records in a Cloudflare zone that point at resources of the program."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from zelly_components.base import Component
from zelly_components.dns_record import check_hostname
from zelly_components.network.names import (
    Pointer,
    point_at_addresses,
    point_at_target,
    record_name,
)


@dataclass(frozen=True, kw_only=True)
class DnsZoneArgs:
    """Arguments of a zone's records. The zone itself exists already: it belongs to the domain, not to one program."""

    zone_id: str
    """Cloudflare's id of the zone, 32 hexadecimal digits."""
    ttl_seconds: int
    """The time to live of an answer, 60 to 86400; Cloudflare sets its own for proxied names."""


class DnsZone(Component):
    """Records in an existing Cloudflare zone. A hostname points once: at a target, or at a list of addresses.

    Example::

        from zelly_components.dns_zone import DnsZone, DnsZoneArgs

        zone = DnsZone("shop-dns", DnsZoneArgs(zone_id="0123456789abcdef0123456789abcdef", ttl_seconds=300))
        zone.point_name_at("api.shop.example", "alb.eu-west-1.elb.amazonaws.com", proxied=True)
        zone.point_name_at_addresses("stores.shop.example", ["192.0.2.1", "192.0.2.2"])
    """

    zone_id: str
    """Cloudflare's id of the zone."""

    def __init__(self, name: str, args: DnsZoneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        self._ttl_seconds = args.ttl_seconds
        self._hostnames: set[str] = set()
        self.zone_id = args.zone_id
        self.register_annotated_outputs()

    def point_name_at(self, hostname: str, target: pulumi.Input[str], *, proxied: bool) -> None:
        """Point ``hostname`` at ``target`` with a CNAME record; at the zone's apex Cloudflare answers with addresses.

        Raises:
            ValueError: for what is no full hostname, or one that points somewhere already.
        """
        point_at_target(self, self._claim(hostname), self._pointer(hostname, proxied=proxied), target)

    def point_name_at_addresses(
        self, hostname: str, addresses: Sequence[pulumi.Input[str]], *, proxied: bool = False
    ) -> None:
        """Point ``hostname`` at IPv4 addresses with an A record each; clients connect to them directly unless proxied.

        Raises:
            ValueError: for what is no full hostname, one that points somewhere already, or no address.
        """
        if not addresses:
            raise ValueError(f"addresses: came none for {hostname}; allowed one or more")
        point_at_addresses(self, self._claim(hostname), self._pointer(hostname, proxied=proxied), addresses)

    def _pointer(self, hostname: str, *, proxied: bool) -> Pointer:
        return Pointer(zone_id=self.zone_id, hostname=hostname, ttl_seconds=self._ttl_seconds, proxied=proxied)

    def _claim(self, hostname: str) -> str:
        """Return the logical name of the hostname's record, which is free of ``*``."""
        check_hostname("hostname", hostname)
        if hostname in self._hostnames:
            raise ValueError(f"hostname: came {hostname!r} twice; allowed once")
        self._hostnames.add(hostname)
        return record_name(self._name, hostname)
