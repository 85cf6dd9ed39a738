"""Amazon ElastiCache: the Redis node."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zelly_infra.aws.connection import Connection
from zelly_infra.aws.errors import calling

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient


@dataclass(frozen=True, kw_only=True)
class ReplicationGroup:
    """A replication group, which here has one node."""

    id: str
    status: str
    node_type: str
    endpoint: str
    node_ids: tuple[str, ...]
    """What its metrics go by."""


class ElastiCache:
    """The calls of Amazon ElastiCache that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: ElastiCacheClient = connection.client("elasticache")

    def with_endpoint(self, host: str) -> ReplicationGroup | None:
        """Return the replication group that is reached under a host name; None when there is none.

        Pulumi chose its id, but where it is reached stands in a secret.
        """
        with calling("elasticache:DescribeReplicationGroups", "region"):
            pages = self._client.get_paginator("describe_replication_groups").paginate()
            groups = [group for page in pages for group in page["ReplicationGroups"]]
        for group in groups:
            endpoint = next((node["PrimaryEndpoint"]["Address"] for node in group.get("NodeGroups", [])), "")
            if endpoint == host:
                return ReplicationGroup(
                    id=group["ReplicationGroupId"],
                    status=group["Status"],
                    node_type=group.get("CacheNodeType", ""),
                    endpoint=endpoint,
                    node_ids=tuple(group.get("MemberClusters", [])),
                )
        return None
