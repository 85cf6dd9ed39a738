"""DNS records that point a hostname at something: what a zone's verbs and a DNS name as data make."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi

from zelly_components.base import Component
from zelly_components.dns_record import DnsRecord, DnsRecordArgs


@dataclass(frozen=True, kw_only=True)
class Pointer:
    """A hostname of a zone, and how its records are answered."""

    zone_id: str
    hostname: str
    ttl_seconds: int
    proxied: bool


def record_name(prefix: str, hostname: str) -> str:
    """Return the logical name of a hostname's record, which is free of ``*``."""
    # No hostname has an underscore, so that no other one gets the wildcard's logical name.
    return f"{prefix}-{hostname.replace('*', '_wildcard')}"


def point_at_target(component: Component, name: str, pointer: Pointer, target: pulumi.Input[str]) -> None:
    """Point a hostname at another name, with a CNAME record."""
    _record(component, name, pointer, "CNAME", target)


def point_at_addresses(
    component: Component, name: str, pointer: Pointer, addresses: Sequence[pulumi.Input[str]]
) -> None:
    """Point a hostname at IPv4 addresses, with an A record each."""
    for position, address in enumerate(addresses, start=1):
        _record(component, f"{name}-{position}", pointer, "A", address)


def _record(
    component: Component, name: str, pointer: Pointer, kind: Literal["A", "CNAME"], content: pulumi.Input[str]
) -> None:
    DnsRecord(
        name,
        DnsRecordArgs(
            zone_id=pointer.zone_id,
            name=pointer.hostname,
            type=kind,
            content=content,
            ttl_seconds=pointer.ttl_seconds,
            proxied=pointer.proxied,
        ),
        opts=component.child(),
    )
