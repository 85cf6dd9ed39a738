"""RDS: instances that are no member of a cluster, and their parameter groups."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.errors import SandboxError
from workbench.sandbox.making.answers import asked, name_prefix
from workbench.sandbox.making.making import Existing, Made
from workbench.sandbox.making.table import PROVIDERS_DESCRIPTION, AutoName, Change, Read, ResourceRow, Row, Tags
from workbench.sandbox.rds.parameters import IMMEDIATE, ParameterCalls

INSTANCE = "aws:rds/instance:Instance"
PARAMETER_GROUP = "aws:rds/parameterGroup:ParameterGroup"

_DELETION_ONLY = "only says what a deletion does first"


_PARAMETERS = ParameterCalls("db_parameter_group", "DBParameterGroupName")


def _delete_parameter_group(existing: Existing) -> None:
    if not existing.inputs.get("skipDestroy", False):
        existing.call("delete_db_parameter_group", DBParameterGroupName=existing.id)


def _parameters(existing: Existing) -> list[dict[str, Any]]:
    answer = existing.call("describe_db_parameters", DBParameterGroupName=existing.id)
    return [
        {
            "name": one["ParameterName"],
            "value": one["ParameterValue"],
            **({} if one.get("ApplyMethod", IMMEDIATE) == IMMEDIATE else {"applyMethod": one["ApplyMethod"]}),
        }
        for one in answer["Parameters"]
        if "ParameterValue" in one
    ]


def _resource_id(made: Made) -> str:
    """Return the provider's id of an instance: the one that it has for its whole life, whatever it is called."""
    described = made.call("describe_db_instances", DBInstanceIdentifier=made.result["DBInstanceIdentifier"])
    return described["DBInstances"][0]["DbiResourceId"]


def _this_one(existing: Existing) -> Any:
    """Return the instance of a resource id; on import the id is the identifier."""
    return next(
        (
            instance
            for instance in existing.result["DBInstances"]
            if existing.id in (instance["DbiResourceId"], instance["DBInstanceIdentifier"])
        ),
        None,
    )


def _identifier(existing: Existing) -> str:
    """Return what an instance is called now."""
    found = existing.call("describe_db_instances", Filters=[{"Name": "dbi-resource-id", "Values": [existing.id]}])
    if not found["DBInstances"]:
        raise SandboxError(f"no DB instance has the resource id {existing.id}")
    return found["DBInstances"][0]["DBInstanceIdentifier"]


def _modify(member: str) -> Change:
    """Return the change of an input that ModifyDBInstance calls ``member``."""

    def change(existing: Existing, value: Any) -> None:
        if value is not None:
            identifier = _identifier(existing)
            existing.call(
                "modify_db_instance", DBInstanceIdentifier=identifier, ApplyImmediately=True, **{member: value}
            )

    return change


def _rename(existing: Existing, identifier: Any) -> Mapping[str, Any]:
    answer = existing.call(
        "modify_db_instance",
        DBInstanceIdentifier=_identifier(existing),
        NewDBInstanceIdentifier=identifier,
        ApplyImmediately=True,
    )
    endpoint = answer["DBInstance"]["Endpoint"]
    return {
        "address": endpoint["Address"],
        "endpoint": f"{endpoint['Address']}:{endpoint['Port']}",
        "arn": answer["DBInstance"]["DBInstanceArn"],
    }


def _change_exports(existing: Existing, logs: Any) -> None:
    old: list[str] = existing.old_inputs.get("enabledCloudwatchLogsExports", [])
    new: list[str] = logs or []
    configuration = {
        "EnableLogTypes": [log for log in new if log not in old],
        "DisableLogTypes": [log for log in old if log not in new],
    }
    existing.call(
        "modify_db_instance",
        DBInstanceIdentifier=_identifier(existing),
        CloudwatchLogsExportConfiguration=configuration,
    )


def _change_insights(existing: Existing, enabled: Any) -> None:
    days = existing.inputs.get("performanceInsightsRetentionPeriod")
    existing.call(
        "modify_db_instance",
        DBInstanceIdentifier=_identifier(existing),
        EnablePerformanceInsights=bool(enabled),
        **({"PerformanceInsightsRetentionPeriod": days} if enabled and days else {}),
    )


def _nothing(existing: Existing, value: Any) -> None:
    """Leave AWS alone: the input only matters to the provider, or goes along with another."""
    del existing, value


def _delete_instance(existing: Existing) -> None:
    skip = existing.inputs.get("skipFinalSnapshot", False)
    snapshot = existing.inputs.get("finalSnapshotIdentifier")
    if not skip and not snapshot:
        # The provider's own rule; the API has the same.
        raise SandboxError("finalSnapshotIdentifier is required when skipFinalSnapshot is false")
    existing.call(
        "delete_db_instance",
        DBInstanceIdentifier=_identifier(existing),
        SkipFinalSnapshot=skip,
        DeleteAutomatedBackups=existing.inputs.get("deleteAutomatedBackups", True),
        **({} if skip else {"FinalDBSnapshotIdentifier": snapshot}),
    )


