"""Amazon RDS: an Aurora cluster with every setting that a copy of it has to have, and making the copy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling
from workbench.aws.shared.tags import own_tags, tag_list

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_rds.type_defs import DBClusterTypeDef, DBInstanceTypeDef


@dataclass(frozen=True, kw_only=True)
class InstanceSettings:
    """The settings of an instance of a cluster."""

    instance_class: str
    is_publicly_accessible: bool
    ca_certificate: str
    maintenance_window: str
    upgrades_minor_versions: bool
    performance_insights_days: int | None
    """How long query statistics are kept; None: there are none."""


@dataclass(frozen=True, kw_only=True)
class ClusterSettings:
    """The settings of a cluster, which a restored one shares with the live one."""

    engine: str
    engine_version: str
    port: int
    subnet_group: str
    parameter_group: str
    security_group_ids: tuple[str, ...]
    """In order."""
    is_encrypted: bool
    kms_key: str | None
    minimum_capacity_acu: float
    maximum_capacity_acu: float
    seconds_until_auto_pause: int | None
    exported_logs: tuple[str, ...]
    """In order."""
    backup_retention_days: int
    backup_window: str
    is_deletion_protected: bool
    copies_tags_to_snapshots: bool
    has_iam_authentication: bool


@dataclass(frozen=True, kw_only=True)
class RestorableCluster:
    """A cluster as it stands."""

    identifier: str
    status: str
    endpoint: str
    """The writer's host name."""
    master_username: str
    settings: ClusterSettings
    restorable_from: datetime | None
    restorable_until: datetime | None
    instances: Mapping[str, InstanceSettings]
    """By identifier."""
    instance_states: Mapping[str, str]
    """By identifier."""
    tags: Mapping[str, str]


class RdsRestore:
    """The calls of Amazon RDS that a restoration takes."""

    def __init__(self, connection: Connection) -> None:
        self._client: RDSClient = connection.client("rds")
        self._once: RDSClient = connection.client("rds", repeatable=False)

    def cluster(self, identifier: str) -> RestorableCluster | None:
        """Return a cluster with its instances; None when there is none of that name."""
        try:
            with calling("rds:DescribeDBClusters", f"cluster {identifier}"):
                (described,) = self._client.describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"]
        except AwsError as error:
            if error.code == "DBClusterNotFoundFault":
                return None
            raise
        with calling("rds:DescribeDBInstances", f"cluster {identifier}"):
            instances = self._client.describe_db_instances(Filters=[{"Name": "db-cluster-id", "Values": [identifier]}])[
                "DBInstances"
            ]
        return RestorableCluster(
            identifier=identifier,
            status=described["Status"],
            endpoint=described["Endpoint"],
            master_username=described["MasterUsername"],
            settings=_settings(described),
            restorable_from=described.get("EarliestRestorableTime"),
            restorable_until=described.get("LatestRestorableTime"),
            instances={instance["DBInstanceIdentifier"]: _instance(instance) for instance in instances},
            instance_states={instance["DBInstanceIdentifier"]: instance["DBInstanceStatus"] for instance in instances},
            tags=own_tags(described.get("TagList", [])),
        )

    def restore(
        self, source: str, target: str, *, at: datetime | None, settings: ClusterSettings, tags: Mapping[str, str]
    ) -> None:
        """Begin to make a cluster from what another one held; without ``at``, as lately as possible.

        It has no instances, and takes none before it is available ("RestoreDBClusterToPointInTime", RDS API
        reference). A setting that is left out would be AWS's default: no security group of ours, no parameters, no
        protection.
        """
        key: dict[str, Any] = {} if settings.kms_key is None else {"KmsKeyId": settings.kms_key}
        with calling("rds:RestoreDBClusterToPointInTime", f"cluster {target}"):
            self._once.restore_db_cluster_to_point_in_time(
                SourceDBClusterIdentifier=source,
                DBClusterIdentifier=target,
                **_point(at),
                **key,
                Port=settings.port,
                DBSubnetGroupName=settings.subnet_group,
                DBClusterParameterGroupName=settings.parameter_group,
                VpcSecurityGroupIds=list(settings.security_group_ids),
                ServerlessV2ScalingConfiguration=_scaling(settings),
                EnableCloudwatchLogsExports=list(settings.exported_logs),
                BackupRetentionPeriod=settings.backup_retention_days,
                PreferredBackupWindow=settings.backup_window,
                DeletionProtection=settings.is_deletion_protected,
                CopyTagsToSnapshot=settings.copies_tags_to_snapshots,
                EnableIAMDatabaseAuthentication=settings.has_iam_authentication,
                Tags=tag_list(tags),
            )

    def create_instance(
        self,
        identifier: str,
        *,
        cluster: str,
        engine: str,
        subnet_group: str,
        settings: InstanceSettings,
        tags: Mapping[str, str],
    ) -> None:
        """Begin to make an instance of a cluster."""
        days = settings.performance_insights_days
        insights: dict[str, Any] = {} if days is None else {"PerformanceInsightsRetentionPeriod": days}
        with calling("rds:CreateDBInstance", f"instance {identifier}"):
            self._once.create_db_instance(
                DBInstanceIdentifier=identifier,
                DBClusterIdentifier=cluster,
                Engine=engine,
                DBInstanceClass=settings.instance_class,
                DBSubnetGroupName=subnet_group,
                PubliclyAccessible=settings.is_publicly_accessible,
                CACertificateIdentifier=settings.ca_certificate,
                PreferredMaintenanceWindow=settings.maintenance_window,
                AutoMinorVersionUpgrade=settings.upgrades_minor_versions,
                EnablePerformanceInsights=days is not None,
                **insights,
                Tags=tag_list(tags),
            )


