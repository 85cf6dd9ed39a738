"""Amazon ElastiCache: a Redis node with every setting that a copy of it has to have, snapshots, and making the copy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling
from workbench.aws.shared.tags import own_tags, tag_list

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient
    from mypy_boto3_elasticache.type_defs import CacheClusterTypeDef, ReplicationGroupTypeDef, SnapshotTypeDef


@dataclass(frozen=True, kw_only=True)
class NodeSettings:
    """The settings of a replication group of one node, which a restored one shares with the live one."""

    engine: str
    engine_version: str
    """Major and minor, which is what ElastiCache is asked for; it picks the patch."""
    node_type: str
    port: int
    subnet_group: str
    parameter_group: str
    security_group_ids: tuple[str, ...]
    """In order."""
    has_auth_token: bool
    is_encrypted_in_transit: bool
    transit_encryption_mode: str
    is_encrypted_at_rest: bool
    kms_key: str | None
    upgrades_minor_versions: bool
    snapshot_retention_days: int
    snapshot_window: str
    maintenance_window: str
    event_topic: str | None = None
    """Whom ElastiCache tells the node's events; None when nobody."""


@dataclass(frozen=True, kw_only=True)
class RedisGroup:
    """A replication group of one node as it stands."""

    id: str
    status: str
    endpoint: str
    """Its primary's host name; empty while it is being made."""
    settings: NodeSettings | None
    """None while it is being made, or when it has another number of nodes than one."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class RedisSnapshot:
    """A snapshot of a replication group of one node."""

    name: str
    group_id: str
    status: str
    """``available`` is the one that can be restored."""
    source: str
    """``automated``, ``manual`` or, in some answers, ``system``."""
    taken_at: datetime | None
    """When the node's part was taken; None while it is being taken."""


class ElastiCacheSnapshots:
    """The calls of Amazon ElastiCache that a restoration takes."""

    def __init__(self, connection: Connection) -> None:
        self._client: ElastiCacheClient = connection.client("elasticache")
        self._once: ElastiCacheClient = connection.client("elasticache", repeatable=False)

    def group_at(self, endpoint: str) -> RedisGroup | None:
        """Return the replication group that answers at a host name; None when there is none."""
        with calling("elasticache:DescribeReplicationGroups", "region"):
            pages = self._client.get_paginator("describe_replication_groups").paginate()
            groups = [group for page in pages for group in page["ReplicationGroups"]]
        for group in groups:
            if _endpoint(group) == endpoint:
                return self._group(group)
        return None

    def group(self, group_id: str) -> RedisGroup | None:
        """Return a replication group; None when there is none of that id."""
        try:
            with calling("elasticache:DescribeReplicationGroups", f"replication group {group_id}"):
                answer = self._client.describe_replication_groups(ReplicationGroupId=group_id)
        except AwsError as error:
            if error.code == "ReplicationGroupNotFoundFault":
                return None
            raise
        (group,) = answer["ReplicationGroups"]
        return self._group(group)

    def snapshots(self, prefix: str) -> list[RedisSnapshot]:
        """Return the snapshots of every group, also of deleted ones, whose id begins like that; the newest first."""
        with calling("elasticache:DescribeSnapshots", "region"):
            pages = self._client.get_paginator("describe_snapshots").paginate()
            found = [_snapshot(snapshot) for page in pages for snapshot in page["Snapshots"]]
        return sorted(
            (snapshot for snapshot in found if snapshot.group_id.startswith(prefix)),
            key=lambda snapshot: 0.0 if snapshot.taken_at is None else -snapshot.taken_at.timestamp(),
        )

    def restore(
        self, snapshot: str, target: str, *, settings: NodeSettings, auth_token: str, tags: Mapping[str, str]
    ) -> None:
        """Begin to make a replication group of one node from a snapshot, with an auth token that clients know."""
        optional = {"KmsKeyId": settings.kms_key, "NotificationTopicArn": settings.event_topic}
        given: dict[str, Any] = {member: value for member, value in optional.items() if value is not None}
        mode: Any = settings.transit_encryption_mode
        with calling("elasticache:CreateReplicationGroup", f"replication group {target}"):
            self._once.create_replication_group(
                ReplicationGroupId=target,
                ReplicationGroupDescription=f"Restored from {snapshot}",
                SnapshotName=snapshot,
                **given,
                Engine=settings.engine,
                EngineVersion=settings.engine_version,
                CacheNodeType=settings.node_type,
                NumCacheClusters=1,
                AutomaticFailoverEnabled=False,
                MultiAZEnabled=False,
                Port=settings.port,
                CacheSubnetGroupName=settings.subnet_group,
                CacheParameterGroupName=settings.parameter_group,
                SecurityGroupIds=list(settings.security_group_ids),
                TransitEncryptionEnabled=settings.is_encrypted_in_transit,
                TransitEncryptionMode=mode,
                AtRestEncryptionEnabled=settings.is_encrypted_at_rest,
                AuthToken=auth_token,
                AutoMinorVersionUpgrade=settings.upgrades_minor_versions,
                SnapshotRetentionLimit=settings.snapshot_retention_days,
                SnapshotWindow=settings.snapshot_window,
                PreferredMaintenanceWindow=settings.maintenance_window,
                Tags=tag_list(tags),
            )

    def _group(self, described: "ReplicationGroupTypeDef") -> RedisGroup:
        nodes = described.get("MemberClusters", [])
        endpoint = _endpoint(described)
        settings = None
        if len(nodes) == 1 and endpoint:
            with calling("elasticache:DescribeCacheClusters", f"node {nodes[0]}"):
                (node,) = self._client.describe_cache_clusters(CacheClusterId=nodes[0])["CacheClusters"]
            settings = _settings(described, node)
        with calling("elasticache:ListTagsForResource", f"replication group {described['ReplicationGroupId']}"):
            tags = self._client.list_tags_for_resource(ResourceName=described["ARN"])["TagList"]
        return RedisGroup(
            id=described["ReplicationGroupId"],
            status=described["Status"],
            endpoint=endpoint,
            settings=settings,
            tags=own_tags(cast(list[dict[str, str]], tags)),
        )


