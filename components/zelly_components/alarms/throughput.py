"""The alarm and the widget of what an application counts itself: that it does less than it is known to do."""

from dataclasses import dataclass

from zelly_components.alarms.alarm import Alarm, Dimensions, Metric, MetricMath
from zelly_components.alarms.dashboard import Line, Widget

_PERIOD_SECONDS = 300
_PERIODS = 3


@dataclass(frozen=True, kw_only=True)
class ThroughputTarget:
    """A service that counts its own work in a metric of CloudWatch's (0.30 USD a month, and 0.10 USD for the alarm)."""

    label: str
    """Its short name, with which the names of its alarms begin, and which stands on the dashboard."""
    namespace: str
    """The namespace that the service publishes the metric in."""
    metric: str
    """The metric's name. Each of its values is a number of pieces of work, whose sum counts."""
    dimensions: Dimensions
    """The dimensions that the service publishes the metric with: name to value. Empty for a metric without
    dimensions."""


def throughput_alarms(target: ThroughputTarget, *, minimum_per_minute: int) -> list[Alarm]:
    """Return the alarm on a service that has done less than so much a minute for fifteen minutes, or counts nothing.

    With 0 there is work at times only: nothing rings.
    """
    minimum = minimum_per_minute * _PERIOD_SECONDS // 60
    work = Metric(namespace=target.namespace, name=target.metric, statistic="Sum", dimensions=target.dimensions)
    return [
        Alarm(
            name=f"{target.label}-{target.metric}",
            description=(
                f"{target.label} has counted fewer than {minimum_per_minute} a minute as {target.metric} for "
                f"{_PERIOD_SECONDS * _PERIODS // 60} minutes, or nothing. First: see whether its tasks run and whether "
                "its queue grows. If it grows, read the log and roll back what was deployed last; if it is empty, look "
                "at the services that fill it."
            ),
            # A count that is zero need not be sent.
            math=MetricMath(metrics={"work": work}, expressions={"missing": f"IF(FILL(work, 0) < {minimum}, 1, 0)"}),
            threshold=1,
            period_seconds=_PERIOD_SECONDS,
            # Longer than what rings for tasks that are missing, which says more.
            periods=_PERIODS,
            breaching_periods=_PERIODS,
            # Of a metric that was never sent there is nothing that could be filled.
            missing_data="breaching" if minimum else "notBreaching",
            severity="page",
        )
    ]


def throughput_widgets(target: ThroughputTarget) -> list[Widget]:
    """Return a graph of the work."""
    return [
        Widget(
            title=f"{target.label}: {target.metric}",
            lines=[
                Line(
                    namespace=target.namespace,
                    metric=target.metric,
                    dimensions=target.dimensions,
                    statistic="Sum",
                    label="a minute",
                )
            ],
        )
    ]