def _point(at: datetime | None) -> dict[str, Any]:
    return {"UseLatestRestorableTime": True} if at is None else {"RestoreToTime": at}


def _scaling(settings: ClusterSettings) -> Any:
    pause = settings.seconds_until_auto_pause
    return {
        "MinCapacity": settings.minimum_capacity_acu,
        "MaxCapacity": settings.maximum_capacity_acu,
        **({} if pause is None else {"SecondsUntilAutoPause": pause}),
    }


def _settings(described: "DBClusterTypeDef") -> ClusterSettings:
    scaling = described.get("ServerlessV2ScalingConfiguration", {})
    return ClusterSettings(
        engine=described["Engine"],
        engine_version=described["EngineVersion"],
        port=described["Port"],
        subnet_group=described["DBSubnetGroup"],
        parameter_group=described["DBClusterParameterGroup"],
        security_group_ids=tuple(sorted(group["VpcSecurityGroupId"] for group in described["VpcSecurityGroups"])),
        is_encrypted=described["StorageEncrypted"],
        kms_key=described.get("KmsKeyId"),
        minimum_capacity_acu=scaling.get("MinCapacity", 0),
        maximum_capacity_acu=scaling.get("MaxCapacity", 0),
        seconds_until_auto_pause=scaling.get("SecondsUntilAutoPause"),
        exported_logs=tuple(sorted(described.get("EnabledCloudwatchLogsExports", []))),
        backup_retention_days=described["BackupRetentionPeriod"],
        backup_window=described["PreferredBackupWindow"],
        is_deletion_protected=described["DeletionProtection"],
        copies_tags_to_snapshots=described["CopyTagsToSnapshot"],
        has_iam_authentication=described.get("IAMDatabaseAuthenticationEnabled", False),
    )


def _instance(described: "DBInstanceTypeDef") -> InstanceSettings:
    insights = described.get("PerformanceInsightsEnabled", False)
    return InstanceSettings(
        instance_class=described["DBInstanceClass"],
        is_publicly_accessible=described["PubliclyAccessible"],
        ca_certificate=described["CACertificateIdentifier"],
        maintenance_window=described["PreferredMaintenanceWindow"],
        upgrades_minor_versions=described["AutoMinorVersionUpgrade"],
        performance_insights_days=described.get("PerformanceInsightsRetentionPeriod") if insights else None,
    )
