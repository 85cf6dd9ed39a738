from typing import Any

from components.alarm_targets import ApplicationLoadBalancerTarget, EcsServiceTarget, RedisTarget
from components.dashboard import dashboard_body


def widgets(services: int = 1) -> list[dict[str, Any]]:
    return dashboard_body(
        region="eu-west-1",
        services=[
            EcsServiceTarget(label=f"api{number}", cluster_name="shop", service_name=f"shop-api{number}")
            for number in range(services)
        ],
        application_load_balancers=[
            ApplicationLoadBalancerTarget(
                label="web", load_balancer_arn_suffix="app/web/1", target_group_arn_suffix="targetgroup/web/2"
            )
        ],
        redis=RedisTarget(label="redis", cache_cluster_id="shop-001"),
    )["widgets"]


def test_dashboard_shows_balancers_then_services_then_redis() -> None:
    balancer = ["LoadBalancer", "app/web/1"]
    service = ["ClusterName", "shop", "ServiceName", "shop-api0"]
    redis = ["CacheClusterId", "shop-001"]
    assert [(widget["properties"]["title"], widget["properties"]["metrics"]) for widget in widgets()] == [
        (
            "web: requests",
            [["AWS/ApplicationELB", "RequestCount", *balancer, {"stat": "Sum", "label": "requests a minute"}]],
        ),
        (
            "web: latency in seconds",
            [
                ["AWS/ApplicationELB", "TargetResponseTime", *balancer, {"stat": "p50", "label": "p50"}],
                ["AWS/ApplicationELB", "TargetResponseTime", *balancer, {"stat": "p95", "label": "p95"}],
                ["AWS/ApplicationELB", "TargetResponseTime", *balancer, {"stat": "p99", "label": "p99"}],
            ],
        ),
        (
            "web: 5xx",
            [
                [
                    "AWS/ApplicationELB",
                    "HTTPCode_Target_5XX_Count",
                    *balancer,
                    {"stat": "Sum", "label": "from the targets"},
                ],
                [
                    "AWS/ApplicationELB",
                    "HTTPCode_ELB_5XX_Count",
                    *balancer,
                    {"stat": "Sum", "label": "from the balancer"},
                ],
            ],
        ),
        (
            "api0: CPU and memory in percent",
            [
                ["AWS/ECS", "CPUUtilization", *service, {"stat": "Average", "label": "CPU"}],
                ["AWS/ECS", "MemoryUtilization", *service, {"stat": "Average", "label": "memory"}],
            ],
        ),
        (
            "redis: hits and misses",
            [
                ["AWS/ElastiCache", "CacheHits", *redis, {"stat": "Sum", "label": "hits"}],
                ["AWS/ElastiCache", "CacheMisses", *redis, {"stat": "Sum", "label": "misses"}],
            ],
        ),
    ]


def test_every_widget_names_its_region_and_draws_minutes() -> None:
    assert {
        (widget["type"], widget["properties"]["region"], widget["properties"]["period"]) for widget in widgets()
    } == {("metric", "eu-west-1", 60)}


def test_widgets_stand_three_in_a_row_and_never_overlap() -> None:
    placed = [(widget["x"], widget["y"], widget["width"], widget["height"]) for widget in widgets(services=4)]
    assert placed == [
        (0, 0, 8, 6),
        (8, 0, 8, 6),
        (16, 0, 8, 6),
        (0, 6, 8, 6),
        (8, 6, 8, 6),
        (16, 6, 8, 6),
        (0, 12, 8, 6),
        (8, 12, 8, 6),
    ]
