"""ElastiCache: a replication group and what it stands on."""

from collections.abc import Mapping
from typing import Any

from zelly_infra.sandbox.making import Made
from zelly_infra.sandbox.table import PROVIDERS_DESCRIPTION, AutoName, Function, ResourceRow, Row, Tags

_PARAMETERS_PER_CALL = 20
"""``ModifyCacheParameterGroup`` takes no more."""


def _parameters(made: Made, parameters: Any) -> None:
    members = [{"ParameterName": parameter["name"], "ParameterValue": parameter["value"]} for parameter in parameters]
    for first in range(0, len(members), _PARAMETERS_PER_CALL):
        made.call(
            "modify_cache_parameter_group",
            CacheParameterGroupName=made.id,
            ParameterNameValues=members[first : first + _PARAMETERS_PER_CALL],
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
        not_emulated=(
            "No Redis runs behind a replication group's endpoints, and its token is kept but never asked for.",
        ),
    ),
}

FUNCTIONS: Mapping[str, Function] = {}
