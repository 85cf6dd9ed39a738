"""ElastiCache: replication groups, subnet groups and parameter groups."""

from collections.abc import Mapping
from typing import Any

from workbench.batches import batches
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

_PARAMETERS_PER_CALL = 20
"""``ModifyCacheParameterGroup`` takes no more."""


def _parameters(made: Made, parameters: Any) -> None:
    members = [{"ParameterName": parameter["name"], "ParameterValue": parameter["value"]} for parameter in parameters]
    for batch in batches(members, _PARAMETERS_PER_CALL):
        made.call(
            "modify_cache_parameter_group",
            CacheParameterGroupName=made.id,
            ParameterNameValues=batch,
        )


def _change_parameters(existing: Existing, parameters: Any) -> None:
    """Set the parameters that are given now, and reset to the engine's own those that are not any more."""
    given: list[Mapping[str, Any]] = parameters or []
    kept = {parameter["name"] for parameter in given}
    gone = [
        {"ParameterName": parameter["name"], "ParameterValue": parameter["value"]}
        for parameter in existing.old_inputs.get("parameters", [])
        if parameter["name"] not in kept
    ]
    for batch in batches(gone, _PARAMETERS_PER_CALL):
        existing.call(
            "reset_cache_parameter_group",
            CacheParameterGroupName=existing.id,
            ParameterNameValues=batch,
        )
    _parameters(existing, given)


def _change_token(existing: Existing, token: Any) -> None:
    change = (
        {"AuthTokenUpdateStrategy": "DELETE"}
        if token is None
        else {"AuthToken": token, "AuthTokenUpdateStrategy": existing.inputs.get("authTokenUpdateStrategy", "ROTATE")}
    )
    existing.call("modify_replication_group", ReplicationGroupId=existing.id, ApplyImmediately=True, **change)


_MODIFY_SUBNET_GROUP = Update(operation="modify_cache_subnet_group", parameters={"CacheSubnetGroupName": "id"})
_MODIFY_REPLICATION_GROUP = Update(
    operation="modify_replication_group", parameters={"ReplicationGroupId": "id"}, constants={"ApplyImmediately": True}
)


def _configuration_endpoint(made: Made) -> str:
    # Only a group with shards has one.
    return made.result.get("ConfigurationEndpoint", {}).get("Address", "")


def _engine_version(made: Made) -> str:
    clusters = made.call("describe_cache_clusters", CacheClusterId=made.result["MemberClusters"][0])
    return clusters["CacheClusters"][0].get("EngineVersion", "")


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:elasticache/subnetGroup:SubnetGroup": Row(
        service="elasticache",
        operation="create_cache_subnet_group",
        id="CacheSubnetGroup.CacheSubnetGroupName",
        result="CacheSubnetGroup",
        renames={"name": "CacheSubnetGroupName", "description": "CacheSubnetGroupDescription"},
        parameters={"CacheSubnetGroupDescription": PROVIDERS_DESCRIPTION},
        name=AutoName(prefix_property=None),
        tags=Tags(),
        delete=Delete(operation="delete_cache_subnet_group", parameters={"CacheSubnetGroupName": "id"}),
        update=dict.fromkeys(("description", "subnetIds"), _MODIFY_SUBNET_GROUP),
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": Row(
        service="elasticache",
        operation="create_cache_parameter_group",
        id="CacheParameterGroup.CacheParameterGroupName",
        result="CacheParameterGroup",
        renames={"name": "CacheParameterGroupName", "family": "CacheParameterGroupFamily"},
        parameters={"Description": PROVIDERS_DESCRIPTION},
        then={"parameters": _parameters},
        name=AutoName(prefix_property=None),
        tags=Tags(),
        delete=Delete(operation="delete_cache_parameter_group", parameters={"CacheParameterGroupName": "id"}),
        update={"parameters": _change_parameters},
        not_emulated=("A parameter group takes any parameter name and value, and lists only those that were set.",),
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": Row(
        service="elasticache",
        operation="create_replication_group",
        id="ReplicationGroup.ReplicationGroupId",
        result="ReplicationGroup",
        renames={
            "description": "ReplicationGroupDescription",
            "maintenanceWindow": "PreferredMaintenanceWindow",
            "nodeGroupConfigurations": "NodeGroupConfiguration",
            "nodeType": "CacheNodeType",
            "parameterGroupName": "CacheParameterGroupName",
            "securityGroupNames": "CacheSecurityGroupNames",
            "subnetGroupName": "CacheSubnetGroupName",
        },
        dropped={
            "applyImmediately": "only says when a change takes effect",
            "authTokenUpdateStrategy": "only says how a token is changed",
            "finalSnapshotIdentifier": "only says what a deletion does first",
        },
        name=AutoName(property="replicationGroupId", prefix_property=None, limit=40, lower=True),
        tags=Tags(),
        outputs={
            "primaryEndpointAddress": "NodeGroups[0].PrimaryEndpoint.Address",
            "readerEndpointAddress": "NodeGroups[0].ReaderEndpoint.Address",
            "configurationEndpointAddress": _configuration_endpoint,
            "engineVersionActual": _engine_version,
        },
        delete=Delete(
            operation="delete_replication_group",
            parameters={"ReplicationGroupId": "id", "FinalSnapshotIdentifier": "finalSnapshotIdentifier"},
        ),
        update={
            **dict.fromkeys(
                (
                    "autoMinorVersionUpgrade",
                    "automaticFailoverEnabled",
                    "description",
                    "engine",
                    "engineVersion",
                    "ipDiscovery",
                    "maintenanceWindow",
                    "multiAzEnabled",
                    "nodeType",
                    "notificationTopicArn",
                    "parameterGroupName",
                    "securityGroupIds",
                    "snapshotRetentionLimit",
                    "snapshotWindow",
                    "transitEncryptionEnabled",
                    "transitEncryptionMode",
                ),
                _MODIFY_REPLICATION_GROUP,
            ),
            "authToken": _change_token,
        },
        not_emulated=(
            "No Redis runs behind a replication group's endpoints, and its token is kept but never asked for.",
            "A change of a replication group takes effect at once, whatever its maintenance window.",
            "The number of a replication group's nodes cannot be changed.",
        ),
    ),
}
