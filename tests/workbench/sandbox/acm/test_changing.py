"""Certificates, changed in place and deleted."""

from tests.workbench.sandbox.conftest import Sandbox, tags_of

CERTIFICATE = "aws:acm/certificate:Certificate"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"


def certificate_arns(sandbox: Sandbox) -> set[str]:
    return {found["CertificateArn"] for found in sandbox.client("acm").list_certificates()["CertificateSummaryList"]}


def test_certificate_changes_its_tags_and_goes_after_its_validation(sandbox: Sandbox) -> None:
    inputs = {"domainName": "changed.example", "validationMethod": "DNS"}
    made = sandbox.create(CERTIFICATE, "changed", **inputs, tags={"Name": "changed"})
    sandbox.create(VALIDATION, "changed", certificateArn=made.id)
    sandbox.update(CERTIFICATE, "changed", **inputs, tags={"Team": "data"})
    tags = sandbox.client("acm").list_tags_for_certificate(CertificateArn=made.id)["Tags"]
    assert tags_of(tags) == {"Project": "shop", "Team": "data"}
    sandbox.delete(VALIDATION, "changed")
    assert made.id in certificate_arns(sandbox)
    sandbox.delete(CERTIFICATE, "changed")
    assert made.id not in certificate_arns(sandbox)
