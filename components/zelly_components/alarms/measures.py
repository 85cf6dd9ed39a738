"""The inputs of an alarm resource for what the alarm measures."""

from typing import Any

import pulumi_aws as aws

from zelly_components.alarms.alarm import Alarm, Metric


def measure_inputs(alarm: Alarm) -> dict[str, Any]:
    """Return an alarm's inputs for its measure: the metric's own, or queries for an expression."""
    measure = alarm.measure
    if isinstance(measure, Metric):
        return {
            "namespace": measure.namespace,
            "metric_name": measure.name,
            "statistic": measure.statistic,
            "dimensions": measure.dimensions,
            "period": alarm.period_seconds,
        }
    compared = list(measure.expressions)[-1]
    return {
        "metric_queries": [
            *(
                aws.cloudwatch.MetricAlarmMetricQueryArgs(
                    id=query_id, metric=_metric_query(metric, alarm.period_seconds), return_data=False
                )
                for query_id, metric in measure.metrics.items()
            ),
            *(
                aws.cloudwatch.MetricAlarmMetricQueryArgs(
                    id=query_id, expression=expression, label=query_id, return_data=query_id == compared
                )
                for query_id, expression in measure.expressions.items()
            ),
        ]
    }


def _metric_query(metric: Metric, period_seconds: int) -> aws.cloudwatch.MetricAlarmMetricQueryMetricArgs:
    return aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
        namespace=metric.namespace,
        metric_name=metric.name,
        stat=metric.statistic,
        dimensions=metric.dimensions,
        period=period_seconds,
    )
