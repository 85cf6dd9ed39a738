"""RDS: what moto forgets of an instance, and what it does not check of a cluster."""

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from zelly_infra.sandbox.supplement.table import Call, Forgotten, Missing, Preparation, RefusalError


def _performance_insights(call: Call) -> Mapping[str, Any]:
    members = {
        "EnablePerformanceInsights": "PerformanceInsightsEnabled",
        "PerformanceInsightsKMSKeyId": "PerformanceInsightsKMSKeyId",
        "PerformanceInsightsRetentionPeriod": "PerformanceInsightsRetentionPeriod",
    }
    return {answered: call.parameters[given] for given, answered in members.items() if given in call.parameters}


def _check_cluster(call: Call) -> None:
    backend: Any = get_backend("rds")[call.account_id][call.region]
    identifier = call.parameters["DBClusterIdentifier"].lower()
    if identifier in backend.clusters:
        # moto stumbles over the snapshot that it would take of the second one.
        raise RefusalError("DBClusterAlreadyExistsFault", f"DB Cluster {identifier} already exists")
    parameter_group = call.parameters.get("DBClusterParameterGroupName", "default.")
    if not parameter_group.startswith("default.") and parameter_group not in backend.db_cluster_parameter_groups:
        raise RefusalError("DBClusterParameterGroupNotFound", f"DBClusterParameterGroup not found: {parameter_group}")
    subnet_group = call.parameters.get("DBSubnetGroupName")
    if subnet_group is not None and subnet_group not in backend.subnet_groups:
        raise RefusalError("DBSubnetGroupNotFoundFault", f"DB subnet group '{subnet_group}' does not exist.")


MISSING: tuple[Missing, ...] = ()
FORGOTTEN: tuple[Forgotten, ...] = (
    Forgotten(
        service="rds",
        writes={"CreateDBInstance": "DBInstance", "ModifyDBInstance": "DBInstance"},
        reads={"DescribeDBInstances": "DBInstances"},
        key="DBInstanceIdentifier",
        remember=_performance_insights,
    ),
)
PREPARATIONS: tuple[Preparation, ...] = (
    Preparation(service="rds", operation="CreateDBCluster", prepare=_check_cluster),
)
