"""Amazon RDS: pending maintenance, and the authorities of certificates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient


@dataclass(frozen=True, kw_only=True)
class PendingAction:
    """A maintenance action that waits for a cluster or an instance of RDS."""

    resource: str
    """The ARN of what it is for."""
    action: str
    """``system-update``, ``db-upgrade``, ``ca-certificate-rotation``, …"""
    description: str
    applied_at: datetime | None
    """When it happens by itself; None: only when asked for."""


@dataclass(frozen=True, kw_only=True)
class CertificateAuthority:
    """The authority that signed a database instance's certificate."""

    identifier: str
    valid_till: datetime


class RdsMaintenance:
    """The calls that tell what RDS does by itself. All of them read."""

    def __init__(self, connection: Connection) -> None:
        self._client: RDSClient = connection.client("rds")

    def pending_actions(self, cluster: str) -> Sequence[PendingAction]:
        """Return what waits for a cluster and its instances, whose names begin with the cluster's."""
        with calling("rds:DescribePendingMaintenanceActions", "region"):
            pages = self._client.get_paginator("describe_pending_maintenance_actions").paginate()
            found = [pending for page in pages for pending in page["PendingMaintenanceActions"]]
        return [
            PendingAction(
                resource=pending.get("ResourceIdentifier", ""),
                action=action.get("Action", ""),
                description=action.get("Description", ""),
                applied_at=action.get("CurrentApplyDate")
                or action.get("AutoAppliedAfterDate")
                or action.get("ForcedApplyDate"),
            )
            for pending in found
            if pending.get("ResourceIdentifier", "").rpartition(":")[2].startswith(cluster)
            for action in pending.get("PendingMaintenanceActionDetails", [])
        ]

    def certificate_authorities(self, cluster: str) -> Sequence[CertificateAuthority]:
        """Return the authorities of the certificates that a cluster's instances show."""
        with calling("rds:DescribeDBInstances", f"cluster {cluster}"):
            answer = self._client.describe_db_instances(Filters=[{"Name": "db-cluster-id", "Values": [cluster]}])
        names = {one["CACertificateIdentifier"] for one in answer["DBInstances"] if one.get("CACertificateIdentifier")}
        return [self.certificate_authority(name) for name in sorted(names)]

    def certificate_authority(self, name: str) -> CertificateAuthority:
        """Return an authority by its name, e.g. ``rds-ca-rsa2048-g1``."""
        with calling("rds:DescribeCertificates", name):
            (found,) = self._client.describe_certificates(CertificateIdentifier=name)["Certificates"]
        return CertificateAuthority(identifier=name, valid_till=found["ValidTill"])