def _endpoint(described: "ReplicationGroupTypeDef") -> str:
    for group in described.get("NodeGroups", []):
        return group.get("PrimaryEndpoint", {}).get("Address", "")
    return ""


def _settings(group: "ReplicationGroupTypeDef", node: "CacheClusterTypeDef") -> NodeSettings:
    return NodeSettings(
        engine=node["Engine"],
        engine_version=".".join(node["EngineVersion"].split(".")[:2]),
        node_type=node["CacheNodeType"],
        port=group["NodeGroups"][0]["PrimaryEndpoint"]["Port"],
        subnet_group=node["CacheSubnetGroupName"],
        parameter_group=node["CacheParameterGroup"]["CacheParameterGroupName"],
        security_group_ids=tuple(sorted(member["SecurityGroupId"] for member in node["SecurityGroups"])),
        has_auth_token=group["AuthTokenEnabled"],
        is_encrypted_in_transit=group["TransitEncryptionEnabled"],
        transit_encryption_mode=group.get("TransitEncryptionMode", "required"),
        is_encrypted_at_rest=group["AtRestEncryptionEnabled"],
        kms_key=group.get("KmsKeyId"),
        upgrades_minor_versions=node["AutoMinorVersionUpgrade"],
        snapshot_retention_days=group["SnapshotRetentionLimit"],
        snapshot_window=group["SnapshotWindow"],
        maintenance_window=node["PreferredMaintenanceWindow"],
        event_topic=node.get("NotificationConfiguration", {}).get("TopicArn"),
    )


def _snapshot(described: "SnapshotTypeDef") -> RedisSnapshot:
    times = [node["SnapshotCreateTime"] for node in described.get("NodeSnapshots", []) if "SnapshotCreateTime" in node]
    return RedisSnapshot(
        name=described["SnapshotName"],
        group_id=described.get("ReplicationGroupId", ""),
        status=described["SnapshotStatus"],
        source=described["SnapshotSource"],
        taken_at=max(times, default=None),
    )