_MODIFIED = {
    "allocatedStorage": "AllocatedStorage",
    "autoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
    "backupRetentionPeriod": "BackupRetentionPeriod",
    "backupWindow": "PreferredBackupWindow",
    "caCertIdentifier": "CACertificateIdentifier",
    "copyTagsToSnapshot": "CopyTagsToSnapshot",
    "dbSubnetGroupName": "DBSubnetGroupName",
    "deletionProtection": "DeletionProtection",
    "engineVersion": "EngineVersion",
    "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
    "instanceClass": "DBInstanceClass",
    "iops": "Iops",
    "maintenanceWindow": "PreferredMaintenanceWindow",
    "maxAllocatedStorage": "MaxAllocatedStorage",
    "multiAz": "MultiAZ",
    "parameterGroupName": "DBParameterGroupName",
    "password": "MasterUserPassword",
    "port": "DBPortNumber",
    "publiclyAccessible": "PubliclyAccessible",
    "storageThroughput": "StorageThroughput",
    "storageType": "StorageType",
    "vpcSecurityGroupIds": "VpcSecurityGroupIds",
}
"""Input -> member of ModifyDBInstance."""

RESOURCES: Mapping[str, ResourceRow] = {
    PARAMETER_GROUP: Row(
        service="rds",
        operation="create_db_parameter_group",
        id="DBParameterGroup.DBParameterGroupName",
        result="DBParameterGroup",
        renames={"name": "DBParameterGroupName", "family": "DBParameterGroupFamily"},
        parameters={"Description": PROVIDERS_DESCRIPTION},
        then={"parameters": _PARAMETERS.put},
        dropped={"skipDestroy": "only says whether a deletion leaves it"},
        name=AutoName(),
        tags=Tags(),
        outputs={"arn": "DBParameterGroupArn"},
        delete=_delete_parameter_group,
        update={"parameters": _PARAMETERS.change, "skipDestroy": _nothing},
        not_emulated=("No parameter waits for a restart: every instance is in sync with its parameter group.",),
    ),
    INSTANCE: Row(
        service="rds",
        operation="create_db_instance",
        id=_resource_id,
        result="DBInstance",
        renames={
            "identifier": "DBInstanceIdentifier",
            "backupWindow": "PreferredBackupWindow",
            "caCertIdentifier": "CACertificateIdentifier",
            "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
            "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
            "instanceClass": "DBInstanceClass",
            "maintenanceWindow": "PreferredMaintenanceWindow",
            "parameterGroupName": "DBParameterGroupName",
            "password": "MasterUserPassword",
            "performanceInsightsEnabled": "EnablePerformanceInsights",
            "username": "MasterUsername",
        },
        dropped={
            "allowMajorVersionUpgrade": "only says what a change may do",
            "applyImmediately": "only says when a change takes effect",
            "deleteAutomatedBackups": _DELETION_ONLY,
            "finalSnapshotIdentifier": _DELETION_ONLY,
            "skipFinalSnapshot": _DELETION_ONLY,
        },
        name=AutoName(property="identifier", prefix_property="identifierPrefix", limit=63, lower=True),
        tags=Tags(),
        outputs={
            "address": "Endpoint.Address",
            "arn": "DBInstanceArn",
            "endpoint": "join(':', [Endpoint.Address, to_string(Endpoint.Port)])",
            "engineVersionActual": "EngineVersion",
            "resourceId": _resource_id,
        },
        delete=_delete_instance,
        update={
            **{name: _modify(member) for name, member in _MODIFIED.items()},
            **dict.fromkeys(
                (
                    "allowMajorVersionUpgrade",
                    "applyImmediately",
                    "deleteAutomatedBackups",
                    "finalSnapshotIdentifier",
                    "skipFinalSnapshot",
                ),
                _nothing,
            ),
            "identifier": _rename,
            "enabledCloudwatchLogsExports": _change_exports,
            "performanceInsightsEnabled": _change_insights,
            "performanceInsightsRetentionPeriod": _nothing,
        },
        not_emulated=(
            "No database runs behind an instance's endpoint, and its storage neither fills nor grows.",
            "A change of an instance takes effect at once, whatever its maintenance window; a second zone is a word.",
        ),
    ),
}

READS: Mapping[str, Read] = {
    PARAMETER_GROUP: Read(
        operation="describe_db_parameter_groups",
        parameters={"DBParameterGroupName": "id"},
        result="DBParameterGroups[0]",
        named={"parameters": _parameters, "namePrefix": name_prefix("DBParameterGroupName")},
        tags=asked("list_tags_for_resource", "TagList", ResourceName="DBParameterGroupArn"),
        defaults={"skipDestroy": False},
    ),
    INSTANCE: Read(
        operation="describe_db_instances",
        parameters={},
        result=_this_one,
        id="DbiResourceId",
        named={
            "dbSubnetGroupName": "DBSubnetGroup.DBSubnetGroupName",
            "parameterGroupName": "DBParameterGroups[0].DBParameterGroupName",
            "vpcSecurityGroupIds": "VpcSecurityGroups[].VpcSecurityGroupId",
            "enabledCloudwatchLogsExports": "EnabledCloudwatchLogsExports",
            "performanceInsightsEnabled": "PerformanceInsightsEnabled",
            "port": "Endpoint.Port",
            "resourceId": "DbiResourceId",
        },
        unread=("endpoint", "listenerEndpoints", "masterUserSecrets", "replicas", "password"),
        defaults={"autoMinorVersionUpgrade": True, "deleteAutomatedBackups": True},
    ),
}
