"""Alarms and widgets of a Redis node: memory that runs out, keys that are dropped, hits and misses."""

from dataclasses import dataclass

import pulumi

from zelly_components.alarms.alarm import Alarm, Dimensions, Metric
from zelly_components.alarms.dashboard import Line, Widget


@dataclass(frozen=True, kw_only=True)
class RedisTarget:
    """A Redis node to watch."""

    label: str
    """Its short name, with which the names of its alarms begin, and which stands on the dashboard."""
    cache_cluster_id: pulumi.Input[str]
    """The node's own id, not its replication group's: the one CloudWatch files the metrics under."""


def redis_alarms(target: RedisTarget, *, memory_percent: int) -> list[Alarm]:
    """Return a node's alarms: memory running out, and any key evicted.

    ``memory_percent`` is a share of the node's ``maxmemory``.

    Where jobs are queued in Redis a full node must refuse writes rather than drop keys, and an evicted key is a job
    lost without a trace: the first eviction rings.
    """
    dimensions = {"CacheClusterId": target.cache_cluster_id}
    return [
        _memory(target.label, dimensions, memory_percent),
        _evictions(target.label, dimensions),
    ]


def redis_widgets(target: RedisTarget) -> list[Widget]:
    """Return a graph of a node's hits and misses."""
    dimensions = {"CacheClusterId": target.cache_cluster_id}
    return [
        Widget(
            title=f"{target.label}: hits and misses",
            lines=[
                Line(namespace="AWS/ElastiCache", metric=metric, dimensions=dimensions, statistic="Sum", label=label)
                for metric, label in (("CacheHits", "hits"), ("CacheMisses", "misses"))
            ],
        )
    ]


def _memory(label: str, dimensions: Dimensions, percent: int) -> Alarm:
    return Alarm(
        name=f"{label}-memory",
        description=(
            f"{label} has used {percent} percent or more of its memory for five minutes, or does not answer. When "
            "full it refuses writes. First: look for a queue that grows because its worker is down, then for keys "
            "without an expiry; a larger node type is the last resort."
        ),
        metric=Metric(
            namespace="AWS/ElastiCache",
            name="DatabaseMemoryUsagePercentage",
            statistic="Maximum",
            dimensions=dimensions,
        ),
        threshold=percent,
        period_seconds=60,
        periods=5,
        breaching_periods=5,
        # A node sends this every minute of its life: silence is a node that is down, and no other alarm says so.
        missing_data="breaching",
        severity="page",
    )


def _evictions(label: str, dimensions: Dimensions) -> Alarm:
    return Alarm(
        name=f"{label}-evictions",
        description=(
            f"{label} has dropped keys to make room, so queued jobs may be lost. First: see that the parameter "
            "group's maxmemory-policy is noeviction, then free memory."
        ),
        metric=Metric(namespace="AWS/ElastiCache", name="Evictions", statistic="Sum", dimensions=dimensions),
        threshold=1,
        period_seconds=60,
        periods=1,
        breaching_periods=1,
        # The alarm on its memory rings for a silent node.
        missing_data="notBreaching",
        severity="page",
    )
