"""What several resources cost together."""

import json
from typing import Any

import pytest

from tests.workbench.review.cost.plans import Recorded, charges, plan, three, usage
from workbench.review.cost.plan import Charge, Finding, Plan
from workbench.review.cost.shared import SHARED

NO_ALLOWANCE = {
    "free_per_month__alarm_metrics": 0,
    "free_per_month__dashboards": 0,
    "free_per_month__custom_metrics": 0,
    "free_per_month__internet_out_gb": 0,
}


def _findings(priced: Plan) -> list[Finding]:
    found: list[Finding] = []
    for shared in SHARED:
        resources = [resource for type_token in shared.types for resource in priced.of_type(type_token)]
        if resources:
            found += shared.price(resources, priced)
    return found


def _charges(priced: Plan) -> list[tuple[str, ...]]:
    return charges(_findings(priced))


def _item(found: list[tuple[str, ...]], item: str) -> list[tuple[str, ...]]:
    return [tuple(quantities) for name, *quantities in found if name == item]


def _balancer(kind: str) -> Recorded:
    return Recorded(type="aws:lb/loadBalancer:LoadBalancer", inputs={"loadBalancerType": kind})


def test_nothing_recorded_costs_nothing() -> None:
    assert _charges(plan()) == []


def test_capacity_units_are_the_same_for_one_balancer_and_for_three() -> None:
    assumed = usage(traffic__alb_lcu_average=three(0, 0.5, 2))
    for count in (1, 3):
        found = _charges(plan(*[_balancer("application")] * count, assumed=assumed))
        assert _item(found, "alb.lcu_hour") == [("0", "365", "1460")]
        assert _item(found, "nlb.nlcu_hour") == []


def test_traffic_to_the_internet_is_charged_beyond_the_allowance() -> None:
    assumed = usage(traffic__internet_out_gb_per_month=three(50, 150, 300), free_per_month__internet_out_gb=100)
    found = _charges(plan(_balancer("network"), assumed=assumed))
    assert _item(found, "transfer.out.first10tb.gb") == [("0", "50", "200")]


def test_traffic_between_zones_is_charged_both_ways() -> None:
    found = _charges(plan(_balancer("network"), assumed=usage(traffic__between_zones_gb_per_month=three(1, 2, 3))))
    assert _item(found, "transfer.inter_az.gb_each_way") == [("2", "4", "6")]


@pytest.mark.parametrize(
    ("region", "expected"), [("ap-south-1", []), ("ap-southeast-1", [("transfer.to_ap-southeast-1.gb", "ap-south-1")])]
)
def test_images_are_charged_where_they_come_from_and_only_across_regions(
    region: str, expected: list[tuple[str, str]]
) -> None:
    findings = _findings(plan(Recorded(type="aws:ecs/service:Service"), region=region))
    assert [(one.item, one.region) for one in findings if isinstance(one, Charge) and one.region] == expected


def _alarm(**inputs: Any) -> Recorded:
    return Recorded(type="aws:cloudwatch/metricAlarm:MetricAlarm", inputs=inputs)


def test_alarms_are_counted_by_their_metrics_and_with_those_of_scaling() -> None:
    queries: list[dict[str, Any]] = [
        {"id": "a", "metric": {}},
        {"id": "b", "metric": {}},
        {"id": "c", "expression": "a / b"},
    ]
    scaling = Recorded(type="aws:appautoscaling/policy:Policy", inputs={"policyType": "TargetTrackingScaling"})
    stepping = Recorded(type="aws:appautoscaling/policy:Policy", inputs={"policyType": "StepScaling"})
    resources = [_alarm(metricQueries=queries), _alarm(metricName="CPU", period=60), scaling, stepping]
    assert _item(_charges(plan(*resources, assumed=usage(**NO_ALLOWANCE))), "cloudwatch.alarm_month") == [
        ("5", "5", "5")
    ]
    assumed = usage(**{**NO_ALLOWANCE, "free_per_month__alarm_metrics": 2})
    assert _item(_charges(plan(*resources, assumed=assumed)), "cloudwatch.alarm_month") == [("3", "3", "3")]


