"""Amazon ElastiCache: nodes with their versions, and updates that wait for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient

_OPEN_UPDATES = ("not-applied", "waiting-to-start", "scheduling", "scheduled")


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


class ElastiCacheMaintenance:
    """The calls that tell what ElastiCache does by itself. All of them read."""

    def __init__(self, connection: Connection) -> None:
        self._client: ElastiCacheClient = connection.client("elasticache")

    def node(self, node_id: str) -> CacheNode | None:
        """Return a cache node; None: there is no such node."""
        try:
            with calling("elasticache:DescribeCacheClusters", node_id):
                answer = self._client.describe_cache_clusters(CacheClusterId=node_id)
        except AwsError as error:
            if error.code == "CacheClusterNotFound":
                return None
            raise
        node = answer["CacheClusters"][0]
        return CacheNode(
            version=f"{node.get('Engine', 'redis')} {node.get('EngineVersion', '')}",
            event_topic=node.get("NotificationConfiguration", {}).get("TopicArn"),
        )

    def updates(self, group_id: str) -> Sequence[ServiceUpdate]:
        """Return the updates of a replication group that are not applied."""
        with calling("elasticache:DescribeUpdateActions", f"replication group {group_id}"):
            pages = self._client.get_paginator("describe_update_actions").paginate(
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
