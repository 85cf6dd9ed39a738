"""What stands in the state alone, changed and deleted: DNS records and random values."""

import re
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox
from workbench.sandbox.errors import SandboxError, UnchangeableInputError

RECORD = "cloudflare:index/dnsRecord:DnsRecord"
PASSWORD = "random:index/randomPassword:RandomPassword"
BYTES = "random:index/randomBytes:RandomBytes"
INPUTS: dict[str, Any] = {
    "zoneId": "0123456789abcdef0123456789abcdef",
    "name": "api.shop.example",
    "type": "A",
    "content": "192.0.2.1",
    "ttl": 300,
}


def test_dns_record_changes_in_place_and_goes(sandbox: Sandbox) -> None:
    sandbox.create(RECORD, "api", **INPUTS, comment="Old")
    new = {**INPUTS, "name": "www.shop.example", "content": "192.0.2.2", "ttl": 1, "proxied": True}
    assert sandbox.update(RECORD, "api", **new) == {}
    sandbox.delete(RECORD, "api")


def test_dns_record_is_not_changed_to_a_name_that_cloudflare_stores_otherwise(sandbox: Sandbox) -> None:
    sandbox.create(RECORD, "dotted", **INPUTS)
    message = "input name: came 'api.shop.example.'; Cloudflare stores no trailing dot"
    with pytest.raises(SandboxError, match=re.escape(message)):
        sandbox.update(RECORD, "dotted", **{**INPUTS, "name": "api.shop.example."})


@pytest.mark.parametrize("token", [PASSWORD, BYTES])
def test_random_value_never_changes_and_goes(sandbox: Sandbox, token: str) -> None:
    sandbox.create(token, "value", length=32)
    with pytest.raises(UnchangeableInputError, match="length"):
        sandbox.update(token, "value", length=33)
    sandbox.delete(token, "value")