@pytest.mark.parametrize(("period", "named"), [(59, 1), (60, 0), (300, 0), (0, 0), (None, 0)])
def test_alarm_of_high_resolution_is_named(period: int | None, named: int) -> None:
    inputs = {} if period is None else {"period": period}
    found = _charges(plan(_alarm(**inputs)))
    assert found.count(("unknown", "alarms with a period below a minute", "", "")) == named


def _dashboard(metrics: int) -> Recorded:
    widgets = [{"properties": {"metrics": [*[["AWS/ECS", "CPU"]] * metrics, [{"expression": "a"}]]}}]
    return Recorded(
        type="aws:cloudwatch/dashboard:Dashboard", inputs={"dashboardBody": json.dumps({"widgets": widgets})}
    )


@pytest.mark.parametrize(
    ("metrics", "allowance", "paid"),
    [([10, 50], 3, "0"), ([10, 50], 1, "1"), ([10, 51], 3, "1"), ([51, 51], 0, "2")],
)
def test_dashboards_are_free_up_to_the_allowance_and_fifty_metrics(
    metrics: list[int], allowance: int, paid: str
) -> None:
    assumed = usage(free_per_month__dashboards=allowance)
    found = _charges(plan(*map(_dashboard, metrics), assumed=assumed))
    assert _item(found, "cloudwatch.dashboard_month") == [(paid, paid, paid)]


def _cluster(level: str) -> Recorded:
    settings = [{"name": "containerInsights", "value": level}]
    return Recorded(type="aws:ecs/cluster:Cluster", inputs={"settings": settings})


def test_container_insights_cost_by_cluster_service_and_family() -> None:
    services = [Recorded(type="aws:ecs/service:Service", name=f"s{number}") for number in range(2)]
    found = _charges(plan(_cluster("enabled"), *services, assumed=usage(**NO_ALLOWANCE)))
    # 3 of the cluster, 5 of each service; 6, 8 or 10 of the tasks of the cluster, of each service and of its family.
    assert _item(found, "cloudwatch.custom_metric_month") == [("43", "53", "63")]
    assert _item(_charges(plan(_cluster("disabled"), *services)), "cloudwatch.custom_metric_month") == []


def test_each_metric_made_from_logs_is_a_custom_metric() -> None:
    filters = [Recorded(type="aws:cloudwatch/logMetricFilter:LogMetricFilter", name=name) for name in ("a", "b")]
    found = _charges(plan(*filters, assumed=usage(**NO_ALLOWANCE)))
    assert found == [("cloudwatch.custom_metric_month", "2", "2", "2")]


def test_enhanced_container_insights_are_named_and_hosts_still_counted() -> None:
    host = Recorded(type="aws:ec2/instance:Instance", inputs={"userData": '"measurement": ["a", "b"]'})
    found = _charges(plan(_cluster("enhanced"), host, assumed=usage(**NO_ALLOWANCE)))
    assert [name for name, *_ in found] == ["unknown", "cloudwatch.custom_metric_month"]
    assert _item(found, "cloudwatch.custom_metric_month") == [("2", "2", "2")]


@pytest.mark.parametrize(
    ("resources", "words"),
    [
        ([_alarm(metricName="CPU")], "1 metric in alarms, with those of scaling policies after 2 free"),
        ([_dashboard(51), _dashboard(50)], "dashboards, 1 with more than 50 metrics"),
        ([_dashboard(50)], "dashboards"),
        ([_balancer("network")], "traffic to the internet after 2 GB free"),
        (
            [_cluster("enabled"), Recorded(type="aws:cloudwatch/logMetricFilter:LogMetricFilter")],
            "11 metrics of Container Insights, 0 of hosts, 1 from logs after 2 free",
        ),
    ],
)
def test_line_says_what_is_counted_and_what_is_free(resources: list[Recorded], words: str) -> None:
    found = _findings(plan(*resources, assumed=usage(**dict.fromkeys(NO_ALLOWANCE, 2))))
    assert words in [one.what for one in found if isinstance(one, Charge)]


