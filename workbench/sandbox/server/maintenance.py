"""Announcements of RDS and ElastiCache, which moto lacks: none; and the authority of RDS's certificates."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from workbench.sandbox.server.table import Call, Forgotten, Missing, RefusalError

_AUTHORITY = "rds-ca-rsa2048-g1"


def _nothing(member: str) -> Callable[[Call], Mapping[str, Any]]:
    return lambda _: {member: []}


def _certificate_authorities(call: Call) -> Mapping[str, Any]:
    """Return the authority of new instances: valid for forty years ("Using SSL/TLS to encrypt a connection", RDS)."""
    name = call.parameters.get("CertificateIdentifier", _AUTHORITY)
    if name != _AUTHORITY:
        raise RefusalError("CertificateNotFound", f"Certificate {name} not found.")
    return {
        "Certificates": [
            {
                "CertificateArn": f"arn:aws:rds:{call.region}::cert:{_AUTHORITY}",
                "CertificateIdentifier": _AUTHORITY,
                "CertificateType": "CA",
                "CustomerOverride": False,
                "ValidFrom": datetime(2021, 5, 25, tzinfo=UTC),
                "ValidTill": datetime(2061, 5, 25, tzinfo=UTC),
            }
        ]
    }


MISSING: tuple[Missing, ...] = (
    Missing(service="rds", operation="DescribePendingMaintenanceActions", answer=_nothing("PendingMaintenanceActions")),
    Missing(service="rds", operation="DescribeCertificates", answer=_certificate_authorities),
    Missing(service="elasticache", operation="DescribeUpdateActions", answer=_nothing("UpdateActions")),
)

FORGOTTEN: tuple[Forgotten, ...] = ()
