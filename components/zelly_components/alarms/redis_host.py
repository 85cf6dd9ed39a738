"""Alarms and widgets of a Redis host: memory that runs out, writes that do not reach the volume, clients turned away.

The host publishes the metrics every minute; three of them cost 0.90 USD a month, and each alarm 0.10 USD.
"""

from dataclasses import dataclass
from typing import Literal

from zelly_components.alarms.alarm import Alarm, Dimensions, Metric
from zelly_components.alarms.dashboard import Line, Widget
from zelly_components.base import Known

METRICS_NAMESPACE = "RedisHost"
"""The namespace of what ``redis-observe`` publishes, with the host's name as its only dimension."""

HOST_DIMENSION = "Host"


@dataclass(frozen=True, kw_only=True)
class RedisHostTarget:
    """A Redis host to watch."""

    label: str
    """Its short name, with which the names of its alarms begin, and which stands on the dashboard."""
    host_name: Known[str]
    """The name under which the host publishes its metrics: the Redis host's output of the same name."""


def redis_host_alarms(target: RedisHostTarget, *, memory_percent: int) -> list[Alarm]:
    """Return the alarms of a Redis server: memory running out, saves that fail, connections turned away.

    ``memory_percent`` is a share of its ``maxmemory``. Those of the host itself (down, failed units, disk) are
    ``host_alarms``.
    """
    return [_memory(target, memory_percent), _persistence(target), _rejected(target)]


def redis_host_widgets(target: RedisHostTarget) -> list[Widget]:
    """Return a graph of how full a server's memory is."""
    return [
        Widget(
            title=f"{target.label}: memory",
            lines=[
                Line(
                    namespace=METRICS_NAMESPACE,
                    metric="MemoryPercent",
                    dimensions=_dimensions(target),
                    statistic="Maximum",
                    label="percent of maxmemory",
                )
            ],
        )
    ]


def _dimensions(target: RedisHostTarget) -> Dimensions:
    return {HOST_DIMENSION: target.host_name}


def _metric(target: RedisHostTarget, name: str, statistic: Literal["Maximum", "Sum"]) -> Metric:
    return Metric(namespace=METRICS_NAMESPACE, name=name, statistic=statistic, dimensions=_dimensions(target))


def _memory(target: RedisHostTarget, percent: int) -> Alarm:
    return Alarm(
        name=f"{target.label}-redis-memory",
        description=(
            f"Redis on {target.label} has used {percent} percent or more of its memory for five minutes, or does not "
            "answer. When full it refuses writes. First: look for a queue that grows because its worker is down, then "
            "for keys without an expiry; a larger instance type, with its memory in the stack file, is the last "
            "resort. If it does not answer, open a session and read 'journalctl -u redis -u redis-apply'."
        ),
        metric=_metric(target, "MemoryPercent", "Maximum"),
        threshold=percent,
        period_seconds=60,
        periods=5,
        breaching_periods=5,
        # The host sends this every minute for as long as the server answers.
        missing_data="breaching",
        severity="page",
    )


def _persistence(target: RedisHostTarget) -> Alarm:
    return Alarm(
        name=f"{target.label}-redis-persistence",
        description=(
            f"Redis on {target.label} could not write its last snapshot or its log of writes, and refuses writes "
            "(MISCONF) until it can. First: open a session and read 'journalctl -u redis'; then 'df /var/lib/redis' "
            "(a full volume grows in place by the stack file) and 'sysctl vm.overcommit_memory', which has to be 1."
        ),
        metric=_metric(target, "PersistenceFailing", "Maximum"),
        threshold=1,
        period_seconds=60,
        periods=2,
        breaching_periods=2,
        # The alarm on its memory rings for a silent server.
        missing_data="notBreaching",
        severity="page",
    )


def _rejected(target: RedisHostTarget) -> Alarm:
    return Alarm(
        name=f"{target.label}-redis-rejected-connections",
        description=(
            f"Redis on {target.label} has turned connections away: it has as many as it may have. First: find who "
            "opens one for each request ('CLIENT LIST' with the applications' password), and restart that service."
        ),
        metric=_metric(target, "RejectedConnections", "Sum"),
        threshold=1,
        period_seconds=300,
        periods=1,
        breaching_periods=1,
        missing_data="notBreaching",
        severity="page",
    )
