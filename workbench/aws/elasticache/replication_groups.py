"""Amazon ElastiCache: the Redis node and its snapshots."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient


@dataclass(frozen=True, kw_only=True)
class ReplicationGroup:
    """A replication group, which here has one node."""

    id: str
    status: str
    """``available``, ``modifying``, ``snapshotting``, ``creating``, ``deleting``, ``create-failed``."""
    node_type: str
    node_ids: tuple[str, ...]
    """What its metrics go by."""


class ElastiCache:
    """The calls of Amazon ElastiCache that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: ElastiCacheClient = connection.client("elasticache")

    def replication_group(self, prefix: str) -> ReplicationGroup | None:
        """Return the replication group whose id begins like that; None when there is none.

        Pulumi ends the id with characters of its own.
        """
        with calling("elasticache:DescribeReplicationGroups", "region"):
            pages = self._client.get_paginator("describe_replication_groups").paginate()
            groups = [group for page in pages for group in page["ReplicationGroups"]]
        found = [
            ReplicationGroup(
                id=group["ReplicationGroupId"],
                status=group["Status"],
                node_type=group.get("CacheNodeType", ""),
                node_ids=tuple(group.get("MemberClusters", [])),
            )
            for group in groups
            if group["ReplicationGroupId"].startswith(prefix)
        ]
        # While one is replaced there are two, and the one that goes is not the one that is asked for.
        return min(found, key=lambda group: (group.status == "deleting", group.id), default=None)

    def newest_snapshot(self, group: ReplicationGroup) -> datetime | None:
        """Return when the newest automatic snapshot of a group was taken; None when there is none."""
        with calling("elasticache:DescribeSnapshots", f"replication group {group.id}"):
            pages = self._client.get_paginator("describe_snapshots").paginate(
                ReplicationGroupId=group.id, SnapshotSource="system"
            )
            snapshots = [snapshot for page in pages for snapshot in page["Snapshots"]]
        return max(
            (
                node["SnapshotCreateTime"]
                for snapshot in snapshots
                if snapshot.get("SnapshotStatus") == "available"
                for node in snapshot.get("NodeSnapshots", [])
                if "SnapshotCreateTime" in node
            ),
            default=None,
        )
