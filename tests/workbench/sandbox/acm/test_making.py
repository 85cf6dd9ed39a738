import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.evaluate import Created
from workbench.sandbox.errors import SandboxError

CERTIFICATE = "aws:acm/certificate:Certificate"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"


def request(sandbox: Sandbox, domain: str, *alternatives: str) -> Created:
    return sandbox.create(
        CERTIFICATE,
        domain,
        domainName=domain,
        validationMethod="DNS",
        tags={"Name": domain},
        **({"subjectAlternativeNames": list(alternatives)} if alternatives else {}),
    )


def test_certificate_asks_for_one_record_for_a_domain_and_its_wildcard(sandbox: Sandbox) -> None:
    created = request(sandbox, "shop.example", "*.shop.example")
    acm = sandbox.client("acm")
    certificate = acm.describe_certificate(CertificateArn=created.id)["Certificate"]
    tags = acm.list_tags_for_certificate(CertificateArn=created.id)["Tags"]
    options = created.outputs["domainValidationOptions"]
    assert (certificate["DomainName"], sorted(certificate["SubjectAlternativeNames"])) == (
        "shop.example",
        ["*.shop.example", "shop.example"],
    )
    assert tags_of(tags) == {"Project": "shop", "Name": "shop.example"}
    assert sorted(option["domainName"] for option in options) == ["*.shop.example", "shop.example"]
    assert len({option["resourceRecordName"] for option in options}) == 1
    assert {option["resourceRecordType"] for option in options} == {"CNAME"}
    assert created.outputs["arn"] == created.id


def test_certificate_is_issued_once_its_records_are_given(sandbox: Sandbox) -> None:
    created = request(sandbox, "issued.example")
    names = [option["resourceRecordName"].rstrip(".") for option in created.outputs["domainValidationOptions"]]
    sandbox.create(VALIDATION, "validation", certificateArn=created.id, validationRecordFqdns=names)
    certificate = sandbox.client("acm").describe_certificate(CertificateArn=created.id)["Certificate"]
    assert certificate["Status"] == "ISSUED"


def test_validation_names_the_record_that_is_missing(sandbox: Sandbox) -> None:
    created = request(sandbox, "one.example", "two.example")
    by_domain = {
        option["domainName"]: option["resourceRecordName"].rstrip(".")
        for option in created.outputs["domainValidationOptions"]
    }
    with pytest.raises(SandboxError, match=rf"missing {by_domain['two.example']}; not asked for none"):
        sandbox.create(
            VALIDATION, "validation", certificateArn=created.id, validationRecordFqdns=[by_domain["one.example"]]
        )
