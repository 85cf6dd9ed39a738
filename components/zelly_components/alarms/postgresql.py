"""Alarms of a PostgreSQL instance on RDS, and the events of RDS that are worth a mail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi

from zelly_components.alarms.alarm import Alarm, Metric, MetricMath
from zelly_components.alarms.dashboard import Line, Widget
from zelly_components.limits.postgresql import class_memory_gib

POSTGRESQL_EVENTS: Mapping[str, Sequence[str]] = {
    "db-instance": ("failover", "failure", "low storage", "maintenance", "recovery"),
}
"""The categories of RDS's events worth telling, by the type of their source ("Amazon RDS event categories and event
messages", RDS User Guide). ``failure`` has a backup that failed and an instance that cannot start, ``low storage`` one
that is full or cannot be enlarged. Not ``backup``: it would write twice a day that all is well."""

_GIB = 1024**3

_FORECAST_DAYS = 3
"""A weekend."""

_TRANSACTION_IDS = 1_000_000_000
"""Half of those that there are before PostgreSQL takes no more writes ("Implement an Early Warning System for
Transaction ID Wraparound in Amazon RDS for PostgreSQL", AWS Database Blog, rings at the same; from memory). By default
every table is vacuumed at a fifth of it (``autovacuum_freeze_max_age``), so something keeps the vacuums from
finishing."""

_IO_CREDIT_PERCENT = 80
"""The share of the instance class's I/O credits that may be gone."""


@dataclass(frozen=True, kw_only=True)
class PostgresTarget:
    """A PostgreSQL instance to watch."""

    label: str
    """Its short name, with which the names of its alarms begin, and which stands on the dashboard."""
    instance_identifier: pulumi.Input[str]
    """The instance's name in RDS: CloudWatch's dimension ``DBInstanceIdentifier``."""
    instance_class: str
    """Its class, e.g. ``db.m7g.large``: its memory is what the alarm on memory is a share of, and burstable classes
    have an alarm on I/O credits."""
    storage_gib: int
    """The size that it was given; RDS may have enlarged it since."""
    max_connections: int
    """The number of connections that its parameter ``max_connections`` allows."""


@dataclass(frozen=True, kw_only=True)
class PostgresThresholds:
    """The levels at which the alarms ring, in percent."""

    storage_percent: int
    """Percent of the storage that it was given. RDS enlarges it at 90: more than that is for the case that it
    cannot."""
    connections_percent: int
    """Percent of ``max_connections`` that are open."""
    cpu_percent: int
    """Percent of the class's processors that are busy."""
    memory_percent: int
    """Percent of the class's memory that are used; what caches could give back counts as free."""


def postgresql_alarms(target: PostgresTarget, thresholds: PostgresThresholds) -> list[Alarm]:
    """Return an instance's alarms: storage now and in three days, connections, processor, memory, transaction ids.

    A burstable class has one more, on its I/O credits. None is on replication: there is no replica.
    """
    alarms = [
        _storage(target, thresholds.storage_percent),
        _storage_forecast(target),
        _connections(target, thresholds.connections_percent),
        _cpu(target, thresholds.cpu_percent),
        _memory(target, thresholds.memory_percent),
        _transaction_ids(target),
    ]
    return [*alarms, *([_io_credits(target)] if _has_credits(target.instance_class) else [])]


def postgresql_widgets(target: PostgresTarget) -> list[Widget]:
    """Return graphs of an instance's processor and connections, and of what is free."""
    dimensions = {"DBInstanceIdentifier": target.instance_identifier}

    def line(metric: str, label: str) -> Line:
        return Line(namespace="AWS/RDS", metric=metric, dimensions=dimensions, statistic="Average", label=label)

    return [
        Widget(
            title=f"{target.label}: processor (%) and connections",
            lines=[line("CPUUtilization", "processor"), line("DatabaseConnections", "connections")],
        ),
        Widget(
            title=f"{target.label}: free storage and memory (bytes)",
            lines=[line("FreeStorageSpace", "storage"), line("FreeableMemory", "memory")],
        ),
    ]


def _metric(target: PostgresTarget, name: str, statistic: Literal["Average", "Maximum"]) -> Metric:
    return Metric(
        namespace="AWS/RDS",
        name=name,
        statistic=statistic,
        dimensions={"DBInstanceIdentifier": target.instance_identifier},
    )


def _used_percent(free: str, total_bytes: float) -> str:
    return f"100 * (1 - {free} / {total_bytes:.0f})"


def _storage(target: PostgresTarget, percent: int) -> Alarm:
    return Alarm(
        name=f"{target.label}-storage",
        description=(
            f"{target.label} has less than {100 - percent} percent of {target.storage_gib} GiB of storage free, or "
            "says nothing. RDS enlarges it at 10, up to the maximum and once in six hours. When it is full, nothing is "
            "written any more. First: look at RDS's events (aws rds describe-events); raise maximum_storage_gib, or "
            "storage_gib at once. Then: what grew? A replication slot that nobody reads keeps the write-ahead log."
        ),
        math=MetricMath(
            metrics={"free": _metric(target, "FreeStorageSpace", "Average")},
            expressions={"used": _used_percent("free", target.storage_gib * _GIB)},
        ),
        threshold=percent,
        period_seconds=300,
        periods=3,
        breaching_periods=3,
        # Sent every minute of an instance's life: silence is an instance that is down, and no other alarm says so.
        missing_data="breaching",
        severity="page",
    )


def _storage_forecast(target: PostgresTarget) -> Alarm:
    seconds = _FORECAST_DAYS * 24 * 3600
    return Alarm(
        name=f"{target.label}-storage-forecast",
        description=(
            f"{target.label}'s storage is full within {_FORECAST_DAYS} days if it goes on as in each of the last six "
            "hours, unless RDS enlarges it. First: what grows? An import that was meant, a log table, a replication "
            "slot that nobody reads. Compare maximum_storage_gib with what is allocated."
        ),
        math=MetricMath(
            metrics={"free": _metric(target, "FreeStorageSpace", "Average")},
            # RATE is in bytes a second, below 0 while the free space shrinks.
            expressions={
                "later": f"free + RATE(free) * {seconds}",
                "used": _used_percent("later", target.storage_gib * _GIB),
            },
        ),
        threshold=100,
        period_seconds=3600,
        periods=6,
        breaching_periods=6,
        # The alarm above tells of an instance that is down.
        missing_data="notBreaching",
    )


def _connections(target: PostgresTarget, percent: int) -> Alarm:
    threshold = target.max_connections * percent // 100
    return Alarm(
        name=f"{target.label}-connections",
        description=(
            f"{target.label} has had {threshold} of its {target.max_connections} connections or more in use for five "
            "minutes; beyond them clients are refused. First: which service holds them (pg_stat_activity, by "
            "application_name and state)? Pools times processes has to fit; a release starts some of them twice."
        ),
        metric=_metric(target, "DatabaseConnections", "Maximum"),
        threshold=threshold,
        period_seconds=60,
        periods=5,
        breaching_periods=5,
        missing_data="notBreaching",
    )


def _cpu(target: PostgresTarget, percent: int) -> Alarm:
    return Alarm(
        name=f"{target.label}-cpu",
        description=(
            f"{target.label} has used {percent} percent or more of its processor for fifteen minutes. First: look for "
            "a new statement in the log of slow ones, or in Performance Insights; a burstable class costs more above "
            "its baseline."
        ),
        metric=_metric(target, "CPUUtilization", "Average"),
        threshold=percent,
        period_seconds=300,
        periods=3,
        breaching_periods=3,
        missing_data="notBreaching",
    )


def _memory(target: PostgresTarget, percent: int) -> Alarm:
    memory = class_memory_gib(target.instance_class)
    return Alarm(
        name=f"{target.label}-memory",
        description=(
            f"{target.label} has less than {100 - percent} percent of its {memory:g} GiB of memory free for fifteen "
            "minutes. First: fewer connections, each of which takes some; sorts that a large work_mem allows; then "
            "a larger instance_class, whose change restarts it."
        ),
        math=MetricMath(
            metrics={"free": _metric(target, "FreeableMemory", "Average")},
            expressions={"used": _used_percent("free", memory * _GIB)},
        ),
        threshold=percent,
        period_seconds=300,
        periods=3,
        breaching_periods=3,
        missing_data="notBreaching",
    )


def _transaction_ids(target: PostgresTarget) -> Alarm:
    return Alarm(
        name=f"{target.label}-transaction-ids",
        description=(
            f"{target.label}'s oldest table holds {_TRANSACTION_IDS:,} transaction ids; at some 2,100,000,000 "
            "PostgreSQL takes no more writes. First: what keeps vacuums from finishing? A transaction that is open for "
            "days, a prepared one, a replication slot (pg_stat_activity, pg_prepared_xacts, pg_replication_slots); "
            "then VACUUM FREEZE of the table with the greatest age(relfrozenxid)."
        ),
        metric=_metric(target, "MaximumUsedTransactionIDs", "Maximum"),
        threshold=_TRANSACTION_IDS,
        period_seconds=3600,
        periods=1,
        breaching_periods=1,
        missing_data="notBreaching",
    )


def _has_credits(instance_class: str) -> bool:
    """Tell whether a class's bandwidth to its storage bursts: that of a T class does, whatever the size."""
    return instance_class.startswith("db.t")


def _io_credits(target: PostgresTarget) -> Alarm:
    # BurstBalance is of gp2 alone; with gp3 it is the instance that bursts ("Amazon CloudWatch instance-level metrics
    # for Amazon RDS", RDS User Guide).
    return Alarm(
        name=f"{target.label}-io-credits",
        description=(
            f"{target.label} has less than {100 - _IO_CREDIT_PERCENT} percent of the I/O credits of its instance class "
            "left for fifteen minutes; without them reads and writes fall to a fraction. First: look for a statement "
            "that reads whole tables; a class that is not burstable, or a larger one, has no such end."
        ),
        math=MetricMath(
            metrics={
                "operations": _metric(target, "EBSIOBalance%", "Average"),
                "bytes": _metric(target, "EBSByteBalance%", "Average"),
            },
            expressions={"gone": "100 - MIN([operations, bytes])"},
        ),
        threshold=_IO_CREDIT_PERCENT,
        period_seconds=300,
        periods=3,
        breaching_periods=3,
        missing_data="notBreaching",
    )
