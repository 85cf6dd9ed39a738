"""Alarms and widgets of ECS services: tasks that are missing, CPU and memory."""

from dataclasses import dataclass

import pulumi

from zelly_components.alarms.alarm import Alarm, Dimensions, Metric, MetricMath, as_math, as_metric
from zelly_components.alarms.dashboard import Line, Widget


@dataclass(frozen=True, kw_only=True)
class EcsServiceTarget:
    """An ECS service to watch."""

    label: str
    """Its short name, with which the names of its alarms begin, and which stands on the dashboard."""
    cluster_name: pulumi.Input[str]
    """The cluster that it runs in: CloudWatch's dimension ``ClusterName``."""
    service_name: pulumi.Input[str]
    """The service's name in ECS: CloudWatch's dimension ``ServiceName``."""
    container_insights: bool = True
    """Whether its cluster has Container Insights, which counts tasks. Without it only a service that runs no task at
    all is noticed. Left out, it has."""


def service_alarms(target: EcsServiceTarget, *, cpu_percent: int, memory_percent: int) -> list[Alarm]:
    """Return a service's alarms: fewer tasks than desired (none at all without Container Insights), CPU, memory.

    Both figures are percent of what the service has reserved. ``cpu_percent`` belongs above its scaling target, so
    that the alarm rings where scaling no longer helps.
    """
    dimensions = {"ClusterName": target.cluster_name, "ServiceName": target.service_name}
    return [
        _running_tasks(target.label, dimensions, container_insights=target.container_insights),
        _cpu(target.label, dimensions, cpu_percent),
        _memory(target.label, dimensions, memory_percent),
    ]


def service_widgets(target: EcsServiceTarget) -> list[Widget]:
    """Return a graph of a service's CPU and memory."""
    dimensions = {"ClusterName": target.cluster_name, "ServiceName": target.service_name}
    return [
        Widget(
            title=f"{target.label}: CPU and memory in percent",
            lines=[
                Line(namespace="AWS/ECS", metric=metric, dimensions=dimensions, statistic="Average", label=label)
                for metric, label in (("CPUUtilization", "CPU"), ("MemoryUtilization", "memory"))
            ],
            is_percentage=True,
        )
    ]


def _running_tasks(label: str, dimensions: Dimensions, *, container_insights: bool) -> Alarm:
    measure, what = (_absent_tasks if container_insights else _no_task)(dimensions)
    return Alarm(
        name=f"{label}-running-tasks",
        description=(
            f"{label} has run {what}. First: read the service's events and the stopped reason of its newest task (a "
            "missing image or secret stands there)."
        ),
        metric=as_metric(measure),
        math=as_math(measure),
        threshold=1,
        period_seconds=60,
        # Longer than a scale-out takes: from the new desired count to a running task, two to four minutes.
        periods=10,
        breaching_periods=10,
        # Nothing is sent for a service without a running task ("Amazon ECS CloudWatch metrics" and "Container Insights
        # considerations", ECS Developer Guide): silence is the worst case itself.
        missing_data="breaching",
        severity="page",
    )


def _absent_tasks(dimensions: Dimensions) -> tuple[MetricMath, str]:
    def count(name: str) -> Metric:
        return Metric(namespace="ECS/ContainerInsights", name=name, statistic="Average", dimensions=dimensions)

    measure = MetricMath(
        metrics={"desired": count("DesiredTaskCount"), "running": count("RunningTaskCount")},
        expressions={"absent": "desired - running"},
    )
    return measure, "fewer tasks than desired for ten minutes, or none at all"


def _no_task(dimensions: Dimensions) -> tuple[MetricMath, str]:
    # How many samples one task sends in a minute is nowhere promised: their number does not count tasks.
    samples = Metric(namespace="AWS/ECS", name="CPUUtilization", statistic="SampleCount", dimensions=dimensions)
    measure = MetricMath(metrics={"samples": samples}, expressions={"absent": "IF(FILL(samples, 0) > 0, 0, 1)"})
    return measure, "no task at all for ten minutes"


def _cpu(label: str, dimensions: Dimensions, percent: int) -> Alarm:
    return Alarm(
        name=f"{label}-cpu",
        description=(
            f"{label} has used {percent} percent or more of its CPU for fifteen minutes; scaling has not helped. "
            "First: see whether it runs its maximum of tasks, then raise that or the tasks' size."
        ),
        metric=Metric(namespace="AWS/ECS", name="CPUUtilization", statistic="Average", dimensions=dimensions),
        threshold=percent,
        period_seconds=300,
        periods=3,
        breaching_periods=3,
        # Sent only for running tasks; where there are none, the alarm on running tasks rings.
        missing_data="notBreaching",
    )


def _memory(label: str, dimensions: Dimensions, percent: int) -> Alarm:
    return Alarm(
        name=f"{label}-memory",
        description=(
            f"A task of {label} has used {percent} percent or more of its memory for five minutes; at 100 it is "
            "killed. First: see on the dashboard whether it grows since a deployment (a leak: roll back) or with the "
            "load (raise the task's memory)."
        ),
        # The fullest task, not the average: one that leaks among four is killed all the same.
        metric=Metric(namespace="AWS/ECS", name="MemoryUtilization", statistic="Maximum", dimensions=dimensions),
        threshold=percent,
        period_seconds=60,
        periods=5,
        breaching_periods=5,
        # As for CPU.
        missing_data="notBreaching",
    )
