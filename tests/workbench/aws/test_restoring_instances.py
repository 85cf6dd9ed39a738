"""What RDS is asked when a single instance is restored, member by member."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.workbench.aws.stubbed import stubbed
from tests.workbench.operations.stores.databases import SETTINGS
from workbench.aws.rds.instances import RdsInstances

MOMENT = datetime(2026, 11, 25, 10, 15, tzinfo=UTC)
TAGS = {"b": "2", "a": "1"}

SHARED: dict[str, Any] = {
    "DBInstanceClass": "db.t4g.medium",
    "MultiAZ": True,
    "StorageType": "gp3",
    "Port": 5432,
    "DBSubnetGroupName": "subnets",
    "DBParameterGroupName": "shop-db-parameters-postgres16-1234567",
    "VpcSecurityGroupIds": ["sg-1"],
    "PubliclyAccessible": False,
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "BackupRetentionPeriod": 14,
    "PreferredBackupWindow": "20:00-20:30",
    "DeletionProtection": True,
    "CopyTagsToSnapshot": True,
    "AutoMinorVersionUpgrade": False,
    "EnableIAMDatabaseAuthentication": False,
    "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
}
NAMES = {"SourceDBInstanceIdentifier": "live", "TargetDBInstanceIdentifier": "copy", "MaxAllocatedStorage": 200}


@pytest.mark.parametrize(
    ("at", "point"), [(MOMENT, {"RestoreTime": MOMENT}), (None, {"UseLatestRestorableTime": True})]
)
def test_instance_is_restored_to_one_moment_with_everything_said(at: datetime | None, point: dict[str, Any]) -> None:
    with stubbed() as connection:
        connection.once("rds").add_response("restore_db_instance_to_point_in_time", {}, {**SHARED, **NAMES, **point})
        RdsInstances(connection).restore("live", "copy", at=at, settings=SETTINGS, tags=TAGS)


def test_performance_is_asked_for_from_400_gib_on_and_never_below() -> None:
    large = replace(SETTINGS, storage_gib=400, iops=12000, throughput_mibps=500)
    asked = {"Iops": 12000, "StorageThroughput": 500, "DBSnapshotIdentifier": "one", "DBInstanceIdentifier": "copy"}
    with stubbed() as connection:
        connection.once("rds").add_response("restore_db_instance_from_db_snapshot", {}, {**SHARED, **asked})
        RdsInstances(connection).restore_snapshot("one", "copy", settings=large, tags=TAGS)
        del asked["Iops"], asked["StorageThroughput"]
        connection.once("rds").add_response("restore_db_instance_from_db_snapshot", {}, {**SHARED, **asked})
        RdsInstances(connection).restore_snapshot("one", "copy", settings=SETTINGS, tags=TAGS)


def test_copy_gets_what_a_restoration_takes_no_word_for() -> None:
    request: dict[str, Any] = {
        "DBInstanceIdentifier": "copy",
        "ApplyImmediately": True,
        "PreferredMaintenanceWindow": "sun:21:00-sun:21:30",
    }
    insights = {"EnablePerformanceInsights": True, "PerformanceInsightsRetentionPeriod": 7, "MaxAllocatedStorage": 200}
    with stubbed() as connection:
        connection.repeatable("rds").add_response("modify_db_instance", {}, {**request, **insights})
        RdsInstances(connection).complete("copy", SETTINGS)
        connection.repeatable("rds").add_response(
            "modify_db_instance", {}, {**request, "EnablePerformanceInsights": False}
        )
        without = replace(SETTINGS, performance_insights_days=None, maximum_storage_gib=None)
        RdsInstances(connection).complete("copy", without)
