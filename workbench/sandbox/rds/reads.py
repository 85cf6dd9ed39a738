"""The readings of Aurora clusters, their instances, groups and event subscriptions."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.making.answers import asked, name_prefix
from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Read


def _tags(arn: str) -> Any:
    return asked("list_tags_for_resource", "TagList", ResourceName=arn)


_IMMEDIATE = "immediate"
"""The provider's default, which no input has to give."""


def _apply_method(parameter: Mapping[str, Any]) -> Mapping[str, str]:
    method: str = parameter.get("ApplyMethod", _IMMEDIATE)
    return {} if method == _IMMEDIATE else {"applyMethod": method}


def _parameters(existing: Existing) -> list[dict[str, Any]]:
    answer = existing.call("describe_db_cluster_parameters", DBClusterParameterGroupName=existing.id)
    return [
        {"name": one["ParameterName"], "value": one["ParameterValue"], **_apply_method(one)}
        for one in answer["Parameters"]
        if "ParameterValue" in one
    ]


def _subnet_group(existing: Existing) -> Any:
    """Return the subnet group of a cluster's instance, which is the cluster's."""
    cluster: str | None = existing.result.get("DBClusterIdentifier")
    if cluster is None:
        return existing.result.get("DBSubnetGroup", {}).get("DBSubnetGroupName")
    return existing.call("describe_db_clusters", DBClusterIdentifier=cluster)["DBClusters"][0].get("DBSubnetGroup")


_MOTOS_AUTHORITY, _AUTHORITY = "rds-ca-default", "rds-ca-rsa2048-g1"
"""moto's word for the certificate authority that an instance has without being asked, and AWS's."""


def _authority(existing: Existing) -> str | None:
    found: str | None = existing.result.get("CACertificateIdentifier")
    return _AUTHORITY if found == _MOTOS_AUTHORITY else found


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
            "caCertIdentifier": _authority,
            "dbSubnetGroupName": _subnet_group,
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
