"""The readings of replication groups, subnet groups and parameter groups."""

from collections.abc import Callable, Mapping
from typing import Any

import jmespath

from workbench.sandbox.making.answers import asked
from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Read

_TAGS = asked("list_tags_for_resource", "TagList", ResourceName="ARN")


def _parameters(existing: Existing) -> list[dict[str, Any]]:
    answer = existing.call("describe_cache_parameters", CacheParameterGroupName=existing.id)
    return [
        {"name": one["ParameterName"], "value": one["ParameterValue"]}
        for one in answer["Parameters"]
        if "ParameterValue" in one
    ]


def _of_a_node(path: str) -> Callable[[Existing], Any]:
    """Return a source that is only told of a group's nodes, which are alike."""

    def read(existing: Existing) -> Any:
        nodes: list[str] = existing.result.get("MemberClusters", [])
        if not nodes:
            return None
        answer = existing.call("describe_cache_clusters", CacheClusterId=nodes[0])
        return jmespath.search(f"CacheClusters[0].{path}", answer)

    return read


READS: Mapping[str, Read] = {
    "aws:elasticache/subnetGroup:SubnetGroup": Read(
        operation="describe_cache_subnet_groups",
        parameters={"CacheSubnetGroupName": "id"},
        result="CacheSubnetGroups[0]",
        named={"subnetIds": "Subnets[].SubnetIdentifier"},
        tags=_TAGS,
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": Read(
        operation="describe_cache_parameter_groups",
        parameters={"CacheParameterGroupName": "id"},
        result="CacheParameterGroups[0]",
        named={"parameters": _parameters},
        tags=_TAGS,
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": Read(
        operation="describe_replication_groups",
        parameters={"ReplicationGroupId": "id"},
        result="ReplicationGroups[0]",
        named={
            "description": "Description",
            "automaticFailoverEnabled": "AutomaticFailover == 'enabled'",
            "multiAzEnabled": "MultiAZ == 'enabled'",
            "numCacheClusters": "length(MemberClusters)",
            # moto says nothing of what nobody asked for: AWS's own values.
            "autoMinorVersionUpgrade": "not_null(AutoMinorVersionUpgrade, `true`)",
            "transitEncryptionMode": "TransitEncryptionMode || (TransitEncryptionEnabled && 'required' || '')",
            "engine": _of_a_node("Engine"),
            "engineVersion": _of_a_node("EngineVersion"),
            "maintenanceWindow": _of_a_node("PreferredMaintenanceWindow"),
            "notificationTopicArn": _of_a_node("NotificationConfiguration.TopicArn"),
            "parameterGroupName": _of_a_node("CacheParameterGroup.CacheParameterGroupName"),
            "port": "NodeGroups[0].PrimaryEndpoint.Port",
            "securityGroupIds": _of_a_node("SecurityGroups[].SecurityGroupId"),
            "subnetGroupName": _of_a_node("CacheSubnetGroupName"),
        },
        unread=("logDeliveryConfigurations", "nodeGroupConfigurations"),
        tags=_TAGS,
    ),
}
