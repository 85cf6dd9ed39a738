"""The origin's certificate, its key and its request."""

import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from workbench.evaluate import Created, Evaluation, Invocation, Registration, SymbolicBackend, evaluate
from zelly_components.origin_certificate import SECRET_KEYS, OriginCertificate, OriginCertificateArgs

CERTIFICATE = "cloudflare:index/originCaCertificate:OriginCaCertificate"


class Issuer:
    """Keeps what reaches the providers, secrets in plain text."""

    def __init__(self) -> None:
        self._symbolic = SymbolicBackend()
        self.inputs: dict[str, Any] = {}

    def create(self, registration: Registration) -> Created:
        self.inputs[registration.name] = registration.inputs
        return self._symbolic.create(registration)

    def invoke(self, invocation: Invocation) -> Any:
        return self._symbolic.invoke(invocation)


def issued(**changes: Any) -> tuple[Evaluation, dict[str, Any]]:
    values: dict[str, Any] = {
        "hostnames": ["origin.shop.example", "api.shop.example"],
        "validity_days": 1095,
        "secret_name": "shop/origin/tls",
        "recovery_window_days": 30,
        "client_ca_certificate": "CA",
        "client_certificate": "CLIENT",
    }
    issuer = Issuer()
    args = OriginCertificateArgs(**(values | changes))
    evaluation = evaluate(lambda: OriginCertificate("origin", args) and None, backend=issuer)
    return evaluation, issuer.inputs


def test_request_is_for_all_names_and_the_key_that_the_host_gets() -> None:
    _, inputs = issued()
    asked = inputs["origin-certificate"]
    request = x509.load_pem_x509_csr(asked["csr"].encode())
    assert request.is_signature_valid
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == asked["hostnames"] == ["api.shop.example", "origin.shop.example"]
    assert (asked["requestType"], asked["requestedValidity"]) == ("origin-ecc", 1095)
    secret = json.loads(inputs["origin-secret-version"]["secretString"])
    assert tuple(sorted(secret)) == tuple(sorted(SECRET_KEYS))
    key = load_pem_private_key(secret["ORIGIN_PRIVATE_KEY"].encode(), None)
    assert key.public_key() == request.public_key()
    assert secret["ORIGIN_PULL_CA"] == "CA"


def test_request_is_the_same_in_every_run_and_in_any_order_of_the_names() -> None:
    first, again = issued()[1], issued(hostnames=["api.shop.example", "origin.shop.example"])[1]
    assert first["origin-certificate"] == again["origin-certificate"]


def test_key_stands_in_the_secret_alone_and_in_no_record() -> None:
    evaluation, inputs = issued()
    key = json.loads(inputs["origin-secret-version"]["secretString"])["ORIGIN_PRIVATE_KEY"]
    holders = [
        name for name, given in inputs.items() if json.dumps(key)[1:-1] in json.dumps(given).replace("\\\\", "\\")
    ]
    assert holders == ["origin-secret-version"]
    assert "PRIVATE KEY" not in json.dumps([resource.inputs for resource in evaluation.resources])
    assert evaluation.one(CERTIFICATE).inputs["csr"] == "[secret]"


@pytest.mark.parametrize("days", [1, 31, 364, 5476])
def test_only_cloudflares_own_terms_are_taken(days: int) -> None:
    allowed = "allowed 7, 30, 90, 365, 730, 1095, 5475"
    with pytest.raises(ValueError, match=f"^validity_days: came {days}; {allowed}$"):
        issued(validity_days=days)


@pytest.mark.parametrize(
    ("hostnames", "message"),
    [
        ([], "hostnames: came none; allowed one or more"),
        (["a.example", "a.example"], "hostnames: came a.example, a.example; allowed each once"),
        (["A"], "hostnames: came 'A'; allowed a full lower-case name such as api.example.com"),
    ],
)
def test_bad_names_are_refused_in_one_line(hostnames: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        issued(hostnames=hostnames)
    assert str(error.value) == message
