"""Certificates and their validation."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.errors import SandboxError
from workbench.sandbox.making.making import Made, Making
from workbench.sandbox.making.mapping import plain
from workbench.sandbox.making.table import Delete, Irregular, Outputs, ResourceRow, Row, Tags


def validation_options(made: Made) -> Outputs:
    """Return what a certificate asks for before it is issued."""
    certificate = made.call("describe_certificate", CertificateArn=made.id)["Certificate"]
    return {
        "domainValidationOptions": [
            {
                "domainName": option["DomainName"],
                "resourceRecordName": option["ResourceRecord"]["Name"],
                "resourceRecordType": option["ResourceRecord"]["Type"],
                "resourceRecordValue": option["ResourceRecord"]["Value"],
            }
            for option in certificate["DomainValidationOptions"]
            if "ResourceRecord" in option
        ],
        "status": certificate["Status"],
        "type": certificate["Type"],
    }


def _certificate_validation(making: Making) -> tuple[str, Outputs]:
    """Compare the given records with those that the certificate asks for: moto issues without looking."""
    certificate: dict[str, Any] = making.call("describe_certificate", CertificateArn=making.inputs["certificateArn"])[
        "Certificate"
    ]
    asked = {
        option["ResourceRecord"]["Name"].rstrip(".")
        for option in certificate["DomainValidationOptions"]
        if "ResourceRecord" in option
    }
    given = {name.rstrip(".") for name in making.inputs.get("validationRecordFqdns", asked)}
    if given != asked:
        missing = ", ".join(sorted(asked - given)) or "none"
        unknown = ", ".join(sorted(given - asked)) or "none"
        raise SandboxError(f"input validationRecordFqdns: missing {missing}; not asked for {unknown}")
    if certificate["Status"] != "ISSUED":
        raise SandboxError(f"the certificate is {certificate['Status']}, not ISSUED")
    return plain(certificate["IssuedAt"]), {}


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:acm/certificate:Certificate": Row(
        service="acm",
        operation="request_certificate",
        id="CertificateArn",
        finish=validation_options,
        tags=Tags(),
        outputs={"arn": "CertificateArn"},
        delete=Delete(operation="delete_certificate", parameters={"CertificateArn": "id"}),
        not_emulated=(
            "Certificates are issued at once; their validation records are compared, never looked up in DNS.",
        ),
    ),
    "aws:acm/certificateValidation:CertificateValidation": Irregular(
        make=_certificate_validation,
        service="acm",
        handles=frozenset({"certificateArn", "validationRecordFqdns"}),
        dropped={"timeouts": "nothing is waited for"},
        deleted_with="the certificate",
        import_id=None,
    ),
}