def test_what_says_nothing_has_the_defaults_of_aws() -> None:
    bare = [Recorded(type=f"aws:{name}") for name in ("lb/loadBalancer:LoadBalancer", "ec2/flowLog:FlowLog")]
    found = [name for name, *_ in _charges(plan(*bare, Recorded(type="aws:ecs/cluster:Cluster")))]
    assert ("alb.lcu_hour" in found, "nlb.nlcu_hour" in found) == (True, False)
    assert "vpc_flow_logs.cloudwatch.gb" in found
    assert "cloudwatch.custom_metric_month" not in found


def test_traffic_through_interface_endpoints_is_named() -> None:
    endpoint = Recorded(type="aws:ec2/vpcEndpoint:VpcEndpoint", inputs={"vpcEndpointType": "Interface"})
    reason = "traffic through interface endpoints: the usage file has no assumption for it"
    assert _charges(plan(endpoint)) == [("unknown", reason, "", "")]


def test_flow_logs_elsewhere_are_named() -> None:
    to_logs = Recorded(type="aws:ec2/flowLog:FlowLog", inputs={"logDestinationType": "cloud-watch-logs"})
    to_bucket = Recorded(type="aws:ec2/flowLog:FlowLog", inputs={"logDestinationType": "s3"})
    assert [name for name, *_ in _charges(plan(to_logs))] == ["vpc_flow_logs.cloudwatch.gb"]
    assert [name for name, *_ in _charges(plan(to_bucket))] == ["unknown"]


@pytest.mark.parametrize(
    ("type_token", "items"),
    [
        ("aws:ec2/natGateway:NatGateway", ["nat.gb"]),
        ("aws:cloudwatch/logGroup:LogGroup", ["cloudwatch.logs.ingest.gb", "cloudwatch.logs.storage.gb_month"]),
        ("aws:ecr/repository:Repository", ["ecr.gb_month"]),
        ("aws:s3/bucket:Bucket", ["s3.standard.gb_month"]),
        ("aws:secretsmanager/secret:Secret", ["secrets.10k_calls"]),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", []),
    ],
)
def test_what_is_assumed_is_charged_once_however_many_there_are(type_token: str, items: list[str]) -> None:
    resources = [Recorded(type=type_token, name=name) for name in ("one", "two")]
    assert [name for name, *_ in _charges(plan(*resources))] == items


def test_calls_are_counted_in_ten_thousands() -> None:
    secret = Recorded(type="aws:secretsmanager/secret:Secret")
    found = _charges(plan(secret, assumed=usage(requests__secret_calls_per_month=three(0, 5000, 20000))))
    assert _item(found, "secrets.10k_calls") == [("0", "0.5", "2")]


def test_metrics_that_alarms_read_and_programs_publish_are_counted_once_each() -> None:
    own = {"namespace": "RedisHost", "metricName": "MemoryPercent", "dimensions": {"Host": "shop"}}
    recorded = [
        _alarm(**own),
        _alarm(**own, threshold=90),
        _alarm(**{**own, "dimensions": {"Host": "other"}}),
        # Counted by what publishes them, or free.
        _alarm(namespace="CWAgent", metricName="mem_used_percent"),
        _alarm(namespace="FailedUnits", metricName="shop-failed-units"),
        _alarm(namespace="AWS/EC2", metricName="StatusCheckFailed"),
        Recorded(type="aws:cloudwatch/logMetricFilter:LogMetricFilter"),
    ]
    found = _charges(plan(*recorded, assumed=usage(**NO_ALLOWANCE)))
    assert _item(found, "cloudwatch.custom_metric_month") == [("3", "3", "3")]
