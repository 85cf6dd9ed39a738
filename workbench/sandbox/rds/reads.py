"""The readings of Aurora clusters, their instances, groups and event subscriptions."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.answers import asked, name_prefix
from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Read


def _tags(arn: str) -> Any:
    return asked("list_tags_for_resource", "TagList", ResourceName=arn)


def _parameters(existing: Existing) -> list[dict[str, Any]]:
    answer = existing.call("describe_db_cluster_parameters", DBClusterParameterGroupName=existing.id)
    return [
        {
            "name": one["ParameterName"],
            "value": one["ParameterValue"],
            "applyMethod": one.get("ApplyMethod", "immediate"),
        }
        for one in answer["Parameters"]
        if "ParameterValue" in one
    ]


READS: Mapping[str, Read] = {
    "aws:rds/subnetGroup:SubnetGroup": Read(
        operation="describe_db_subnet_groups",
        parameters={"DBSubnetGroupName": "id"},
        result="DBSubnetGroups[0]",
        named={"subnetIds": "Subnets[].SubnetIdentifier", "namePrefix": name_prefix("DBSubnetGroupName")},
        tags=_tags("DBSubnetGroupArn"),
    ),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": Read(
        operation="describe_db_cluster_parameter_groups",
        parameters={"DBClusterParameterGroupName": "id"},
        result="DBClusterParameterGroups[0]",
        named={"parameters": _parameters, "namePrefix": name_prefix("DBClusterParameterGroupName")},
        tags=_tags("DBClusterParameterGroupArn"),
    ),
    "aws:rds/cluster:Cluster": Read(
        operation="describe_db_clusters",
        parameters={"DBClusterIdentifier": "id"},
        result="DBClusters[0]",
        named={
            "clusterMembers": "DBClusterMembers[].DBInstanceIdentifier",
            "dbClusterParameterGroupName": "DBClusterParameterGroup",
            "dbSubnetGroupName": "DBSubnetGroup",
            "vpcSecurityGroupIds": "VpcSecurityGroups[].VpcSecurityGroupId",
        },
        unread=("masterUserSecrets", "iamRoles"),
        defaults={"engineMode": "provisioned"},
    ),
    "aws:rds/clusterInstance:ClusterInstance": Read(
        operation="describe_db_instances",
        parameters={"DBInstanceIdentifier": "id"},
        result="DBInstances[0]",
        named={
            "dbSubnetGroupName": "DBSubnetGroup.DBSubnetGroupName",
            "dbParameterGroupName": "DBParameterGroups[0].DBParameterGroupName",
        },
        defaults={"autoMinorVersionUpgrade": True, "promotionTier": 1},
    ),
    "aws:rds/eventSubscription:EventSubscription": Read(
        operation="describe_event_subscriptions",
        parameters={"SubscriptionName": "id"},
        result="EventSubscriptionsList[0]",
        named={
            "name": "CustSubscriptionId",
            "eventCategories": "EventCategoriesList",
            "sourceIds": "SourceIdsList",
        },
        tags=_tags("EventSubscriptionArn"),
        defaults={"enabled": True},
    ),
}
