from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from workbench.evaluate import Backend, Created, Evaluation, Invocation, Registration, SymbolicBackend, evaluate
from zelly_components.certificate import (
    Certificate,
    CertificateArgs,
    ValidationRecord,
    validation_domains,
    validation_record,
)

ZONE = "0123456789abcdef0123456789abcdef"
CERTIFICATE = "aws:acm/certificate:Certificate"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"
RECORD = "cloudflare:index/dnsRecord:DnsRecord"


class CertificateAuthority:
    """Answers as ACM does: names in an order of its own, one record for ``x`` and ``*.x``, trailing dots."""

    def __init__(self) -> None:
        self._symbolic = SymbolicBackend()

    def create(self, registration: Registration) -> Created:
        created = self._symbolic.create(registration)
        if registration.type == CERTIFICATE:
            names: list[str] = [registration.inputs["domainName"]]
            names += registration.inputs.get("subjectAlternativeNames", [])
            options = [
                {
                    "domainName": name,
                    "resourceRecordName": f"_proof.{name.removeprefix('*.')}.",
                    "resourceRecordType": "CNAME",
                    "resourceRecordValue": f"_of-{name.removeprefix('*.')}.acm-validations.aws.",
                }
                for name in reversed(names)
            ]
            return Created(id=created.id, outputs={**created.outputs, "domainValidationOptions": options})
        if registration.type == VALIDATION:
            return Created(id=created.id, outputs={**created.outputs, "certificateArn": "arn:issued"})
        return created

    def invoke(self, invocation: Invocation) -> Mapping[str, Any]:
        return self._symbolic.invoke(invocation)


def record(
    domain_name: str = "shop.example",
    subject_alternative_names: Sequence[str] = (),
    backend: Backend | None = None,
) -> Evaluation:
    def program() -> None:
        certificate = Certificate(
            "shop-certificate",
            CertificateArgs(
                domain_name=domain_name,
                subject_alternative_names=subject_alternative_names,
                zone_id=ZONE,
                ttl_seconds=300,
            ),
        )
        pulumi.export("certificate_arn", certificate.certificate_arn)
        aws.lb.ListenerCertificate("listener", listener_arn="arn:listener", certificate_arn=certificate.certificate_arn)

    return evaluate(program, backend=backend or CertificateAuthority())


def proof(domain: str) -> dict[str, Any]:
    return {
        "zoneId": ZONE,
        "name": f"_proof.{domain}",
        "type": "CNAME",
        "content": f"_of-{domain}.acm-validations.aws",
        "ttl": 300,
        "proxied": False,
        "comment": "Lets AWS Certificate Manager issue and renew the certificate",
    }


def test_certificate_is_asked_for_all_names_by_dns() -> None:
    assert record(subject_alternative_names=["*.shop.example"]).one(CERTIFICATE).inputs == {
        "domainName": "shop.example",
        "subjectAlternativeNames": ["*.shop.example"],
        "validationMethod": "DNS",
        "tags": {"Name": "shop-certificate"},
    }


def test_certificate_without_further_names_sends_none() -> None:
    assert "subjectAlternativeNames" not in record().one(CERTIFICATE).inputs


def test_a_new_certificate_is_made_before_the_old_one_goes() -> None:
    assert not record().one(CERTIFICATE).delete_before_replace


def test_each_record_proves_its_own_domain_in_whatever_order_aws_names_them() -> None:
    evaluation = record("shop.example", ["*.shop.example", "*.pay.example", "api.shop.example"])
    assert {resource.name: resource.inputs for resource in evaluation.of_type(RECORD)} == {
        f"shop-certificate-validation-{domain}": proof(domain)
        for domain in ("shop.example", "pay.example", "api.shop.example")
    }


def test_certificate_counts_as_issued_once_every_record_exists() -> None:
    evaluation = record("shop.example", ["*.shop.example", "api.shop.example"])
    validation = evaluation.one(VALIDATION)
    assert validation.inputs == {
        "certificateArn": "${shop-certificate.arn}",
        "validationRecordFqdns": ["_proof.shop.example", "_proof.api.shop.example"],
    }
    assert {resource.urn for resource in evaluation.of_type(RECORD)} <= set(validation.depends_on)


def test_listeners_wait_for_the_issued_certificate() -> None:
    evaluation = record()
    assert evaluation.outputs == {"certificate_arn": "arn:issued"}
    assert evaluation.one("aws:lb/listenerCertificate:ListenerCertificate").depends_on == (
        evaluation.one(VALIDATION).urn,
    )


def test_plan_shows_the_records_too() -> None:
    evaluation = record(subject_alternative_names=["*.shop.example"], backend=SymbolicBackend())
    assert [resource.name for resource in evaluation.of_type(RECORD)] == ["shop-certificate-validation-shop.example"]


@pytest.mark.parametrize(
    ("names", "domains"),
    [
        (["shop.example"], ["shop.example"]),
        (["shop.example", "*.shop.example"], ["shop.example"]),
        (["*.shop.example", "shop.example"], ["shop.example"]),
        (["*.shop.example"], ["shop.example"]),
        (["b.example", "a.example", "*.b.example"], ["b.example", "a.example"]),
    ],
)
def test_a_name_and_its_wildcard_share_a_record(names: list[str], domains: list[str]) -> None:
    assert validation_domains(names) == domains


def option(domain_name: str, record_name: str | None) -> aws.acm.outputs.CertificateDomainValidationOption:
    return aws.acm.outputs.CertificateDomainValidationOption(
        domain_name=domain_name,
        resource_record_name=record_name,
        resource_record_type="CNAME",
        resource_record_value="_1.acm-validations.aws.",
    )


def test_a_wildcards_record_answers_for_its_domain() -> None:
    options = [option("*.api.shop.example", "_other."), option("*.shop.example", "_proof.shop.example.")]
    assert validation_record(options, "shop.example") == ValidationRecord(
        name="_proof.shop.example", content="_1.acm-validations.aws"
    )


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ([], "none"),
        ([option("other.example", "_2.")], "other.example"),
        ([option("shop.example", None)], "shop.example"),
    ],
)
def test_a_domain_without_a_record_is_an_error_that_names_it(
    options: list[aws.acm.outputs.CertificateDomainValidationOption], named: str
) -> None:
    with pytest.raises(LookupError) as error:
        validation_record(options, "shop.example")
    assert str(error.value) == f"shop.example: no validation record is asked of it; AWS names {named}"


HOSTNAME_RULE = "allowed a full lower-case name such as api.example.com"


@pytest.mark.parametrize(
    ("domain_name", "alternatives", "message"),
    [
        ("shop", [], f"domain_name: came 'shop'; {HOSTNAME_RULE}"),
        ("shop.example.", [], f"domain_name: came 'shop.example.'; {HOSTNAME_RULE}"),
        (f"{'a.' * 32}example", [], "domain_name: came 71 characters; allowed 64"),
        ("shop.example", ["Shop"], f"subject_alternative_names: came 'Shop'; {HOSTNAME_RULE}"),
        (
            "shop.example",
            ["shop.example"],
            "subject_alternative_names: came shop.example, shop.example with the domain name; allowed each once",
        ),
    ],
)
def test_bad_input_is_refused_in_one_line(domain_name: str, alternatives: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        record(domain_name, alternatives)
    assert str(error.value) == message
