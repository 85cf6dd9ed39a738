"""RDS: Aurora clusters and what they stand on."""

from collections.abc import Mapping
from typing import Any

from zelly_infra.sandbox.making import Made
from zelly_infra.sandbox.table import PROVIDERS_DESCRIPTION, AutoName, Function, ResourceRow, Row, Tags

_PARAMETERS_PER_CALL = 20
"""``ModifyDBClusterParameterGroup`` takes no more."""

_CHANGE_ONLY = "only says when a change takes effect"
_DELETION_ONLY = "only says what a deletion does first"


def _parameters(made: Made, parameters: Any) -> None:
    members = [
        {
            "ParameterName": parameter["name"],
            "ParameterValue": parameter["value"],
            "ApplyMethod": parameter.get("applyMethod", "immediate"),
        }
        for parameter in parameters
    ]
    for first in range(0, len(members), _PARAMETERS_PER_CALL):
        made.call(
            "modify_db_cluster_parameter_group",
            DBClusterParameterGroupName=made.id,
            Parameters=members[first : first + _PARAMETERS_PER_CALL],
        )


def _is_writer(made: Made) -> bool:
    clusters = made.call("describe_db_clusters", DBClusterIdentifier=made.inputs["clusterIdentifier"])
    members = clusters["DBClusters"][0]["DBClusterMembers"]
    return any(member["IsClusterWriter"] for member in members if member["DBInstanceIdentifier"] == made.id)


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:rds/subnetGroup:SubnetGroup": Row(
        service="rds",
        operation="create_db_subnet_group",
        id="DBSubnetGroup.DBSubnetGroupName",
        result="DBSubnetGroup",
        renames={"name": "DBSubnetGroupName", "description": "DBSubnetGroupDescription"},
        parameters={"DBSubnetGroupDescription": PROVIDERS_DESCRIPTION},
        name=AutoName(),
        tags=Tags(),
        outputs={"arn": "DBSubnetGroupArn"},
    ),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": Row(
        service="rds",
        operation="create_db_cluster_parameter_group",
        id="DBClusterParameterGroup.DBClusterParameterGroupName",
        result="DBClusterParameterGroup",
        renames={"name": "DBClusterParameterGroupName", "family": "DBParameterGroupFamily"},
        parameters={"Description": PROVIDERS_DESCRIPTION},
        then={"parameters": _parameters},
        name=AutoName(),
        tags=Tags(),
        outputs={"arn": "DBClusterParameterGroupArn"},
        not_emulated=("A parameter group takes any parameter name and value, and lists only those that were set.",),
    ),
    "aws:rds/cluster:Cluster": Row(
        service="rds",
        operation="create_db_cluster",
        id="DBCluster.DBClusterIdentifier",
        result="DBCluster",
        renames={
            "clusterIdentifier": "DBClusterIdentifier",
            "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
            "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
            "masterPassword": "MasterUserPassword",
            "performanceInsightsEnabled": "EnablePerformanceInsights",
        },
        dropped={
            "allowMajorVersionUpgrade": "only says what a change may do",
            "applyImmediately": _CHANGE_ONLY,
            "deleteAutomatedBackups": _DELETION_ONLY,
            "finalSnapshotIdentifier": _DELETION_ONLY,
            "skipFinalSnapshot": _DELETION_ONLY,
        },
        name=AutoName(property="clusterIdentifier", prefix_property="clusterIdentifierPrefix", limit=63),
        tags=Tags(),
        outputs={
            "arn": "DBClusterArn",
            "clusterResourceId": "DbClusterResourceId",
            "engineVersionActual": "EngineVersion",
        },
        not_emulated=(
            "No database runs behind a cluster's endpoints.",
            "Engine versions are neither listed nor checked, nor are the engine's other limits: a cluster takes any.",
            "There is no automated backup and no final snapshot.",
        ),
    ),
    "aws:rds/clusterInstance:ClusterInstance": Row(
        service="rds",
        operation="create_db_instance",
        id="DBInstance.DBInstanceIdentifier",
        result="DBInstance",
        renames={
            "identifier": "DBInstanceIdentifier",
            "clusterIdentifier": "DBClusterIdentifier",
            "instanceClass": "DBInstanceClass",
            "caCertIdentifier": "CACertificateIdentifier",
            "performanceInsightsEnabled": "EnablePerformanceInsights",
        },
        dropped={"applyImmediately": _CHANGE_ONLY, "forceDestroy": _DELETION_ONLY},
        tags=Tags(),
        outputs={
            "arn": "DBInstanceArn",
            "endpoint": "Endpoint.Address",
            "port": "Endpoint.Port",
            "engineVersionActual": "EngineVersion",
            "writer": _is_writer,
        },
        not_emulated=("Every instance stands in the region's first zone, whatever its subnet group says.",),
    ),
}

FUNCTIONS: Mapping[str, Function] = {}
