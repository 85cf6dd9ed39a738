import dataclasses
from typing import Any

import pytest

from zelly_components.alarms.alarm import Alarm, Metric, MetricMath, as_math, as_metric
from zelly_components.alarms.aurora import AuroraTarget, aurora_alarms
from zelly_components.alarms.balancers import (
    ApplicationLoadBalancerTarget,
    NetworkLoadBalancerTarget,
    application_load_balancer_alarms,
    network_load_balancer_alarms,
)
from zelly_components.alarms.hosts import HostTarget, host_alarms
from zelly_components.alarms.redis import RedisTarget, redis_alarms
from zelly_components.alarms.services import EcsServiceTarget, service_alarms

WEB = ApplicationLoadBalancerTarget(
    label="web", load_balancer_arn_suffix="app/web/1", target_group_arn_suffixes={"site": "targetgroup/web/2"}
)
EDGE = NetworkLoadBalancerTarget(
    label="edge",
    load_balancer_arn_suffix="net/edge/1",
    target_group_arn_suffixes={443: "targetgroup/tls/2", 80: "targetgroup/plain/3"},
)
FRONT = ApplicationLoadBalancerTarget(
    label="front",
    load_balancer_arn_suffix="app/front/1",
    target_group_arn_suffixes={"shop": "targetgroup/shop/2", "admin": "targetgroup/admin/3"},
)
SWINGING = dataclasses.replace(FRONT, alternate_target_group_arn_suffixes={"shop": "targetgroup/shop-alternate/4"})
API = EcsServiceTarget(label="api", cluster_name="shop", service_name="shop-api")
AURORA = AuroraTarget(label="aurora", cluster_identifier="shop", maximum_capacity_acu=8)
REDIS = RedisTarget(label="redis", cache_cluster_id="shop-001")
HOST = HostTarget(
    label="bastion", instance_id="i-1", failed_units_metric="shop-bastion-failed-units", mount_points={"root": "/"}
)


def balancer_alarms(target: ApplicationLoadBalancerTarget) -> list[Alarm]:
    return application_load_balancer_alarms(target, http_5xx_percent=2.5, minimum_requests=20)


def alarms_of_api(target: EcsServiceTarget = API) -> list[Alarm]:
    return service_alarms(target, cpu_percent=85, memory_percent=90)


def everything() -> list[Alarm]:
    return [
        *balancer_alarms(WEB),
        *balancer_alarms(FRONT),
        *network_load_balancer_alarms(EDGE),
        *alarms_of_api(),
        *aurora_alarms(AURORA, capacity_percent=75),
        *redis_alarms(REDIS, memory_percent=80),
        *host_alarms(HOST, memory_percent=90, disk_percent=70),
    ]


def without_description(alarm: Alarm) -> Alarm:
    """Return an alarm for what it measures; its severity has a test of its own."""
    return dataclasses.replace(alarm, description="", severity="inform")


def alarm(
    name: str,
    measure: Metric | MetricMath,
    threshold: float,
    *,
    breaching: tuple[int, int],
    period_seconds: int,
    missing_data: str,
) -> Alarm:
    return Alarm(
        name=name,
        description="",
        metric=as_metric(measure),
        math=as_math(measure),
        threshold=threshold,
        period_seconds=period_seconds,
        breaching_periods=breaching[0],
        periods=breaching[1],
        missing_data="breaching" if missing_data == "breaching" else "notBreaching",
    )


def test_outages_page_and_trends_inform() -> None:
    assert {each.name for each in everything() if each.severity == "page"} == {
        "web-5xx",
        "front-5xx",
        *(f"front-{service}-5xx" for service in FRONT.target_group_arn_suffixes),
        "edge-443-unhealthy-targets",
        "edge-80-unhealthy-targets",
        "api-running-tasks",
        "redis-memory",
        "redis-evictions",
        "bastion-down",
    }


def test_error_rate_counts_what_was_refused_before_a_target_was_chosen() -> None:
    dimensions = {"LoadBalancer": "app/web/1"}
    assert without_description(balancer_alarms(WEB)[0]) == alarm(
        "web-5xx",
        MetricMath(
            metrics={
                "requests": Metric(
                    namespace="AWS/ApplicationELB", name="RequestCount", statistic="Sum", dimensions=dimensions
                ),
                "target_errors": Metric(
                    namespace="AWS/ApplicationELB",
                    name="HTTPCode_Target_5XX_Count",
                    statistic="Sum",
                    dimensions=dimensions,
                ),
                "balancer_errors": Metric(
                    namespace="AWS/ApplicationELB",
                    name="HTTPCode_ELB_5XX_Count",
                    statistic="Sum",
                    dimensions=dimensions,
                ),
            },
            expressions={
                "total": "FILL(requests, 0) + FILL(balancer_errors, 0)",
                "errors": "FILL(target_errors, 0) + FILL(balancer_errors, 0)",
                "rate": "IF(total >= 20, 100 * errors / total, 0)",
            },
        ),
        2.5,
        breaching=(3, 5),
        period_seconds=60,
        missing_data="notBreaching",
    )


