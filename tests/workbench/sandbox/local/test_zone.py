"""A zone's resources at Cloudflare, kept locally, and what Cloudflare would refuse of them."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509

from tests.workbench.sandbox.conftest import Sandbox
from workbench.sandbox.cloudflare import zone
from workbench.sandbox.errors import SandboxError
from workbench.sandbox.making.schema import schema
from workbench.sandbox.making.table import Irregular
from zelly_components.edge import keys

ZONE_ID = "0123456789abcdef0123456789abcdef"
SEED, OTHER = "c2VlZA" * 8, "b3RoZX" * 8
CERTIFICATE = "cloudflare:index/originCaCertificate:OriginCaCertificate"
PULLS = "cloudflare:index/authenticatedOriginPullsCertificate:AuthenticatedOriginPullsCertificate"
RULESET = "cloudflare:index/ruleset:Ruleset"
SETTING = "cloudflare:index/zoneSetting:ZoneSetting"
RULE = {"ref": "a", "expression": "true", "action": "block"}


def test_origin_certificate_is_issued_for_the_requests_key_and_names(sandbox: Sandbox) -> None:
    csr = keys.certificate_request(SEED, ["origin.shop.example"])
    made = sandbox.create(
        CERTIFICATE,
        "origin",
        csr=csr,
        hostnames=["origin.shop.example"],
        requestType="origin-ecc",
        requestedValidity=90,
    )
    certificate = x509.load_pem_x509_certificate(made.outputs["certificate"].encode())
    assert certificate.public_key() == x509.load_pem_x509_csr(csr.encode()).public_key()
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["origin.shop.example"]
    assert certificate.not_valid_after_utc - datetime.now(UTC) > timedelta(days=89)
    assert made.outputs["expiresOn"] == certificate.not_valid_after_utc.isoformat().replace("+00:00", "Z")


def pulls(key_seed: str) -> dict[str, Any]:
    certificate = keys.client_certificate(
        SEED, OTHER, "authority", "client", hostname="a.example", valid_from=date(2026, 1, 1), days=30
    )
    return {"zoneId": ZONE_ID, "certificate": certificate, "privateKey": keys.private_key(key_seed)}


def test_client_certificate_is_taken_with_its_own_key_alone(sandbox: Sandbox) -> None:
    made = sandbox.create(PULLS, "pulls", **pulls(SEED))
    assert (made.outputs["expiresOn"], made.secret_outputs) == ("2026-01-31T00:00:00Z", {"privateKey"})
    with pytest.raises(SandboxError, match="input privateKey: it is not the certificate's") as error:
        sandbox.create(PULLS, "stolen", **pulls(OTHER))
    assert "PRIVATE" not in str(error.value)


@pytest.mark.parametrize(
    ("token", "inputs", "message"),
    [
        (CERTIFICATE, {"requestedValidity": 31}, "input requestedValidity: came 31; allowed 7, 30, 90, 365"),
        (CERTIFICATE, {"csr": "no", "hostnames": []}, "input csr: allowed a certificate request in PEM"),
        (SETTING, {"zoneId": "shop.example", "settingId": "ssl"}, "input zoneId: came 'shop.example'; 32 hexadecimal"),
        (RULESET, {"rules": [{"action": "block"}]}, "input rules[0].expression: missing"),
        (RULESET, {"rules": [RULE, RULE]}, "input rules[1].ref: came 'a'; allowed a name of its own"),
        (RULESET, {"rules": [{**RULE, "action": "execute"}]}, "input rules[0].actionParameters.id: allowed the id"),
    ],
)
def test_what_cloudflare_would_refuse_is_refused(
    sandbox: Sandbox, token: str, inputs: dict[str, Any], message: str
) -> None:
    with pytest.raises(SandboxError, match=re.escape(message)):
        sandbox.create(token, "refused", **inputs)


def test_a_setting_is_known_by_its_own_name_and_a_rule_changes_in_place(sandbox: Sandbox) -> None:
    inputs = {"zoneId": ZONE_ID, "settingId": "ssl"}
    assert sandbox.create(SETTING, "ssl", **inputs, value="full").id == "ssl"
    sandbox.update(SETTING, "ssl", **inputs, value="strict")
    ruleset = {"zoneId": ZONE_ID, "kind": "zone", "phase": "http_ratelimit", "name": "limits"}
    sandbox.create(RULESET, "limits", **ruleset, rules=[RULE])
    with pytest.raises(SandboxError, match="rules"):
        sandbox.update(RULESET, "limits", **ruleset, rules=[RULE, RULE])


def test_every_type_and_input_is_one_of_the_providers() -> None:
    """Over a second for the SDK, once for all of them."""
    for token, row in zone.RESOURCES.items():
        assert isinstance(row, Irregular)
        assert row.handles <= schema(token).inputs, token
