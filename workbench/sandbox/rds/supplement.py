"""RDS: members of instances that moto forgets, checks of clusters, and operations that it lacks."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend

from workbench.sandbox.rds.instance_life import LIFE
from workbench.sandbox.server.state import change
from workbench.sandbox.server.table import Call, Consequence, Forgotten, Missing, Preparation, RefusalError, Supplement

_EVENTS_SERVICE = "events.rds.amazonaws.com"
_SUBSCRIPTION_MEMBERS: Mapping[str, str] = {
    "Enabled": "enabled",
    "EventCategories": "event_categories",
    "SnsTopicArn": "sns_topic_arn",
    "SourceType": "source_type",
}
"""Members of ModifyEventSubscription -> how moto's subscription calls them."""


_AUTHORITY = "rds-ca-rsa2048-g1"


def _no_maintenance(call: Call) -> Mapping[str, Any]:
    del call
    return {"PendingMaintenanceActions": []}


def _certificate_authorities(call: Call) -> Mapping[str, Any]:
    """Return the authority of new instances: valid for forty years ("Using SSL/TLS to encrypt a connection", RDS)."""
    name = call.parameters.get("CertificateIdentifier", _AUTHORITY)
    if name != _AUTHORITY:
        raise RefusalError("CertificateNotFound", f"Certificate {name} not found.")
    return {
        "Certificates": [
            {
                "CertificateArn": f"arn:aws:rds:{call.region}::cert:{_AUTHORITY}",
                "CertificateIdentifier": _AUTHORITY,
                "CertificateType": "CA",
                "CustomerOverride": False,
                "ValidFrom": datetime(2021, 5, 25, tzinfo=UTC),
                "ValidTill": datetime(2061, 5, 25, tzinfo=UTC),
            }
        ]
    }


def _performance_insights(call: Call) -> Mapping[str, Any]:
    members = {
        "EnablePerformanceInsights": "PerformanceInsightsEnabled",
        "PerformanceInsightsKMSKeyId": "PerformanceInsightsKMSKeyId",
        "PerformanceInsightsRetentionPeriod": "PerformanceInsightsRetentionPeriod",
    }
    return {answered: call.parameters[given] for given, answered in members.items() if given in call.parameters}


def _merge_performance_insights(instance: dict[str, Any], remembered: Mapping[str, Any]) -> None:
    enabled = remembered.get("PerformanceInsightsEnabled", False)
    # An instance without them has neither a key nor a time for them.
    instance.update(remembered if enabled else {"PerformanceInsightsEnabled": False})


def _backend(call: Call) -> Any:
    return get_backend("rds")[call.account_id][call.region]


def _check_cluster(call: Call) -> None:
    backend = _backend(call)
    identifier = call.parameters["DBClusterIdentifier"].lower()
    if identifier in backend.clusters:
        # moto stumbles over the snapshot that it would take of the second one.
        raise RefusalError("DBClusterAlreadyExistsFault", f"DB Cluster {identifier} already exists")
    _check_parameter_group(call)
    subnet_group = call.parameters.get("DBSubnetGroupName")
    if subnet_group is not None and subnet_group not in backend.subnet_groups:
        raise RefusalError("DBSubnetGroupNotFoundFault", f"DB subnet group '{subnet_group}' does not exist.")


def _check_parameter_group(call: Call) -> None:
    name = call.parameters.get("DBClusterParameterGroupName", "default.")
    if not name.startswith("default.") and name not in _backend(call).db_cluster_parameter_groups:
        raise RefusalError("DBClusterParameterGroupNotFound", f"DBClusterParameterGroup not found: {name}")


def _before_change(call: Call) -> None:
    """Refuse what moto stumbles over, and change what it takes under another name than the API's."""
    identifier = call.parameters["DBClusterIdentifier"].lower()
    cluster = _backend(call).clusters.get(identifier)
    if cluster is None:
        raise RefusalError("DBClusterNotFoundFault", f"DBCluster {identifier} not found.")
    _check_parameter_group(call)
    if "EnableIAMDatabaseAuthentication" in call.parameters:
        change(cluster, iam_auth=call.parameters["EnableIAMDatabaseAuthentication"])
    exports = call.parameters.get("CloudwatchLogsExportConfiguration", {})
    disabled = exports.get("DisableLogTypes", [])
    kept = [log for log in cluster.enabled_cloudwatch_logs_exports if log not in disabled]
    added = [log for log in exports.get("EnableLogTypes", []) if log not in kept]
    change(cluster, enabled_cloudwatch_logs_exports=[*kept, *added])


def _delete_backups(call: Call) -> None:
    """Delete a deleted cluster's automated snapshots, which moto leaves; the final one is a manual one."""
    if not call.parameters.get("DeleteAutomatedBackups", True):
        return
    identifier = call.parameters["DBClusterIdentifier"].lower()
    snapshots: dict[str, Any] = _backend(call).cluster_snapshots
    for name in [name for name in snapshots if name.startswith(f"rds:{identifier}-")]:
        if snapshots[name].cluster.db_cluster_identifier == identifier:
            del snapshots[name]


