"""A CloudWatch dashboard as data: what an operator looks at first, laid out in rows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pulumi

from zelly_components.alarm_targets import (
    ApplicationLoadBalancerTarget,
    EcsServiceTarget,
    RedisTarget,
    SharedLoadBalancerTarget,
)

_WIDGET_WIDTH = 8
"""Of CloudWatch's grid of 24 columns: three widgets in a row."""

_WIDGET_HEIGHT = 6

_GRID_WIDTH = 24


def dashboard_body(
    *,
    region: str,
    services: Sequence[EcsServiceTarget],
    application_load_balancers: Sequence[ApplicationLoadBalancerTarget],
    shared_load_balancers: Sequence[SharedLoadBalancerTarget],
    redis: RedisTarget,
) -> dict[str, Any]:
    """Return the dashboard in CloudWatch's structure, Outputs still in it: write it with ``Output.json_dumps``.

    First a row per balancer, or per service behind a shared one (requests, latency, errors), then CPU and memory of
    each service, then Redis.
    """
    widgets = [
        *(widget for balancer in application_load_balancers for widget in _own_balancer_widgets(balancer)),
        *(widget for balancer in shared_load_balancers for widget in _shared_balancer_widgets(balancer)),
        *(_service_widget(service) for service in services),
        _redis_widget(redis),
    ]
    return {
        "start": "-PT3H",
        "widgets": [
            {
                "type": "metric",
                "width": _WIDGET_WIDTH,
                "height": _WIDGET_HEIGHT,
                **_position(index),
                "properties": {"region": region, "view": "timeSeries", "stacked": False, "period": 60, **properties},
            }
            for index, properties in enumerate(widgets)
        ],
    }


def _position(index: int) -> dict[str, int]:
    row, column = divmod(index, _GRID_WIDTH // _WIDGET_WIDTH)
    return {"x": column * _WIDGET_WIDTH, "y": row * _WIDGET_HEIGHT}


def _own_balancer_widgets(target: ApplicationLoadBalancerTarget) -> Iterator[dict[str, Any]]:
    balancer = {"LoadBalancer": target.load_balancer_arn_suffix}
    yield from _balancer_widgets(target.label, balancer, balancer)


def _shared_balancer_widgets(target: SharedLoadBalancerTarget) -> Iterator[dict[str, Any]]:
    balancer = {"LoadBalancer": target.load_balancer_arn_suffix}
    for service, suffix in target.target_group_arn_suffixes.items():
        yield from _balancer_widgets(f"{target.label}, {service}", {**balancer, "TargetGroup": suffix}, balancer)


def _balancer_widgets(
    label: str, dimensions: Mapping[str, pulumi.Input[str]], balancer: Mapping[str, pulumi.Input[str]]
) -> Iterator[dict[str, Any]]:
    namespace = "AWS/ApplicationELB"
    yield {
        "title": f"{label}: requests",
        "metrics": [_line(namespace, "RequestCount", dimensions, stat="Sum", label="requests a minute")],
    }
    yield {
        "title": f"{label}: latency in seconds",
        "metrics": [
            _line(namespace, "TargetResponseTime", dimensions, stat=percentile, label=percentile)
            for percentile in ("p50", "p95", "p99")
        ],
    }
    yield {
        "title": f"{label}: 5xx",
        "metrics": [
            _line(namespace, "HTTPCode_Target_5XX_Count", dimensions, stat="Sum", label="from the targets"),
            _line(namespace, "HTTPCode_ELB_5XX_Count", balancer, stat="Sum", label="from the balancer"),
        ],
    }


def _service_widget(target: EcsServiceTarget) -> dict[str, Any]:
    dimensions = {"ClusterName": target.cluster_name, "ServiceName": target.service_name}
    return {
        "title": f"{target.label}: CPU and memory in percent",
        "metrics": [
            _line("AWS/ECS", "CPUUtilization", dimensions, stat="Average", label="CPU"),
            _line("AWS/ECS", "MemoryUtilization", dimensions, stat="Average", label="memory"),
        ],
        "yAxis": {"left": {"min": 0, "max": 100}},
    }


def _redis_widget(target: RedisTarget) -> dict[str, Any]:
    dimensions = {"CacheClusterId": target.cache_cluster_id}
    return {
        "title": f"{target.label}: hits and misses",
        "metrics": [
            _line("AWS/ElastiCache", "CacheHits", dimensions, stat="Sum", label="hits"),
            _line("AWS/ElastiCache", "CacheMisses", dimensions, stat="Sum", label="misses"),
        ],
    }


def _line(
    namespace: str, metric: str, dimensions: Mapping[str, pulumi.Input[str]], *, stat: str, label: str
) -> list[Any]:
    """Return one line of a widget: namespace, name, each dimension's name and value, and how it is drawn."""
    pairs = [part for dimension in dimensions.items() for part in dimension]
    return [namespace, metric, *pairs, {"stat": stat, "label": label}]
