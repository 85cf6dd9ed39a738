"""Versions, pending maintenance and certificate authorities of the stores."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient
    from mypy_boto3_rds import RDSClient

_OPEN_UPDATES = ("not-applied", "waiting-to-start", "scheduling", "scheduled")


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
class ServiceUpdate:
    """An update that ElastiCache has for the replication group."""

    name: str
    severity: str
    """``critical``, ``important``, ``medium``, ``low``."""
    apply_by: datetime | None


@dataclass(frozen=True, kw_only=True)
class CacheNode:
    """A node of ElastiCache."""

    version: str
    """With the engine, e.g. ``redis 7.1.0``."""
    event_topic: str | None
    """The ARN of the topic that its events are published to."""


@dataclass(frozen=True, kw_only=True)
class CertificateAuthority:
    """The authority that signed a database instance's certificate."""

    identifier: str
    valid_till: datetime


class Maintenance:
    """The calls that tell what AWS does by itself. All of them read."""

    def __init__(self, connection: Connection) -> None:
        self._rds: RDSClient = connection.client("rds")
        self._elasticache: ElastiCacheClient = connection.client("elasticache")

    def database_actions(self, cluster: str) -> Sequence[PendingAction]:
        """Return what waits for a cluster and its instances, whose names begin with the cluster's."""
        with calling("rds:DescribePendingMaintenanceActions", "region"):
            pages = self._rds.get_paginator("describe_pending_maintenance_actions").paginate()
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
            answer = self._rds.describe_db_instances(Filters=[{"Name": "db-cluster-id", "Values": [cluster]}])
        names = {one["CACertificateIdentifier"] for one in answer["DBInstances"] if one.get("CACertificateIdentifier")}
        return [self._certificate_authority(name) for name in sorted(names)]

    def _certificate_authority(self, name: str) -> CertificateAuthority:
        with calling("rds:DescribeCertificates", name):
            (found,) = self._rds.describe_certificates(CertificateIdentifier=name)["Certificates"]
        return CertificateAuthority(identifier=name, valid_till=found["ValidTill"])

    def cache_node(self, node_id: str) -> CacheNode | None:
        """Return a cache node; None: there is no such node."""
        try:
            with calling("elasticache:DescribeCacheClusters", node_id):
                answer = self._elasticache.describe_cache_clusters(CacheClusterId=node_id)
        except AwsError as error:
            if error.code == "CacheClusterNotFound":
                return None
            raise
        node = answer["CacheClusters"][0]
        return CacheNode(
            version=f"{node.get('Engine', 'redis')} {node.get('EngineVersion', '')}",
            event_topic=node.get("NotificationConfiguration", {}).get("TopicArn"),
        )

    def cache_updates(self, group_id: str) -> Sequence[ServiceUpdate]:
        """Return the updates of a replication group that are not applied."""
        with calling("elasticache:DescribeUpdateActions", f"replication group {group_id}"):
            pages = self._elasticache.get_paginator("describe_update_actions").paginate(
                ReplicationGroupIds=[group_id], UpdateActionStatus=[*_OPEN_UPDATES]
            )
            found = [update for page in pages for update in page["UpdateActions"]]
        return [
            ServiceUpdate(
                name=update.get("ServiceUpdateName", ""),
                severity=update.get("ServiceUpdateSeverity", ""),
                apply_by=update.get("ServiceUpdateRecommendedApplyByDate"),
            )
            for update in found
        ]