def _keep_subnet_group(call: Call) -> None:
    """Let moto change a copy of a subnet group, since it loses the one that it changes."""
    groups: dict[str, Any] = _backend(call).subnet_groups
    name = call.parameters["DBSubnetGroupName"].lower()
    if name not in groups:
        raise RefusalError("DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' does not exist.")
    call.kept("changing subnet groups")[name] = groups[name]


def _put_back_subnet_group(call: Call) -> None:
    name = call.parameters["DBSubnetGroupName"].lower()
    _backend(call).subnet_groups[name] = call.kept("changing subnet groups").pop(name)


def _reset_parameters(call: Call) -> Mapping[str, Any]:
    name = call.parameters["DBClusterParameterGroupName"]
    groups: Mapping[str, Any] = _backend(call).db_cluster_parameter_groups
    if name not in groups:
        raise RefusalError("DBParameterGroupNotFound", f"DBClusterParameterGroup not found: {name}")
    parameters: dict[str, Any] = groups[name].parameters
    if call.parameters.get("ResetAllParameters"):
        parameters.clear()
    for parameter in call.parameters.get("Parameters", []):
        parameters.pop(parameter["ParameterName"], None)
    return {"DBClusterParameterGroupName": name}


def _check_event_topic(call: Call) -> None:
    """Refuse a topic that is not there or that RDS may not publish to, as RDS itself finds out by trying."""
    arn = call.parameters.get("SnsTopicArn")
    if arn is None:
        return
    topics: Mapping[str, Any] = get_backend("sns")[call.account_id][call.region].topics
    if arn not in topics:
        raise RefusalError("SNSTopicArnNotFound", f"The SNS topic {arn} does not exist.")
    statements: list[Mapping[str, Any]] = json.loads(topics[arn].policy)["Statement"]
    if not any(_lets_publish(statement) for statement in statements):
        raise RefusalError("SNSNoAuthorization", f"You do not have permission to publish to the SNS topic ARN {arn}.")


def _lets_publish(statement: Mapping[str, Any]) -> bool:
    principal, actions = statement["Principal"], statement["Action"]
    wanted = {"sns:publish", "sns:*"}
    services = principal.get("Service", []) if isinstance(principal, Mapping) else []  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return (
        statement["Effect"] == "Allow"
        and (principal in ("*", {"AWS": "*"}) or _EVENTS_SERVICE in services)
        and any(action.lower() in wanted for action in ([actions] if isinstance(actions, str) else actions))
    )


def _change_event_subscription(call: Call) -> Mapping[str, Any]:
    _check_event_topic(call)
    name = call.parameters["SubscriptionName"]
    subscriptions: Mapping[str, Any] = _backend(call).event_subscriptions
    if name not in subscriptions:
        raise RefusalError("SubscriptionNotFound", f"Subscription {name} not found.")
    subscription = subscriptions[name]
    given = call.parameters
    change(subscription, **{field: given[member] for member, field in _SUBSCRIPTION_MEMBERS.items() if member in given})
    return {
        "EventSubscription": {
            "CustSubscriptionId": name,
            "SnsTopicArn": subscription.sns_topic_arn,
            "Status": subscription.status,
            "SourceType": subscription.source_type,
            "EventCategoriesList": subscription.event_categories,
            "SourceIdsList": subscription.source_ids,
            "Enabled": subscription.enabled,
            "EventSubscriptionArn": subscription.arn,
        }
    }


_MISSING = (
    Missing(service="rds", operation="DescribePendingMaintenanceActions", answer=_no_maintenance),
    Missing(service="rds", operation="DescribeCertificates", answer=_certificate_authorities),
    Missing(service="rds", operation="ResetDBClusterParameterGroup", answer=_reset_parameters),
    Missing(service="rds", operation="ModifyEventSubscription", answer=_change_event_subscription),
)
_FORGOTTEN = (
    Forgotten(
        service="rds",
        creates={"CreateDBInstance": "DBInstance"},
        changes={"ModifyDBInstance": "DBInstance"},
        reads={"DescribeDBInstances": "DBInstances"},
        key="DBInstanceIdentifier",
        remember=_performance_insights,
        merge=_merge_performance_insights,
    ),
)
_PREPARATIONS = (
    Preparation(service="rds", operation="CreateEventSubscription", prepare=_check_event_topic),
    Preparation(service="rds", operation="CreateDBCluster", prepare=_check_cluster),
    Preparation(service="rds", operation="ModifyDBCluster", prepare=_before_change),
    Preparation(service="rds", operation="ModifyDBSubnetGroup", prepare=_keep_subnet_group),
)
_CONSEQUENCES = (
    Consequence(service="rds", operation="DeleteDBCluster", finish=_delete_backups),
    Consequence(service="rds", operation="ModifyDBSubnetGroup", finish=_put_back_subnet_group),
)

SUPPLEMENT = Supplement(
    missing=(*_MISSING, *LIFE.missing),
    forgotten=(*_FORGOTTEN, *LIFE.forgotten),
    preparations=(*_PREPARATIONS, *LIFE.preparations),
    consequences=(*_CONSEQUENCES, *LIFE.consequences),
)
