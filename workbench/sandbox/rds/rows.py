"""RDS: Aurora clusters, their instances, groups and event subscriptions."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.errors import SandboxError
from workbench.sandbox.making.making import Existing, Made
from workbench.sandbox.making.table import (
    PROVIDERS_DESCRIPTION,
    AutoName,
    Delete,
    ResourceRow,
    Row,
    Tags,
    Update,
)
from workbench.sandbox.rds.parameters import ParameterCalls

_CHANGE_ONLY = "only says when a change takes effect"
_DELETION_ONLY = "only says what a deletion does first"


_PARAMETERS = ParameterCalls("db_cluster_parameter_group", "DBClusterParameterGroupName")


def _change_exports(existing: Existing, logs: Any) -> None:
    old: list[str] = existing.old_inputs.get("enabledCloudwatchLogsExports", [])
    new: list[str] = logs or []
    configuration = {
        "EnableLogTypes": [log for log in new if log not in old],
        "DisableLogTypes": [log for log in old if log not in new],
    }
    existing.call("modify_db_cluster", DBClusterIdentifier=existing.id, CloudwatchLogsExportConfiguration=configuration)


def _delete_cluster(existing: Existing) -> None:
    skip = existing.inputs.get("skipFinalSnapshot", False)
    snapshot = existing.inputs.get("finalSnapshotIdentifier")
    if not skip and not snapshot:
        # The provider's own rule; the API has the same.
        raise SandboxError("finalSnapshotIdentifier is required when skipFinalSnapshot is false")
    existing.call(
        "delete_db_cluster",
        DBClusterIdentifier=existing.id,
        SkipFinalSnapshot=skip,
        DeleteAutomatedBackups=existing.inputs.get("deleteAutomatedBackups", True),
        **({} if skip else {"FinalDBSnapshotIdentifier": snapshot}),
    )


_MODIFY_SUBNET_GROUP = Update(
    operation="modify_db_subnet_group", parameters={"DBSubnetGroupName": "id"}, always=("subnetIds",)
)
_MODIFY_CLUSTER = Update(operation="modify_db_cluster", parameters={"DBClusterIdentifier": "id"})
_MODIFY_SUBSCRIPTION = Update(
    operation="modify_event_subscription",
    parameters={"SubscriptionName": "id"},
    # RDS takes the categories as a whole, together with what they are about.
    always=("sourceType", "eventCategories"),
)
_MODIFY_INSTANCE = Update(
    operation="modify_db_instance",
    parameters={"DBInstanceIdentifier": "id"},
    # How long they are kept is left out once there are none.
    always=("performanceInsightsEnabled", "performanceInsightsKmsKeyId", "performanceInsightsRetentionPeriod"),
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
        delete=Delete(operation="delete_db_subnet_group", parameters={"DBSubnetGroupName": "id"}),
        update=dict.fromkeys(("description", "subnetIds"), _MODIFY_SUBNET_GROUP),
    ),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": Row(
        service="rds",
        operation="create_db_cluster_parameter_group",
        id="DBClusterParameterGroup.DBClusterParameterGroupName",
        result="DBClusterParameterGroup",
        renames={"name": "DBClusterParameterGroupName", "family": "DBParameterGroupFamily"},
        parameters={"Description": PROVIDERS_DESCRIPTION},
        then={"parameters": _PARAMETERS.put},
        name=AutoName(),
        tags=Tags(),
        outputs={"arn": "DBClusterParameterGroupArn"},
        delete=Delete(operation="delete_db_cluster_parameter_group", parameters={"DBClusterParameterGroupName": "id"}),
        update={"parameters": _PARAMETERS.change},
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
        delete=_delete_cluster,
        update={
            **dict.fromkeys(
                (
                    "backupRetentionPeriod",
                    "copyTagsToSnapshot",
                    "dbClusterParameterGroupName",
                    "deletionProtection",
                    "engineVersion",
                    "iamDatabaseAuthenticationEnabled",
                    "masterPassword",
                    "networkType",
                    "port",
                    "preferredBackupWindow",
                    "preferredMaintenanceWindow",
                    "serverlessv2ScalingConfiguration",
                    "storageType",
                    "vpcSecurityGroupIds",
                ),
                _MODIFY_CLUSTER,
            ),
            "enabledCloudwatchLogsExports": _change_exports,
        },
        not_emulated=(
            "No database runs behind a cluster's endpoints.",
            "Engine versions are neither listed nor checked, nor are the engine's other limits: a cluster takes any.",
            "A snapshot of a cluster has no data in it, and a cluster that is restored has none.",
            "A change of a cluster or an instance takes effect at once, whatever its maintenance window.",
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
        delete=Delete(
            operation="delete_db_instance",
            parameters={"DBInstanceIdentifier": "id"},
            # A cluster's instance has no snapshots of its own.
            constants={"SkipFinalSnapshot": True},
        ),
        update=dict.fromkeys(
            (
                *_MODIFY_INSTANCE.always,
                "autoMinorVersionUpgrade",
                "caCertIdentifier",
                "instanceClass",
                "preferredMaintenanceWindow",
                "promotionTier",
                "publiclyAccessible",
            ),
            _MODIFY_INSTANCE,
        ),
        not_emulated=("Every instance stands in the region's first zone, whatever its subnet group says.",),
    ),
    "aws:rds/eventSubscription:EventSubscription": Row(
        service="rds",
        operation="create_event_subscription",
        id="EventSubscription.CustSubscriptionId",
        result="EventSubscription",
        renames={"name": "SubscriptionName", "snsTopic": "SnsTopicArn"},
        into={"enabled": lambda _, value: {"Enabled": value}},
        parameters={"Enabled": True},
        name=AutoName(),
        tags=Tags(),
        outputs={"arn": "EventSubscriptionArn", "customerAwsId": lambda made: made.account_id},
        delete=Delete(operation="delete_event_subscription", parameters={"SubscriptionName": "id"}),
        update=dict.fromkeys(("enabled", "eventCategories", "snsTopic", "sourceType"), _MODIFY_SUBSCRIPTION),
        not_emulated=("No event is told: nothing happens to a cluster or an instance by itself.",),
    ),
}
