"""Alarms that roll a deployment back: errors of either set of a service's tasks, and targets that fail their check."""

from collections.abc import Sequence

import pulumi

from zelly_components.alarms.alarm import Alarm, Dimensions, Metric, MetricMath, as_math, as_metric
from zelly_components.alarms.balancers import service_error_rates, unhealthy_hosts
from zelly_components.limits.deployments import ALARM_PERIODS


def deployment_alarms(
    service: str,
    *,
    load_balancer_arn_suffix: pulumi.Input[str],
    target_group_arn_suffixes: Sequence[pulumi.Input[str]],
    http_5xx_percent: float,
    minimum_requests: int,
) -> list[Alarm]:
    """Return the alarms of one service's deployments.

    The rate of errors is the worse one of its target groups, never that of both together: where a canary has a tenth
    of the traffic and answers all of it with an error, the whole has ten percent. ``minimum_requests`` are those of a
    minute to one group.
    """
    groups: list[Dimensions] = [
        {"LoadBalancer": load_balancer_arn_suffix, "TargetGroup": suffix} for suffix in target_group_arn_suffixes
    ]
    return [
        _alarm(
            "5xx",
            f"{service} answers, with one of its two sets of tasks, {http_5xx_percent:g} percent or more of the "
            "requests with a 5xx. A deployment that is going on is rolled back. First: read the log of the new tasks.",
            service_error_rates(groups, minimum_requests),
            threshold=http_5xx_percent,
            breaching_periods=2,
        ),
        _alarm(
            "unhealthy-targets",
            f"{service} has a target that has failed its health check for {ALARM_PERIODS} minutes. A deployment that "
            "is going on is rolled back. First: read the log of the task at the address that the target group shows "
            "as unhealthy.",
            unhealthy_hosts("AWS/ApplicationELB", groups),
            threshold=1,
            breaching_periods=ALARM_PERIODS,
        ),
    ]


def _alarm(
    name: str, description: str, measure: Metric | MetricMath, *, threshold: float, breaching_periods: int
) -> Alarm:
    return Alarm(
        name=name,
        description=description,
        metric=as_metric(measure),
        math=as_math(measure),
        threshold=threshold,
        period_seconds=60,
        periods=ALARM_PERIODS,
        breaching_periods=breaching_periods,
        # Nobody asked, or nothing is registered: no reason to roll back.
        missing_data="notBreaching",
    )
