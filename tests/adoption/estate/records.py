"""Cloudflare's records in an embedded AWS, where no API of Cloudflare's answers: the ledger alone knows them."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.ledger import Entry, Ledger

_TYPE = "cloudflare:index/dnsRecord:DnsRecord"


def note_records(ledger: Ledger, state: Mapping[str, Any]) -> None:
    """Let the records of a Terraform state be found by the ids that they are imported by."""
    for resource in state["resources"]:
        if resource["type"] != "cloudflare_record":
            continue
        for instance in resource["instances"]:
            ledger.note(_entry(instance["attributes"]))


def _entry(record: Mapping[str, Any]) -> Entry:
    inputs = {
        "zoneId": record["zone_id"],
        # Cloudflare answers with the whole name, whatever it was given.
        "name": record["hostname"],
        "type": record["type"],
        "content": record["content"],
        "ttl": record["ttl"],
        "proxied": record["proxied"],
    }
    return Entry(
        type=_TYPE,
        region="",
        id=record["id"],
        key=f"{record['zone_id']}/{record['id']}",
        urn="",
        inputs=inputs,
        outputs={**inputs, "proxiable": record["proxiable"]},
    )
