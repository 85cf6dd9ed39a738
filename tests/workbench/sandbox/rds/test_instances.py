"""Instances of RDS that are no member of a cluster: made, renamed, changed, restored, deleted."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.sandbox.ecs.simulation.pace import Pace
from workbench.sandbox.errors import AwsRefusalError, SandboxError
from workbench.sandbox.rds import instance_life

INSTANCE = "aws:rds/instance:Instance"
PARAMETER_GROUP = "aws:rds/parameterGroup:ParameterGroup"


def database(identifier: str, **other: Any) -> dict[str, Any]:
    return {
        "identifier": identifier,
        "engine": "postgres",
        "engineVersion": "16.11",
        "instanceClass": "db.t4g.micro",
        "allocatedStorage": 20,
        "maxAllocatedStorage": 100,
        "storageType": "gp3",
        "username": "owner",
        "password": "x7Kq" * 10,
        "skipFinalSnapshot": True,
        **other,
    }


def found(sandbox: Sandbox, identifier: str) -> dict[str, Any]:
    (instance,) = sandbox.client("rds").describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    return instance


def identifiers(sandbox: Sandbox) -> list[str]:
    return [one["DBInstanceIdentifier"] for one in sandbox.client("rds").describe_db_instances()["DBInstances"]]


def test_parameters_are_set_reset_and_stay_when_the_group_is_left(sandbox: Sandbox) -> None:
    rds = sandbox.client("rds")
    shared = {"name": "db-parameters", "family": "postgres16", "description": "TLS only", "skipDestroy": True}
    tls = {"name": "rds.force_ssl", "value": "1"}
    many = {"name": "max_connections", "value": "100", "applyMethod": "pending-reboot"}
    sandbox.create(PARAMETER_GROUP, "db", **shared, parameters=[tls, many])
    sandbox.update(PARAMETER_GROUP, "db", **shared, parameters=[tls])
    parameters = rds.describe_db_parameters(DBParameterGroupName="db-parameters")["Parameters"]
    assert [(one["ParameterName"], one["ParameterValue"]) for one in parameters] == [("rds.force_ssl", "1")]
    sandbox.delete(PARAMETER_GROUP, "db")
    assert rds.describe_db_parameter_groups(DBParameterGroupName="db-parameters")["DBParameterGroups"]


def test_instance_is_known_by_its_resource_id_and_renamed_in_place(sandbox: Sandbox) -> None:
    made = sandbox.create(INSTANCE, "db-one", **database("db-one"))
    other = sandbox.create(INSTANCE, "db-two", **database("db-two"))
    assert made.id.startswith("db-")
    assert made.id != other.id
    assert made.id == made.outputs["resourceId"] == found(sandbox, "db-one")["DbiResourceId"]
    with pytest.raises(AwsRefusalError, match="DBInstanceAlreadyExists"):
        sandbox.update(INSTANCE, "db-one", **database("db-two"))
    assert {"db-one", "db-two"} <= {*identifiers(sandbox)}
    sandbox.update(INSTANCE, "db-one", **database("db-renamed"))
    renamed = found(sandbox, "db-renamed")
    assert (renamed["DbiResourceId"], renamed["Endpoint"]["Address"].partition(".")[0]) == (made.id, "db-renamed")


def test_instance_is_changed_in_place(sandbox: Sandbox) -> None:
    sandbox.create(INSTANCE, "db-changed", **database("db-changed", enabledCloudwatchLogsExports=["upgrade"]))
    sandbox.update(
        INSTANCE,
        "db-changed",
        **database(
            "db-changed",
            engineVersion="16.13",
            instanceClass="db.t4g.small",
            allocatedStorage=30,
            backupRetentionPeriod=14,
            backupWindow="20:00-20:30",
            maintenanceWindow="sun:21:00-sun:21:30",
            multiAz=True,
            deletionProtection=True,
            enabledCloudwatchLogsExports=["postgresql"],
            performanceInsightsEnabled=True,
            performanceInsightsRetentionPeriod=7,
            tags={"Name": "db"},
        ),
    )
    instance = found(sandbox, "db-changed")
    wanted = {
        "EngineVersion": "16.13",
        "DBInstanceClass": "db.t4g.small",
        "AllocatedStorage": 30,
        "BackupRetentionPeriod": 14,
        "PreferredBackupWindow": "20:00-20:30",
        "PreferredMaintenanceWindow": "sun:21:00-sun:21:30",
        "MultiAZ": True,
        "DeletionProtection": True,
        "EnabledCloudwatchLogsExports": ["postgresql"],
        "PerformanceInsightsEnabled": True,
        "PerformanceInsightsRetentionPeriod": 7,
    }
    assert {key: instance.get(key) for key in wanted} == wanted
    assert tags_of(instance["TagList"])["Name"] == "db"


def test_states_pass_one_after_the_other() -> None:
    since = datetime(2026, 11, 25, tzinfo=UTC)
    passing = instance_life.Passing(since, (("creating", 2.0), ("backing-up", 1.0)))
    pace = Pace()
    assert [passing.status(since + pace(seconds), pace) for seconds in (0, 1.9, 2, 2.9, 3)] == [
        "creating",
        "creating",
        "backing-up",
        "backing-up",
        "available",
    ]


def test_copy_has_what_the_request_says_and_awss_defaults_where_it_is_silent(sandbox: Sandbox) -> None:
    rds = sandbox.client("rds")
    settings = database(
        "db-live", deletionProtection=True, multiAz=True, copyTagsToSnapshot=True, autoMinorVersionUpgrade=False
    )
    sandbox.create(INSTANCE, "db-live", **settings, enabledCloudwatchLogsExports=["postgresql"])
    request = {"SourceDBInstanceIdentifier": "db-live", "UseLatestRestorableTime": True}
    rds.restore_db_instance_to_point_in_time(TargetDBInstanceIdentifier="db-copy", **request)
    live, copy = found(sandbox, "db-live"), found(sandbox, "db-copy")
    (backups,) = rds.describe_db_instance_automated_backups(DBInstanceIdentifier="db-live")[
        "DBInstanceAutomatedBackups"
    ]
    assert backups["RestoreWindow"]["EarliestTime"] < backups["RestoreWindow"]["LatestTime"]
    silent: dict[str, Any] = {
        "DeletionProtection": False,
        "MultiAZ": False,
        "CopyTagsToSnapshot": False,
        "AutoMinorVersionUpgrade": True,
        "TagList": [],
    }
    assert {key: copy[key] for key in silent} == silent
    assert "postgresql" not in copy.get("EnabledCloudwatchLogsExports", [])
    assert (copy["DBInstanceClass"], copy["EngineVersion"]) == (live["DBInstanceClass"], live["EngineVersion"])
    assert copy["DbiResourceId"] != live["DbiResourceId"]
    with pytest.raises(rds.exceptions.DBInstanceAlreadyExistsFault):
        rds.restore_db_instance_to_point_in_time(TargetDBInstanceIdentifier="db-copy", **request)


def test_copy_of_a_snapshot_is_an_instance_of_its_own(sandbox: Sandbox) -> None:
    rds = sandbox.client("rds")
    made = sandbox.create(INSTANCE, "db-snapped", **database("db-snapped", deletionProtection=True))
    rds.create_db_snapshot(DBInstanceIdentifier="db-snapped", DBSnapshotIdentifier="before-release")
    rds.restore_db_instance_from_db_snapshot(DBSnapshotIdentifier="before-release", DBInstanceIdentifier="db-of-it")
    copy = found(sandbox, "db-of-it")
    assert copy["DbiResourceId"] != made.id
    assert copy["DeletionProtection"] is False


def test_deletion_takes_a_final_snapshot_or_is_refused(sandbox: Sandbox) -> None:
    settings = database("db-final", skipFinalSnapshot=False)
    sandbox.create(INSTANCE, "db-final", **settings)
    with pytest.raises(SandboxError, match="finalSnapshotIdentifier is required"):
        sandbox.delete(INSTANCE, "db-final")
    sandbox.update(INSTANCE, "db-final", **settings, finalSnapshotIdentifier="db-final-snapshot")
    sandbox.delete(INSTANCE, "db-final")
    snapshots = sandbox.client("rds").describe_db_snapshots(DBSnapshotIdentifier="db-final-snapshot")["DBSnapshots"]
    assert [one["Status"] for one in snapshots] == ["available"]
    assert "db-final" not in identifiers(sandbox)
