from typing import Any

from zelly_components.alarms.balancers import ApplicationLoadBalancerTarget, application_load_balancer_widgets
from zelly_components.alarms.dashboard import dashboard_body
from zelly_components.alarms.redis import RedisTarget, redis_widgets
from zelly_components.alarms.services import EcsServiceTarget, service_widgets

WEB = ApplicationLoadBalancerTarget(
    label="web", load_balancer_arn_suffix="app/web/1", target_group_arn_suffixes={"site": "targetgroup/web/2"}
)


def widgets(services: int = 1) -> list[dict[str, Any]]:
    apis = [
        EcsServiceTarget(label=f"api{number}", cluster_name="shop", service_name=f"shop-api{number}")
        for number in range(services)
    ]
    shown = [
        *application_load_balancer_widgets(WEB),
        *(widget for api in apis for widget in service_widgets(api)),
        *redis_widgets(RedisTarget(label="redis", cache_cluster_id="shop-001")),
    ]
    return dashboard_body("eu-west-1", shown)["widgets"]


def test_dashboard_shows_its_widgets_in_their_order() -> None:
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


def test_only_a_percentage_has_an_axis_of_its_own() -> None:
    axes = {widget["properties"]["title"]: widget["properties"].get("yAxis") for widget in widgets()}
    assert {title: axis for title, axis in axes.items() if axis} == {
        "api0: CPU and memory in percent": {"left": {"min": 0, "max": 100}}
    }


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


def test_shared_balancer_has_a_row_for_each_service_behind_it() -> None:
    shared = ApplicationLoadBalancerTarget(
        label="front",
        load_balancer_arn_suffix="app/front/1",
        target_group_arn_suffixes={"api": "targetgroup/api/2", "admin": "targetgroup/admin/3"},
    )
    body = dashboard_body("eu-west-1", application_load_balancer_widgets(shared))
    found = [widget["properties"] for widget in body["widgets"]]
    assert [properties["title"] for properties in found] == [
        "front, api: requests",
        "front, api: latency in seconds",
        "front, api: 5xx",
        "front, admin: requests",
        "front, admin: latency in seconds",
        "front, admin: 5xx",
    ]
    balancer = ["LoadBalancer", "app/front/1"]
    targets = [*balancer, "TargetGroup", "targetgroup/admin/3"]
    requests, latency, errors = (properties["metrics"] for properties in found[3:])
    assert [line[:-1] for line in requests] == [["AWS/ApplicationELB", "RequestCount", *targets]]
    assert [line[:-1] for line in latency] == [["AWS/ApplicationELB", "TargetResponseTime", *targets]] * 3
    # The balancer counts what it refuses by itself for none of the services.
    assert [line[:-1] for line in errors] == [
        ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", *targets],
        ["AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", *balancer],
    ]
