"""Cloudflare's client certificate: made alike in every run, verified as an origin does, shown where it should be."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from tests.components.test_origin_certificate import Issuer
from tests.support.programs import require_program
from workbench.evaluate import Evaluation, evaluate
from zelly_components.authenticated_origin_pulls import AuthenticatedOriginPulls, AuthenticatedOriginPullsArgs
from zelly_components.origin_certificate import OriginCertificate, OriginCertificateArgs

ZONE = "0123456789abcdef0123456789abcdef"


def made(name: str = "pulls", **changes: Any) -> tuple[Evaluation, dict[str, Any]]:
    values: dict[str, Any] = {
        "zone_id": ZONE,
        "hostname": "origin.shop.example",
        "whole_zone": True,
        "valid_from": "2026-11-30",
        "valid_days": 365,
    }
    args = AuthenticatedOriginPullsArgs(**(values | changes))
    issuer = Issuer()

    def program() -> None:
        pulls = AuthenticatedOriginPulls(name, args)
        OriginCertificate(
            "origin",
            OriginCertificateArgs(
                hostnames=["origin.shop.example"],
                validity_days=7,
                secret_name="shop/tls",
                recovery_window_days=0,
                client_ca_certificate=pulls.ca_certificate,
                client_certificate=pulls.client_certificate,
            ),
        )

    return evaluate(program, backend=issuer), issuer.inputs


def secret(inputs: dict[str, Any]) -> dict[str, str]:
    return json.loads(inputs["origin-secret-version"]["secretString"])


def verified(folder: Path, ca: str, certificate: str, *, at: datetime) -> bool:
    """Verify a client certificate as nginx has it done."""
    (folder / "ca.pem").write_text(ca)
    (folder / "client.pem").write_text(certificate)
    openssl = require_program("openssl", package="openssl")
    command = [openssl, "verify", "-purpose", "sslclient", "-attime", f"{at.timestamp():.0f}", "-CAfile", "ca.pem"]
    return subprocess.run([*command, "client.pem"], cwd=folder, capture_output=True, check=False).returncode == 0


def test_an_origin_takes_the_certificate_within_its_term_and_no_other_environments(tmp_path: Path) -> None:
    ours, theirs = secret(made()[1]), secret(made("others")[1])
    within, after = datetime(2027, 6, 1, tzinfo=UTC), datetime(2027, 12, 1, tzinfo=UTC)
    ca, client = ours["ORIGIN_PULL_CA"], ours["ORIGIN_PULL_CERTIFICATE"]
    assert verified(tmp_path, ca, client, at=within)
    assert not verified(tmp_path, ca, client, at=after)
    assert not verified(tmp_path, ca, theirs["ORIGIN_PULL_CERTIFICATE"], at=within)


def test_an_origin_that_never_heard_of_a_new_certificate_takes_it(tmp_path: Path) -> None:
    old, new = secret(made()[1]), secret(made(valid_from="2027-11-01")[1])
    assert old["ORIGIN_PULL_CA"] == new["ORIGIN_PULL_CA"]
    assert old["ORIGIN_PULL_CERTIFICATE"] != new["ORIGIN_PULL_CERTIFICATE"]
    at = datetime(2027, 11, 15, tzinfo=UTC)
    assert verified(tmp_path, old["ORIGIN_PULL_CA"], new["ORIGIN_PULL_CERTIFICATE"], at=at)
    certificates = [one["ORIGIN_PULL_CERTIFICATE"].encode() for one in (old, new)]
    serials = {x509.load_pem_x509_certificate(certificate).serial_number for certificate in certificates}
    assert len(serials) == 2


def test_everything_is_the_same_in_every_run() -> None:
    assert made()[1] == made()[1]


def test_one_owner_shows_it_to_the_whole_zone_and_others_to_their_own_origin() -> None:
    evaluation, inputs = made()
    assert inputs["pulls-settings"] == {"zoneId": ZONE, "enabled": True}
    types = {resource.type.rpartition(":")[2] for resource in evaluation.custom()}
    assert {"AuthenticatedOriginPullsCertificate", "AuthenticatedOriginPullsSettings"} <= types
    evaluation, inputs = made(whole_zone=False)
    certificate = "${pulls-certificate.id}"
    assert inputs["pulls-hostname"] == {
        "zoneId": ZONE,
        "configs": [{"hostname": "origin.shop.example", "certId": certificate, "enabled": True}],
    }
    types = {resource.type.rpartition(":")[2] for resource in evaluation.custom()}
    assert {"AuthenticatedOriginPullsHostnameCertificate", "AuthenticatedOriginPulls"} <= types
    assert "AuthenticatedOriginPullsSettings" not in types


def test_keys_stand_in_no_record() -> None:
    evaluation, inputs = made()
    assert inputs["pulls-certificate"]["privateKey"].startswith("-----BEGIN PRIVATE KEY-----")
    assert all("BEGIN" not in str(resource.inputs) for resource in evaluation.resources if resource.name != "Pulumi")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"valid_days": 1827}, "valid_days: came 1827; allowed 1 to 1826"),
        ({"valid_from": "today"}, "valid_from: came 'today'; allowed a day such as 2026-11-30"),
        ({"hostname": "x"}, "hostname: came 'x'; allowed a full lower-case name such as api.example.com"),
    ],
)
def test_bad_input_is_refused_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        made(**changes)
    assert str(error.value) == message
