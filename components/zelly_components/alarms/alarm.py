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
    """The namespace of the metric, e.g. ``AWS/ECS``."""
    name: str
    """The metric's name in its namespace, e.g. ``CPUUtilization``."""
    statistic: Literal["Average", "Maximum", "SampleCount", "Sum", "p95"]
    """A percentile is one of an expression's metrics: by itself it is another input of an alarm's."""
    dimensions: Dimensions
    """The dimensions that tell one target's metric from another's, all that it is published with: name to value. Empty
    for a metric without dimensions."""


@dataclass(frozen=True, kw_only=True)
class MetricMath:
    """An expression over several metrics."""

    metrics: Mapping[str, Metric]
    """The metrics, by the ids that the expressions call them: a lower-case letter, then letters, digits and
    underscores."""
    expressions: Mapping[str, str]
    """Expressions of metric math, by id; a later one may use an earlier one, and the last is the one that the alarm
    compares."""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm that rings when ``breaching_periods`` of the last ``periods`` are at or above the threshold."""

    name: str
    """Its short name, unique among the alarms of one component; the component's own name comes before it."""
    description: str
    """The event, and what to do first; it stands in the e-mail."""
    metric: Metric | None = None
    """The one metric that is compared with the threshold. Left out, there is ``math``."""
    math: MetricMath | None = None
    """The expression over several metrics that is compared with the threshold. Left out, there is a ``metric``."""
    threshold: float
    """The value at which, or above which, a period counts as bad, in the metric's own unit."""
    period_seconds: int
    """The length of a period in seconds: a multiple of 60; 10, 20 or 30 only for a metric that is published at that
    resolution."""
    periods: int
    """The number of latest periods that are looked at. All of them together last a day at most, or a week with periods
    of an hour or longer."""
    breaching_periods: int
    """The number of those periods that have to be bad, in whatever order; no more than ``periods``."""
    missing_data: MissingData
    """What a period without data counts as: ``breaching``, bad, or ``notBreaching``, good."""
    severity: Severity = "inform"
    """Whether it pages (``page``) or informs (``inform``). It makes a difference only where there are alert channels.
    Left out, it informs."""

    def __post_init__(self) -> None:
        """Refuse an alarm that measures nothing, or two things."""
        if (self.metric is None) == (self.math is None):
            came = "none" if self.metric is None else "both"
            raise ValueError(f"alarms.{self.name}: came {came} of metric and math; allowed exactly one")

    @property
    def measure(self) -> Metric | MetricMath:
        """What is compared with the threshold."""
        measure = self.metric or self.math
        assert measure is not None  # noqa: S101 (as checked above)
        return measure


def as_metric(measure: Metric | MetricMath) -> Metric | None:
    """Return a measure for an alarm's ``metric``; None for an expression."""
    return measure if isinstance(measure, Metric) else None


def as_math(measure: Metric | MetricMath) -> MetricMath | None:
    """Return a measure for an alarm's ``math``; None for a single metric."""
    return measure if isinstance(measure, MetricMath) else None
