"""The sections of the environment config on data stores, with the checks inside a section."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from workbench.config import types
from workbench.config.hosts import BurstableHost
from workbench.config.section import Section
from zelly_components.limits.aurora_capacity import check_capacity, check_insights
from zelly_components.limits.errors import LimitError
from zelly_components.limits.public_access import check_public_access
from zelly_components.limits.redis_engines import parameter_group_family
from zelly_components.limits.windows import SHORTEST_CACHE_WINDOW, SHORTEST_DATABASE_WINDOW, check_windows


class Aurora(Section):
    """The Aurora MySQL cluster."""

    engine_version: Annotated[
        str,
        Field(
            pattern=r"^8\.0\.mysql_aurora\.3\.\d{2}\.\d{1,2}$",
            description="a full version, e.g. 8.0.mysql_aurora.3.10.5",
        ),
    ]
    minimum_capacity_acu: types.CapacityAcu
    maximum_capacity_acu: types.CapacityAcu
    seconds_until_auto_pause: Annotated[int, Field(ge=300, le=86400, description="300 to 86400 seconds")] | None
    """The time that the cluster idles before it pauses; null: it never does. Needs a minimum of 0 ACU."""
    instances: Annotated[int, Field(ge=1, le=16, description="1 to 16 instances")]
    publicly_accessible: bool
    allowed_cidrs: Mapping[types.Slug, types.AllowedNetwork]
    """Ranges that may connect over the internet, by the name of their owner."""
    master_username: Annotated[
        str, Field(pattern=r"^[a-z][a-z0-9_]{0,15}$", description="1 to 16 lower-case letters, digits, underscores")
    ]
    backup_retention_days: Annotated[int, Field(ge=1, le=35, description="1 to 35 days")]
    backup_window: types.DailyWindow
    maintenance_window: types.WeeklyWindow
    log_retention_days: types.LogRetentionDays
    performance_insights: bool
    """Seven days of query statistics for CloudWatch Database Insights in its standard mode, which is free; RDS' API
    calls the switch so. Needs a minimum of 2 ACU; the slow query log does not. The advanced mode, with 15 months and
    execution plans, has a price and is not offered."""
    apply_immediately: bool

    @model_validator(mode="after")
    def _capacity_agrees(self) -> Self:
        check_capacity(
            engine_version=self.engine_version,
            minimum_capacity_acu=self.minimum_capacity_acu,
            maximum_capacity_acu=self.maximum_capacity_acu,
            seconds_until_auto_pause=self.seconds_until_auto_pause,
        )
        # AWS has a default, five minutes: here the value has to stand in the file.
        if self.minimum_capacity_acu == 0 and self.seconds_until_auto_pause is None:
            raise LimitError("seconds_until_auto_pause", "null with minimum_capacity_acu 0", "300 to 86400")
        check_insights(performance_insights=self.performance_insights, minimum_capacity_acu=self.minimum_capacity_acu)
        return self

    @model_validator(mode="after")
    def _reachability_agrees(self) -> Self:
        check_public_access("allowed_cidrs", self.allowed_cidrs, publicly_accessible=self.publicly_accessible)
        return self

    @model_validator(mode="after")
    def _windows_agree(self) -> Self:
        check_windows("backup_window", self.backup_window, self.maintenance_window, shortest=SHORTEST_DATABASE_WINDOW)
        return self


class Redis(Section):
    """The Redis node, or a Valkey node in its place."""

    node_type: types.CacheNodeType
    engine: Literal["redis", "valkey"]
    """From redis to valkey the node is upgraded in place, for good; valkey is a fifth cheaper (docs/recovery.md)."""
    engine_version: Annotated[str, Field(description='a version of the engine in quotes, e.g. "7.1"')]
    snapshot_retention_days: Annotated[int, Field(ge=1, le=35, description="1 to 35 days")]
    snapshot_window: types.DailyWindow
    maintenance_window: types.WeeklyWindow
    apply_immediately: bool
    restored_from_snapshot: types.SnapshotName | None

    @model_validator(mode="after")
    def _engine_has_the_version(self) -> Self:
        parameter_group_family(self.engine, self.engine_version)
        return self

    @model_validator(mode="after")
    def _windows_agree(self) -> Self:
        check_windows("snapshot_window", self.snapshot_window, self.maintenance_window, shortest=SHORTEST_CACHE_WINDOW)
        return self


class ClickHouse(BurstableHost):
    """The ClickHouse host."""

    instance_memory_mib: Annotated[int, Field(ge=2048, description="the instance type's memory, at least 2048 MiB")]
    ami_id: types.AmiId
    availability_zone: types.AvailabilityZone
    """The zone of the volume, for good: EBS volumes do not move between zones."""
    volume_gib: Annotated[int, Field(ge=1, le=16384, description="1 to 16384 GiB")]
    image: types.ImageReference
    username: types.ClickHouseUsername
    snapshots_kept: Annotated[int, Field(ge=1, le=1000, description="1 to 1000 daily snapshots")]
    log_retention_days: types.LogRetentionDays
