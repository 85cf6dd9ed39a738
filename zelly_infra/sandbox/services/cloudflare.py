"""Cloudflare's DNS records, answered locally: no API of Cloudflare's is emulated."""

import re
import secrets
from collections.abc import Mapping

from zelly_infra.sandbox.errors import SandboxError
from zelly_infra.sandbox.making import Making
from zelly_infra.sandbox.table import Function, Irregular, Outputs, ResourceRow

_ZONE_ID = re.compile("[0-9a-f]{32}")


def _dns_record(making: Making) -> tuple[str, Outputs]:
    inputs = making.inputs
    if not _ZONE_ID.fullmatch(inputs["zoneId"]):
        raise SandboxError(f"input zoneId: came {inputs['zoneId']!r}; 32 hexadecimal digits are allowed")
    if inputs["name"].endswith("."):
        raise SandboxError(f"input name: came {inputs['name']!r}; Cloudflare stores no trailing dot")
    return secrets.token_hex(16), {"proxiable": inputs["type"] in {"A", "AAAA", "CNAME"}}


RESOURCES: Mapping[str, ResourceRow] = {
    "cloudflare:index/dnsRecord:DnsRecord": Irregular(
        make=_dns_record,
        service=None,
        handles=frozenset({"zoneId", "name", "type", "content", "ttl", "proxied", "comment"}),
        not_emulated=("Cloudflare records get an id and are kept in the recorded inputs alone: no name resolves.",),
    ),
}

FUNCTIONS: Mapping[str, Function] = {}
