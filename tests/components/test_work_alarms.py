"""Alarms on how much is done, and how long it takes."""

import pytest

from zelly_components.alarms.alarm import Metric, MetricMath
from zelly_components.alarms.balancers import ApplicationLoadBalancerTarget
from zelly_components.alarms.latency import latency_alarms
from zelly_components.alarms.throughput import ThroughputTarget, throughput_alarms, throughput_widgets

WEB = ApplicationLoadBalancerTarget(
    label="web", load_balancer_arn_suffix="app/web/1", target_group_arn_suffixes={"shop": "targetgroup/web/2"}
)


@pytest.mark.parametrize(
    ("minimum", "expression", "missing_data"),
    [(30, "IF(FILL(work, 0) < 150, 1, 0)", "breaching"), (0, "IF(FILL(work, 0) < 0, 1, 0)", "notBreaching")],
)
def test_a_service_that_counts_less_than_usual_pages_and_with_nothing_usual_none_does(
    minimum: int, expression: str, missing_data: str
) -> None:
    target = ThroughputTarget(label="worker", namespace="Shop", metric="sent", dimensions={"Service": "worker"})
    (found,) = throughput_alarms(target, minimum_per_minute=minimum)
    assert (found.name, found.severity, found.missing_data) == ("worker-sent", "page", missing_data)
    assert found.measure == MetricMath(
        metrics={"work": Metric(namespace="Shop", name="sent", statistic="Sum", dimensions={"Service": "worker"})},
        expressions={"missing": expression},
    )
    # Tasks that are missing ring after ten minutes, and say more.
    assert found.period_seconds * found.breaching_periods == 15 * 60
    (widget,) = throughput_widgets(target)
    assert [(line.namespace, line.metric) for line in widget.lines] == [("Shop", "sent")]


def test_slow_answers_of_busy_minutes_ring_and_inform() -> None:
    (found,) = latency_alarms(WEB, seconds=1.5, minimum_requests=20)
    assert (found.name, found.severity, found.threshold) == ("web-latency", "inform", 1.5)
    assert isinstance(found.measure, MetricMath)
    slow = found.measure.metrics["slow"]
    assert (slow.name, slow.statistic, slow.dimensions) == ("TargetResponseTime", "p95", {"LoadBalancer": "app/web/1"})
    assert found.measure.expressions == {"latency": "IF(FILL(requests, 0) >= 20, slow, 0)"}
    assert (found.period_seconds * found.breaching_periods, found.missing_data) == (600, "notBreaching")
