"""An alarm and what it measures, before it is a resource."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi

MissingData = Literal["breaching", "notBreaching"]
"""CloudWatch's other two settings hide a silence: with ``missing`` the alarm has no data, with ``ignore`` it keeps its
last state."""

Severity = Literal["page", "inform"]
"""``page``: an outage, which somebody looks into now, at whatever hour. ``inform``: a trend, a loss of redundancy or a
failed job, which is read at the next look into the chat."""

Dimensions = Mapping[str, pulumi.Input[str]]
"""The names that tell one target's metric from another's."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric of CloudWatch's with one statistic."""

    namespace: str
    name: str
    statistic: Literal["Average", "Maximum", "SampleCount", "Sum", "p95"]
    """A percentile is one of an expression's metrics: by itself it is another input of an alarm's."""
    dimensions: Dimensions


@dataclass(frozen=True, kw_only=True)
class MetricMath:
    """An expression over several metrics."""

    metrics: Mapping[str, Metric]
    """By the id that the expressions call them."""
    expressions: Mapping[str, str]
    """By id; a later one may use an earlier one, and the last is the one that the alarm compares."""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm that rings when ``breaching_periods`` of the last ``periods`` are at or above the threshold."""

    name: str
    """Unique among the alarms of one observability component."""
    description: str
    """The event, and what to do first; it stands in the e-mail."""
    measure: Metric | MetricMath
    threshold: float
    period_seconds: int
    periods: int
    breaching_periods: int
    missing_data: MissingData
    severity: Severity = "inform"
    """Whether it pages. It makes a difference only where there are alert channels."""