def test_a_shared_balancer_rings_for_itself_and_for_the_errors_of_each_service() -> None:
    measures = {each.name: each.measure for each in everything()}
    whole, one = measures["front-5xx"], measures["front-admin-5xx"]
    assert isinstance(whole, MetricMath)
    assert isinstance(one, MetricMath)
    assert {(metric.name, *sorted(metric.dimensions)) for metric in whole.metrics.values()} == {
        ("RequestCount", "LoadBalancer"),
        ("HTTPCode_Target_5XX_Count", "LoadBalancer"),
        ("HTTPCode_ELB_5XX_Count", "LoadBalancer"),
    }
    dimensions = {"LoadBalancer": "app/front/1", "TargetGroup": "targetgroup/admin/3"}
    assert one == MetricMath(
        metrics={
            "requests": Metric(
                namespace="AWS/ApplicationELB", name="RequestCount", statistic="Sum", dimensions=dimensions
            ),
            "target_errors": Metric(
                namespace="AWS/ApplicationELB", name="HTTPCode_Target_5XX_Count", statistic="Sum", dimensions=dimensions
            ),
        },
        expressions={
            "total": "FILL(requests, 0)",
            "rate": "IF(total >= 20, 100 * FILL(target_errors, 0) / total, 0)",
        },
    )
    unhealthy = measures["front-admin-unhealthy-targets"]
    assert isinstance(unhealthy, Metric)
    assert (unhealthy.name, unhealthy.dimensions) == ("UnHealthyHostCount", dimensions)


def test_a_target_that_stays_unhealthy_rings_for_either_kind_of_balancer() -> None:
    application = without_description(balancer_alarms(WEB)[1])
    assert application == alarm(
        "web-unhealthy-targets",
        Metric(
            namespace="AWS/ApplicationELB",
            name="UnHealthyHostCount",
            statistic="Maximum",
            dimensions={"LoadBalancer": "app/web/1", "TargetGroup": "targetgroup/web/2"},
        ),
        1,
        breaching=(5, 5),
        period_seconds=60,
        missing_data="notBreaching",
    )
    assert [without_description(each) for each in network_load_balancer_alarms(EDGE)] == [
        dataclasses.replace(
            application,
            name=f"edge-{port}-unhealthy-targets",
            metric=Metric(
                namespace="AWS/NetworkELB",
                name="UnHealthyHostCount",
                statistic="Maximum",
                dimensions={"LoadBalancer": "net/edge/1", "TargetGroup": target_group},
            ),
        )
        for port, target_group in ((80, "targetgroup/plain/3"), (443, "targetgroup/tls/2"))
    ]


def test_a_service_without_any_task_rings_although_its_metrics_are_silent() -> None:
    dimensions = {"ClusterName": "shop", "ServiceName": "shop-api"}
    assert without_description(alarms_of_api()[0]) == alarm(
        "api-running-tasks",
        MetricMath(
            metrics={
                "desired": Metric(
                    namespace="ECS/ContainerInsights",
                    name="DesiredTaskCount",
                    statistic="Average",
                    dimensions=dimensions,
                ),
                "running": Metric(
                    namespace="ECS/ContainerInsights",
                    name="RunningTaskCount",
                    statistic="Average",
                    dimensions=dimensions,
                ),
            },
            expressions={"absent": "desired - running"},
        ),
        1,
        breaching=(10, 10),
        period_seconds=60,
        missing_data="breaching",
    )


def test_without_container_insights_a_service_rings_when_it_runs_no_task() -> None:
    uncounted = dataclasses.replace(API, container_insights=False)
    silent, *others = alarms_of_api(uncounted)
    assert without_description(silent) == alarm(
        "api-running-tasks",
        MetricMath(
            metrics={
                "samples": Metric(
                    namespace="AWS/ECS",
                    name="CPUUtilization",
                    statistic="SampleCount",
                    dimensions={"ClusterName": "shop", "ServiceName": "shop-api"},
                )
            },
            expressions={"absent": "IF(FILL(samples, 0) > 0, 0, 1)"},
        ),
        1,
        breaching=(10, 10),
        period_seconds=60,
        missing_data="breaching",
    )
    assert silent.description.startswith("api has run no task at all for ten minutes. First: ")
    assert others == alarms_of_api()[1:]


def test_a_service_rings_for_cpu_on_average_and_for_the_memory_of_its_fullest_task() -> None:
    dimensions = {"ClusterName": "shop", "ServiceName": "shop-api"}
    assert [without_description(each) for each in alarms_of_api()[1:]] == [
        alarm(
            "api-cpu",
            Metric(namespace="AWS/ECS", name="CPUUtilization", statistic="Average", dimensions=dimensions),
            85,
            breaching=(3, 3),
            period_seconds=300,
            missing_data="notBreaching",
        ),
        alarm(
            "api-memory",
            Metric(namespace="AWS/ECS", name="MemoryUtilization", statistic="Maximum", dimensions=dimensions),
            90,
            breaching=(5, 5),
            period_seconds=60,
            missing_data="notBreaching",
        ),
    ]


