"""Cloudflare's DNS records, answered locally: no API of Cloudflare's is emulated."""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from workbench.sandbox.errors import SandboxError
from workbench.sandbox.making.making import Existing, Making
from workbench.sandbox.making.table import Irregular, Outputs, ResourceRow

_ZONE_ID = re.compile("[0-9a-f]{32}")


def _dns_record(making: Making) -> tuple[str, Outputs]:
    _check(making)
    return secrets.token_hex(16), {"proxiable": making.inputs["type"] in {"A", "AAAA", "CNAME"}}


def _change(existing: Existing, _: Any) -> None:
    # The state is the only place where a record stands: it gets the new value from the program.
    _check(existing)


def _check(making: Making) -> None:
    inputs = making.inputs
    if not _ZONE_ID.fullmatch(inputs["zoneId"]):
        raise SandboxError(f"input zoneId: came {inputs['zoneId']!r}; 32 hexadecimal digits are allowed")
    if inputs["name"].endswith("."):
        raise SandboxError(f"input name: came {inputs['name']!r}; Cloudflare stores no trailing dot")


RESOURCES: Mapping[str, ResourceRow] = {
    "cloudflare:index/dnsRecord:DnsRecord": Irregular(
        make=_dns_record,
        service=None,
        handles=frozenset({"zoneId", "name", "type", "content", "ttl", "proxied", "comment"}),
        deleted_with="the state, the only place where it stands",
        import_id="{zoneId}/{id}",
        update=dict.fromkeys(("name", "content", "ttl", "proxied", "comment"), _change),
        not_emulated=("Cloudflare records get an id and are kept in the recorded inputs alone: no name resolves.",),
    ),
}
