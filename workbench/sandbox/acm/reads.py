"""The readings of certificates."""

from collections.abc import Mapping

from workbench.sandbox.acm.rows import validation_options
from workbench.sandbox.making.answers import asked
from workbench.sandbox.making.table import Read

READS: Mapping[str, Read] = {
    "aws:acm/certificate:Certificate": Read(
        operation="describe_certificate",
        parameters={"CertificateArn": "id"},
        result="Certificate",
        named={"validationMethod": "DomainValidationOptions[0].ValidationMethod"},
        unread=("domainValidationOptions", "options", "renewalSummaries", "validationOptions"),
        tags=asked("list_tags_for_certificate", "Tags", CertificateArn="id"),
        finish=validation_options,
    ),
}
