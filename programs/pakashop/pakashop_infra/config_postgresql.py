"""The section of the environment config on PostgreSQL, with the checks inside it."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from workbench.config import types
from workbench.config.section import Section
from zelly_components.limits.postgresql import check_connections, check_retention, check_storage, storage_performance
from zelly_components.limits.windows import SHORTEST_DATABASE_WINDOW, check_windows

_Name = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$", description="1 to 31 lower-case letters, digits, underscores")
]


class PostgresqlAlarms(Section):
    """The levels at which PostgreSQL's alarms ring."""

    storage_percent: types.Percent
    """Of storage_gib. RDS enlarges the storage at 90."""
    connections_percent: types.Percent
    """Of max_connections."""
    cpu_percent: types.Percent
    memory_percent: types.Percent
    """Of the instance class's; what caches could give back counts as free."""


class Postgresql(Section):
    """The PostgreSQL instance."""

    engine_version: Annotated[
        str, Field(pattern=r"^16\.\d{1,2}$", description='a full version in quotes, e.g. "16.11"')
    ]
    allow_major_version_upgrade: bool
    """For the one change that raises the major version."""
    instance_class: Annotated[
        str, Field(pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$", description="an instance class, e.g. db.t4g.medium")
    ]
    multi_az: bool
    """A standby in a second zone, which takes over by itself; it doubles the price."""
    storage_gib: int
    maximum_storage_gib: int
    """The size up to which RDS enlarges it by itself."""
    iops: int | None
    """Null below 400 GiB, where gp3 has 3000 and takes no other number."""
    throughput_mibps: int | None
    """Null below 400 GiB, where gp3 has 125 and takes no other number."""
    database_name: _Name
    master_username: _Name
    max_connections: int
    """The pools of all services together have to fit. A change takes effect when the instance is restarted by hand."""
    backup_retention_days: int
    """7 to 35: how far back it can be restored to any second."""
    backup_window: types.DailyWindow
    maintenance_window: types.WeeklyWindow
    log_retention_days: types.LogRetentionDays
    performance_insights: bool
    """Seven days of query statistics, free of charge."""
    apply_immediately: bool
    restored_as: (
        Annotated[
            str,
            Field(
                pattern=r"^[a-z](-?[a-z0-9])*-restored-\d{8}t\d{6}$",
                description="the identifier of a copy, e.g. shop-restored-20261125t101500",
            ),
        ]
        | None
    )
    """The identifier of the copy that took over from the instance that the program made; null: none did. `restore
    switch` says what to write here."""
    alarms: PostgresqlAlarms

    @model_validator(mode="after")
    def _size_agrees(self) -> Self:
        check_storage(self.storage_gib, self.maximum_storage_gib)
        storage_performance(self.storage_gib, iops=self.iops, throughput_mibps=self.throughput_mibps)
        check_connections(self.max_connections, self.instance_class)
        return self

    @model_validator(mode="after")
    def _backups_agree(self) -> Self:
        check_retention(self.backup_retention_days)
        check_windows("backup_window", self.backup_window, self.maintenance_window, shortest=SHORTEST_DATABASE_WINDOW)
        return self
