import base64
import re
import string

import pytest

from tests.workbench.sandbox.conftest import Sandbox
from workbench.sandbox.errors import SandboxError, UnmappedInputError

PASSWORD = "random:index/randomPassword:RandomPassword"
BYTES = "random:index/randomBytes:RandomBytes"
RECORD = "cloudflare:index/dnsRecord:DnsRecord"
ZONE_ID = "0123456789abcdef0123456789abcdef"


def test_password_has_its_length_and_at_least_the_characters_asked_for(sandbox: Sandbox) -> None:
    created = sandbox.create(
        PASSWORD, "p", length=12, special=True, overrideSpecial="-_", minSpecial=4, minUpper=3, minNumeric=2, minLower=3
    )
    result = created.outputs["result"]
    counts = [
        sum(character in characters for character in result)
        for characters in ("-_", string.ascii_uppercase, string.digits, string.ascii_lowercase)
    ]
    assert (len(result), counts) == (12, [4, 3, 2, 3])


def test_password_without_special_characters_has_none(sandbox: Sandbox) -> None:
    result = sandbox.create(PASSWORD, "p", length=200, special=False).outputs["result"]
    assert re.fullmatch("[A-Za-z0-9]{200}", result)


def test_password_is_secret_and_never_the_same(sandbox: Sandbox) -> None:
    first, second = (sandbox.create(PASSWORD, "p", length=32) for _ in range(2))
    assert first.secret_outputs == {"result", "bcryptHash"}
    assert first.outputs["result"] != second.outputs["result"]


def test_more_minimums_than_characters_are_refused(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="input length: came 4; the minimums ask for 6"):
        sandbox.create(PASSWORD, "p", length=4, minUpper=3, minLower=3)


def test_random_bytes_are_secret_and_agree_in_both_spellings(sandbox: Sandbox) -> None:
    created = sandbox.create(BYTES, "key", length=32)
    raw = base64.b64decode(created.outputs["base64"])
    assert (len(raw), raw.hex(), created.secret_outputs) == (32, created.outputs["hex"], {"base64", "hex"})


def test_dns_record_gets_an_id_of_cloudflares_form(sandbox: Sandbox) -> None:
    created = sandbox.create(
        RECORD,
        "validation",
        zoneId=ZONE_ID,
        name="_abc.shop.example",
        type="CNAME",
        content="_def.acm-validations.aws",
        ttl=300,
        proxied=False,
        comment="Lets AWS issue the certificate",
    )
    assert re.fullmatch("[0-9a-f]{32}", created.id)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"zoneId": "shop.example"}, "input zoneId: came 'shop.example'; 32 hexadecimal digits are allowed"),
        ({"name": "api.shop.example."}, "input name: came 'api.shop.example.'; Cloudflare stores no trailing dot"),
    ],
)
def test_dns_record_that_cloudflare_would_refuse_or_change_is_refused(
    sandbox: Sandbox, change: dict[str, str], message: str
) -> None:
    inputs = {"zoneId": ZONE_ID, "name": "api.shop.example", "type": "A", "content": "192.0.2.1", "ttl": 300}
    with pytest.raises(SandboxError, match=re.escape(message)):
        sandbox.create(RECORD, "record", **{**inputs, **change})


def test_dns_record_with_an_unknown_input_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(UnmappedInputError, match="input priority is not mapped"):
        sandbox.create(RECORD, "mail", zoneId=ZONE_ID, name="shop.example", type="MX", content="mx", priority=10)
