"""A Cloudflare DNS record, without the Cloudflare SDK: importing it takes over a second and a hundred megabytes."""

import functools
import re
from dataclasses import dataclass
from importlib import metadata
from typing import Literal

import pulumi

RECORD_TYPE_TOKEN = "cloudflare:index/dnsRecord:DnsRecord"  # noqa: S105 (a Pulumi type token is no secret)
"""The type in version 6 of Pulumi's Cloudflare provider."""

_PROVIDER_VERSION = "6.23.1"
"""The release of the provider that the properties were compared with. Where its SDK is installed, the SDK's counts."""

_AUTOMATIC_TTL = 1
_PROXIABLE_TYPES = frozenset({"A", "AAAA", "CNAME"})
_HOSTNAME_LIMIT = 253
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOSTNAME = re.compile(rf"(?:\*\.)?(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])")


@dataclass(frozen=True, kw_only=True)
class DnsRecordArgs:
    """Arguments of a DNS record."""

    zone_id: pulumi.Input[str]
    """Cloudflare's id of the zone, 32 hexadecimal digits."""
    name: pulumi.Input[str]
    """The whole name, zone included, without a trailing dot (Cloudflare stores none: it would differ for ever)."""
    type: Literal["A", "AAAA", "CNAME", "TXT"]
    content: pulumi.Input[str]
    """The address, the target name without a trailing dot, or the text."""
    ttl_seconds: int
    """The time to live of the answer, 60 to 86400. A proxied record has none of its own; see ``proxied``."""
    proxied: bool
    """Whether clients reach Cloudflare, which forwards, instead of the content itself. Cloudflare sets the TTL of
    such records: it takes only 1, "automatic", and that is what is sent whatever ``ttl_seconds`` says."""
    comment: str | None = None
    """Shown in Cloudflare's dashboard, at most 100 characters. Without it there is no comment."""


class DnsRecord(pulumi.CustomResource):
    """One record in a Cloudflare zone, of the same type and state as ``pulumi_cloudflare.DnsRecord``.

    Example::

        from zelly_components.dns_record import DnsRecord, DnsRecordArgs

        DnsRecord(
            "shop-api-record",
            DnsRecordArgs(
                zone_id="0123456789abcdef0123456789abcdef",
                name="api.shop.example",
                type="CNAME",
                content="alb.eu-west-1.elb.amazonaws.com",
                ttl_seconds=300,
                proxied=False,
            ),
        )
    """

    def __init__(self, name: str, args: DnsRecordArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        properties: dict[str, pulumi.Input[str | int | bool]] = {
            "zoneId": args.zone_id,
            "name": args.name,
            "type": args.type,
            "content": args.content,
            "ttl": _AUTOMATIC_TTL if args.proxied else args.ttl_seconds,
            "proxied": args.proxied,
        }
        if args.comment is not None:
            properties["comment"] = args.comment
        # The SDK's version is its provider's: the engine then starts the same plugin as for the SDK's own resources.
        provider = pulumi.ResourceOptions(version=provider_version())
        super().__init__(RECORD_TYPE_TOKEN, name, properties, pulumi.ResourceOptions.merge(provider, opts))


def check_hostname(field: str, hostname: str) -> str:
    """Return ``hostname`` if it is a full name in lower case (RFC 1123), with or without a leading ``*.``.

    Raises:
        ValueError: naming ``field``, in one line.
    """
    if len(hostname) > _HOSTNAME_LIMIT or not _HOSTNAME.fullmatch(hostname):
        raise ValueError(f"{field}: came {hostname!r}; allowed a full lower-case name such as api.example.com")
    return hostname


@functools.cache
def provider_version() -> str:
    """Return the version of Cloudflare's provider: its SDK's where that is installed."""
    try:
        return metadata.version("pulumi-cloudflare")
    except metadata.PackageNotFoundError:
        return _PROVIDER_VERSION


def _check(args: DnsRecordArgs) -> None:
    if not 60 <= args.ttl_seconds <= 86400:
        raise ValueError(f"ttl_seconds: came {args.ttl_seconds}; allowed 60 to 86400")
    if args.proxied and args.type not in _PROXIABLE_TYPES:
        raise ValueError(f"proxied: came True for {args.type}; allowed for {', '.join(sorted(_PROXIABLE_TYPES))}")
    if args.comment is not None and len(args.comment) > 100:
        raise ValueError(f"comment: came {len(args.comment)} characters; allowed 100")
