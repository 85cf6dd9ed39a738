"""Amazon RDS: instances that are no member of a cluster, copies of them, and their snapshots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling
from workbench.aws.shared.tags import own_tags, tag_list

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_rds.type_defs import DBInstanceTypeDef

_PERFORMANCE_FROM_GIB = 400
"""Below, RDS refuses IOPS and throughput, although it answers with those that there are ("gp3", RDS User Guide)."""


@dataclass(frozen=True, kw_only=True)
class InstanceSettings:
    """The settings of an instance, which a restored one shares with the live one."""

    instance_class: str
    has_standby: bool
    storage_gib: int
    maximum_storage_gib: int | None
    """None: it does not grow by itself."""
    storage_type: str
    iops: int | None
    throughput_mibps: int | None
    port: int
    subnet_group: str
    parameter_group: str
    security_group_ids: tuple[str, ...]
    """In order."""
    is_encrypted: bool
    is_publicly_accessible: bool
    ca_certificate: str
    backup_retention_days: int
    backup_window: str
    maintenance_window: str
    is_deletion_protected: bool
    copies_tags_to_snapshots: bool
    upgrades_minor_versions: bool
    has_iam_authentication: bool
    performance_insights_days: int | None
    """How long query statistics are kept; None: there are none."""


@dataclass(frozen=True, kw_only=True)
class Instance:
    """An instance as it stands."""

    identifier: str
    resource_id: str
    """``db-…``, whatever it is called."""
    status: str
    engine_version: str
    endpoint: str | None
    """Its host name; None: it has none yet."""
    database: str | None
    master_username: str
    parameters_status: str
    """``in-sync``, ``pending-reboot``, ``applying`` or ``failed-to-apply``."""
    pending: tuple[str, ...]
    """The members that change in the next maintenance window, in the API's words."""
    restorable_until: datetime | None
    settings: InstanceSettings
    tags: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A snapshot of an instance that is complete."""

    name: str
    taken_at: datetime
    kind: str
    """``manual`` or ``automated``."""


class RdsInstances:
    """The calls of Amazon RDS on single instances."""

    def __init__(self, connection: Connection) -> None:
        self._client: RDSClient = connection.client("rds")
        self._once: RDSClient = connection.client("rds", repeatable=False)

    def instance(self, identifier: str) -> Instance | None:
        """Return an instance; None when there is none of that name."""
        try:
            with calling("rds:DescribeDBInstances", f"instance {identifier}"):
                (described,) = self._client.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
        except AwsError as error:
            if error.code in ("DBInstanceNotFound", "DBInstanceNotFoundFault"):
                return None
            raise
        return _instance(described)

    def restorable_from(self, identifier: str) -> datetime | None:
        """Return the earliest moment that an instance can be restored to; None: RDS names none."""
        with calling("rds:DescribeDBInstanceAutomatedBackups", f"instance {identifier}"):
            answer = self._client.describe_db_instance_automated_backups(DBInstanceIdentifier=identifier)
        found = [one.get("RestoreWindow", {}).get("EarliestTime") for one in answer["DBInstanceAutomatedBackups"]]
        return min((moment for moment in found if moment is not None), default=None)

    def snapshots(self, identifier: str) -> Sequence[Snapshot]:
        """Return the complete snapshots of an instance, the newest first."""
        with calling("rds:DescribeDBSnapshots", f"instance {identifier}"):
            pages = self._client.get_paginator("describe_db_snapshots").paginate(DBInstanceIdentifier=identifier)
            found = [snapshot for page in pages for snapshot in page["DBSnapshots"]]
        complete = [
            Snapshot(
                name=snapshot["DBSnapshotIdentifier"],
                taken_at=snapshot["SnapshotCreateTime"],
                kind=snapshot["SnapshotType"],
            )
            for snapshot in found
            if snapshot["Status"] == "available" and "SnapshotCreateTime" in snapshot
        ]
        return sorted(complete, key=lambda snapshot: snapshot.taken_at, reverse=True)

    def restore(
        self,
        source: str,
        target: str,
        *,
        at: datetime | None,
        settings: InstanceSettings,
        tags: Mapping[str, str],
    ) -> None:
        """Begin to make an instance from what another one held; without ``at``, as lately as possible.

        A setting that is left out would be AWS's default: no security group of ours, no parameters, no protection.
        """
        moment: dict[str, Any] = {"UseLatestRestorableTime": True} if at is None else {"RestoreTime": at}
        growth = settings.maximum_storage_gib
        with calling("rds:RestoreDBInstanceToPointInTime", f"instance {target}"):
            self._once.restore_db_instance_to_point_in_time(
                SourceDBInstanceIdentifier=source,
                TargetDBInstanceIdentifier=target,
                **moment,
                **({} if growth is None else {"MaxAllocatedStorage": growth}),
                **_shared(settings),
                Tags=tag_list(tags),
            )

    def restore_snapshot(
        self, snapshot: str, target: str, *, settings: InstanceSettings, tags: Mapping[str, str]
    ) -> None:
        """Begin to make an instance from a snapshot."""
        with calling("rds:RestoreDBInstanceFromDBSnapshot", f"instance {target}"):
            self._once.restore_db_instance_from_db_snapshot(
                DBSnapshotIdentifier=snapshot, DBInstanceIdentifier=target, **_shared(settings), Tags=tag_list(tags)
            )

    def complete(self, identifier: str, settings: InstanceSettings) -> None:
        """Set on a restored instance what a restoration takes no word for."""
        given = {
            "PerformanceInsightsRetentionPeriod": settings.performance_insights_days,
            "MaxAllocatedStorage": settings.maximum_storage_gib,
        }
        numbers: dict[str, Any] = {name: number for name, number in given.items() if number is not None}
        with calling("rds:ModifyDBInstance", f"instance {identifier}"):
            self._client.modify_db_instance(
                DBInstanceIdentifier=identifier,
                ApplyImmediately=True,
                PreferredMaintenanceWindow=settings.maintenance_window,
                EnablePerformanceInsights=settings.performance_insights_days is not None,
                **numbers,
            )


def _shared(settings: InstanceSettings) -> dict[str, Any]:
    given = {"Iops": settings.iops, "StorageThroughput": settings.throughput_mibps}
    performance = {name: value for name, value in given.items() if value is not None}
    return {
        **(performance if settings.storage_gib >= _PERFORMANCE_FROM_GIB else {}),
        "DBInstanceClass": settings.instance_class,
        "MultiAZ": settings.has_standby,
        "StorageType": settings.storage_type,
        "Port": settings.port,
        "DBSubnetGroupName": settings.subnet_group,
        "DBParameterGroupName": settings.parameter_group,
        "VpcSecurityGroupIds": list(settings.security_group_ids),
        "PubliclyAccessible": settings.is_publicly_accessible,
        "CACertificateIdentifier": settings.ca_certificate,
        "BackupRetentionPeriod": settings.backup_retention_days,
        "PreferredBackupWindow": settings.backup_window,
        "DeletionProtection": settings.is_deletion_protected,
        "CopyTagsToSnapshot": settings.copies_tags_to_snapshots,
        "AutoMinorVersionUpgrade": settings.upgrades_minor_versions,
        "EnableIAMDatabaseAuthentication": settings.has_iam_authentication,
    }


def _instance(described: "DBInstanceTypeDef") -> Instance:
    groups = described.get("DBParameterGroups", [])
    return Instance(
        identifier=described["DBInstanceIdentifier"],
        resource_id=described["DbiResourceId"],
        status=described["DBInstanceStatus"],
        engine_version=described["EngineVersion"],
        endpoint=described.get("Endpoint", {}).get("Address"),
        database=described.get("DBName"),
        master_username=described["MasterUsername"],
        parameters_status=next((group["ParameterApplyStatus"] for group in groups), "in-sync"),
        pending=tuple(sorted(described.get("PendingModifiedValues", {}))),
        restorable_until=described.get("LatestRestorableTime"),
        settings=_settings(described),
        tags=own_tags(described.get("TagList", [])),
    )


def _settings(described: "DBInstanceTypeDef") -> InstanceSettings:
    insights = described.get("PerformanceInsightsEnabled", False)
    return InstanceSettings(
        instance_class=described["DBInstanceClass"],
        has_standby=described["MultiAZ"],
        storage_gib=described["AllocatedStorage"],
        maximum_storage_gib=described.get("MaxAllocatedStorage"),
        storage_type=described["StorageType"],
        iops=described.get("Iops"),
        throughput_mibps=described.get("StorageThroughput"),
        port=described.get("Endpoint", {}).get("Port", 0),
        subnet_group=described.get("DBSubnetGroup", {}).get("DBSubnetGroupName", ""),
        parameter_group=next((group["DBParameterGroupName"] for group in described.get("DBParameterGroups", [])), ""),
        security_group_ids=tuple(sorted(group["VpcSecurityGroupId"] for group in described["VpcSecurityGroups"])),
        is_encrypted=described["StorageEncrypted"],
        is_publicly_accessible=described["PubliclyAccessible"],
        ca_certificate=described.get("CACertificateIdentifier", ""),
        backup_retention_days=described["BackupRetentionPeriod"],
        backup_window=described["PreferredBackupWindow"],
        maintenance_window=described["PreferredMaintenanceWindow"],
        is_deletion_protected=described["DeletionProtection"],
        copies_tags_to_snapshots=described["CopyTagsToSnapshot"],
        upgrades_minor_versions=described["AutoMinorVersionUpgrade"],
        has_iam_authentication=described.get("IAMDatabaseAuthenticationEnabled", False),
        performance_insights_days=described.get("PerformanceInsightsRetentionPeriod") if insights else None,
    )
