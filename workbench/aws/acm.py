"""AWS Certificate Manager: certificates and whether they are issued."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling

if TYPE_CHECKING:
    from mypy_boto3_acm import ACMClient


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """One certificate."""

    arn: str
    domain_name: str
    status: str
    """``ISSUED``, ``PENDING_VALIDATION``, ``FAILED``, ``EXPIRED``…"""
    expires_at: datetime | None
    is_in_use: bool


class Acm:
    """The calls of AWS Certificate Manager that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: ACMClient = connection.client("acm")

    def of_domains(self, domain_names: Collection[str]) -> Mapping[str, Certificate]:
        """Return a certificate for each domain that has any; of several the one that is in use.

        ACM lists only RSA certificates of up to 2048 bits unless asked for more, and the program makes no others.
        """
        with calling("acm:ListCertificates", "region"):
            pages = self._client.get_paginator("list_certificates").paginate()
            found = [
                Certificate(
                    arn=summary["CertificateArn"],
                    domain_name=summary["DomainName"],
                    status=summary.get("Status", "UNKNOWN"),
                    expires_at=summary.get("NotAfter"),
                    is_in_use=summary.get("InUse", False),
                )
                for page in pages
                for summary in page["CertificateSummaryList"]
                if summary["DomainName"] in domain_names
            ]
        # What is in use comes last, and so stays.
        return {
            certificate.domain_name: certificate
            for certificate in sorted(found, key=lambda certificate: certificate.is_in_use)
        }
