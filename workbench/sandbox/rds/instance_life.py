"""The life of an instance that is no member of a cluster: states that pass, a resource id of its own, restorations."""

import base64
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend

from workbench.sandbox.ecs.simulation.pace import Pace
from workbench.sandbox.server.state import change
from workbench.sandbox.server.table import Call, Consequence, Forgotten, Missing, Preparation, RefusalError, Supplement

_CREATING = (("creating", 2.0), ("backing-up", 1.0))
"""States of a new instance with their seconds here; minutes in AWS. A first backup follows the creation."""
_RENAMING = (("renaming", 1.0),)


@dataclass(frozen=True)
class Passing:
    """The states that an instance passes through since a moment."""

    since: datetime
    states: tuple[tuple[str, float], ...]

    def status(self, now: datetime, pace: Pace) -> str:
        """Return the state at a moment."""
        passed = self.since
        for status, seconds in self.states:
            passed += pace(seconds)
            if now < passed:
                return status
        return "available"


def _instances(call: Call) -> Mapping[str, Any]:
    return get_backend("rds")[call.account_id][call.region].databases


def _begin(call: Call, instance: Any, states: tuple[tuple[str, float], ...]) -> None:
    passing = Passing(datetime.now(UTC), states)
    call.kept("states of instances")[instance.dbi_resource_id] = passing
    change(instance, status=passing.status(passing.since, Pace.of_this_process()))


def _go_on(call: Call) -> None:
    """Bring the state of every instance up to date; one that was stopped meanwhile stays so."""
    kept, now, pace = call.kept("states of instances"), datetime.now(UTC), Pace.of_this_process()
    for instance in _instances(call).values():
        passing: Passing | None = kept.get(instance.dbi_resource_id)
        if passing is None:
            continue
        status = passing.status(now, pace)
        change(instance, status=status)
        if status == "available":
            del kept[instance.dbi_resource_id]


def _after_creation(call: Call) -> None:
    if "DBClusterIdentifier" not in call.parameters:
        _settle(call, _instances(call)[call.parameters["DBInstanceIdentifier"].lower()])


def _settle(call: Call, instance: Any) -> None:
    # moto has one for all of them.
    name = base64.b32encode(uuid.uuid4().bytes).decode().rstrip("=")
    change(instance, dbi_resource_id=f"db-{name}")
    _begin(call, instance, _CREATING)


def _check_restoration(call: Call) -> None:
    target = call.parameters["TargetDBInstanceIdentifier"].lower()
    if target in _instances(call):
        raise RefusalError("DBInstanceAlreadyExists", f"DB instance already exists: {target}")
    _go_on(call)
    source = _instances(call).get(call.parameters.get("SourceDBInstanceIdentifier", "").lower())
    if source is not None and source.status not in ("available", "backing-up", "modifying"):
        raise RefusalError("InvalidDBInstanceState", f"DB instance {source.db_instance_identifier} is {source.status}")


def _after_restoration(call: Call) -> None:
    _set_as_asked(call, _instances(call)[call.parameters["TargetDBInstanceIdentifier"].lower()])


def _set_as_asked(call: Call, instance: Any) -> None:
    """Set what the request says, and AWS's defaults where it is silent: moto would copy the source's."""
    given = call.parameters
    change(
        instance,
        auto_minor_version_upgrade=given.get("AutoMinorVersionUpgrade", True),
        copy_tags_to_snapshot=given.get("CopyTagsToSnapshot", False),
        db_parameter_group_name=given.get("DBParameterGroupName"),
        deletion_protection=given.get("DeletionProtection", False),
        enabled_cloudwatch_logs_exports=list(given.get("EnableCloudwatchLogsExports", [])),
        max_allocated_storage=given.get("MaxAllocatedStorage", instance.allocated_storage),
        multi_az=given.get("MultiAZ", False),
        preferred_maintenance_window="wed:06:38-wed:07:08",
        publicly_accessible=given.get("PubliclyAccessible", False),
        tags=list(given.get("Tags", [])),
    )
    _settle(call, instance)


def _check_change(call: Call) -> None:
    _go_on(call)
    instances, given = _instances(call), call.parameters
    new = given.get("NewDBInstanceIdentifier", "").lower()
    if new in instances:
        # moto would lose the one that has the name.
        raise RefusalError("DBInstanceAlreadyExists", f"DB instance already exists: {new}")


def _after_change(call: Call) -> None:
    new = call.parameters.get("NewDBInstanceIdentifier", "").lower()
    if new in _instances(call):
        _begin(call, _instances(call)[new], _RENAMING)


def _reset_parameters(call: Call) -> Mapping[str, Any]:
    name = call.parameters["DBParameterGroupName"]
    groups: Mapping[str, Any] = get_backend("rds")[call.account_id][call.region].db_parameter_groups
    if name not in groups:
        raise RefusalError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}")
    parameters: dict[str, Any] = groups[name].parameters
    if call.parameters.get("ResetAllParameters"):
        parameters.clear()
    for parameter in call.parameters.get("Parameters", []):
        parameters.pop(parameter["ParameterName"], None)
    return {"DBParameterGroupName": name}


def _after_snapshot_restoration(call: Call) -> None:
    _set_as_asked(call, _instances(call)[call.parameters["DBInstanceIdentifier"].lower()])


def _begin_backups(call: Call) -> Mapping[str, Any]:
    del call
    return {"RestoreWindow": {"EarliestTime": datetime.now(UTC)}}


def _until_now(backup: dict[str, Any], remembered: Mapping[str, Any]) -> None:
    backup["RestoreWindow"] = {**remembered["RestoreWindow"], "LatestTime": datetime.now(UTC)}


_BACKUPS = Forgotten(
    service="rds",
    creates=dict.fromkeys(
        ("CreateDBInstance", "RestoreDBInstanceToPointInTime", "RestoreDBInstanceFromDBSnapshot"), "DBInstance"
    ),
    reads={"DescribeDBInstanceAutomatedBackups": "DBInstanceAutomatedBackups"},
    key="DBInstanceIdentifier",
    remember=_begin_backups,
    merge=_until_now,
)

LIFE = Supplement(
    forgotten=(_BACKUPS,),
    missing=(Missing(service="rds", operation="ResetDBParameterGroup", answer=_reset_parameters),),
    preparations=(
        Preparation(service="rds", operation="DescribeDBInstances", prepare=_go_on),
        Preparation(service="rds", operation="ModifyDBInstance", prepare=_check_change),
        Preparation(service="rds", operation="RestoreDBInstanceToPointInTime", prepare=_check_restoration),
    ),
    consequences=(
        Consequence(service="rds", operation="CreateDBInstance", finish=_after_creation),
        Consequence(service="rds", operation="ModifyDBInstance", finish=_after_change),
        Consequence(service="rds", operation="RestoreDBInstanceToPointInTime", finish=_after_restoration),
        Consequence(service="rds", operation="RestoreDBInstanceFromDBSnapshot", finish=_after_snapshot_restoration),
    ),
)