def test_aurora_rings_at_its_share_of_the_maximum_capacity() -> None:
    assert [without_description(each) for each in aurora_alarms(AURORA, capacity_percent=75)] == [
        alarm(
            "aurora-capacity",
            Metric(
                namespace="AWS/RDS",
                name="ServerlessDatabaseCapacity",
                statistic="Maximum",
                dimensions={"DBClusterIdentifier": "shop"},
            ),
            6,
            breaching=(3, 3),
            period_seconds=300,
            missing_data="notBreaching",
        )
    ]


def test_redis_rings_for_full_memory_or_silence_and_for_the_first_evicted_key() -> None:
    dimensions = {"CacheClusterId": "shop-001"}
    assert [without_description(each) for each in redis_alarms(REDIS, memory_percent=80)] == [
        alarm(
            "redis-memory",
            Metric(
                namespace="AWS/ElastiCache",
                name="DatabaseMemoryUsagePercentage",
                statistic="Maximum",
                dimensions=dimensions,
            ),
            80,
            breaching=(5, 5),
            period_seconds=60,
            missing_data="breaching",
        ),
        alarm(
            "redis-evictions",
            Metric(namespace="AWS/ElastiCache", name="Evictions", statistic="Sum", dimensions=dimensions),
            1,
            breaching=(1, 1),
            period_seconds=60,
            missing_data="notBreaching",
        ),
    ]


def test_an_environment_has_exactly_these_alarms() -> None:
    assert [each.name for each in everything()] == [
        "web-5xx",
        "web-unhealthy-targets",
        "front-5xx",
        "front-admin-5xx",
        "front-admin-unhealthy-targets",
        "front-shop-5xx",
        "front-shop-unhealthy-targets",
        "edge-80-unhealthy-targets",
        "edge-443-unhealthy-targets",
        "api-running-tasks",
        "api-cpu",
        "api-memory",
        "aurora-capacity",
        "redis-memory",
        "redis-evictions",
        "bastion-down",
        "bastion-failed-units",
        "bastion-memory",
        "bastion-root-disk",
    ]


def test_every_description_says_what_to_do_first_within_cloudwatchs_limit() -> None:
    assert [each.name for each in everything() if " First: " not in each.description] == []
    assert [each.name for each in everything() if len(each.description) > 1024] == []


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("web-5xx", "2.5 percent"),
        ("api-cpu", "85 percent"),
        ("api-memory", "90 percent"),
        ("aurora-capacity", "6 of its 8 ACU"),
        ("redis-memory", "80 percent"),
        ("bastion-memory", "90 percent"),
        ("bastion-root-disk", "70 percent or more of /"),
    ],
)
def test_descriptions_name_the_figure_that_was_reached(name: str, figure: str) -> None:
    assert figure in next(each.description for each in everything() if each.name == name)


def test_service_with_two_target_groups_is_watched_in_both() -> None:
    alarms = {alarm.name: alarm for alarm in balancer_alarms(SWINGING)}
    errors, unhealthy = alarms["front-shop-5xx"].measure, alarms["front-shop-unhealthy-targets"].measure
    assert isinstance(errors, MetricMath)
    assert isinstance(unhealthy, MetricMath)
    for measure in (errors, unhealthy):
        watched = {metric.dimensions["TargetGroup"] for metric in measure.metrics.values()}
        assert watched == {"targetgroup/shop/2", "targetgroup/shop-alternate/4"}
    assert dict(errors.expressions) == {
        "total": "FILL(requests, 0) + FILL(requests_2, 0)",
        "rate": "IF(total >= 20, 100 * (FILL(target_errors, 0) + FILL(target_errors_2, 0)) / total, 0)",
    }
    assert dict(unhealthy.expressions) == {"most": "MAX([unhealthy, unhealthy_2])"}
    # The one beside it has one group, and is watched as before.
    assert alarms["front-admin-5xx"] == {alarm.name: alarm for alarm in balancer_alarms(FRONT)}["front-admin-5xx"]


LATE = Metric(namespace="Shop", name="Late", statistic="Sum", dimensions={})
MATH = MetricMath(metrics={"late": LATE}, expressions={"all": "SUM(METRICS())"})


@pytest.mark.parametrize(("measures", "came"), [({}, "none"), ({"metric": LATE, "math": MATH}, "both")])
def test_an_alarm_measures_one_thing(measures: dict[str, Any], came: str) -> None:
    with pytest.raises(ValueError, match=rf"alarms\.late: came {came} of metric and math; allowed exactly one"):
        Alarm(
            name="late",
            description="",
            threshold=1,
            period_seconds=60,
            periods=1,
            breaching_periods=1,
            missing_data="breaching",
            **measures,
        )
