"""What is watched and who is told, read off both stacks: every alarm by name, its target, and the dashboard."""

import json
import re
from typing import Any

import pytest
import yaml

from tests.zelly_infra.evaluations import STACKS, config_of, evaluation_of
from zelly_infra import catalog

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
SERVICES = tuple(service.name for service in catalog.SERVICES)
INGRESSES = [service.ingress for service in catalog.SERVICES]
ALBS = tuple(way.load_balancer for way in INGRESSES if isinstance(way, catalog.HttpsIngress))
(NLB,) = [way for way in INGRESSES if isinstance(way, catalog.PassthroughIngress)]
MOUNT_POINTS = {"clickhouse": {"root": "/", "data": "/var/lib/clickhouse"}, "bastion": {"root": "/"}}


def alarms(stack: str) -> dict[str, dict[str, Any]]:
    """Return the inputs of every alarm by what of its name follows ``zelly-<stack>-monitoring-``."""
    return {
        alarm.inputs["name"].removeprefix(f"zelly-{stack}-monitoring-"): alarm.inputs
        for alarm in evaluation_of(stack).of_type(ALARM)
    }


def dimensions(alarm: dict[str, Any]) -> list[dict[str, str]]:
    """Return the different dimensions of an alarm's metrics."""
    metrics = [query["metric"] for query in alarm.get("metricQueries", []) if "metric" in query] or [alarm]
    return [
        dict(pairs)
        for pairs in dict.fromkeys(tuple(sorted(metric.get("dimensions", {}).items())) for metric in metrics)
    ]


def expected(stack: str) -> dict[str, tuple[float, dict[str, str]]]:
    """Return threshold and dimensions of every alarm by its short name."""
    name, config = f"zelly-{stack}", config_of(stack)
    limits, aurora = config.alarms, config.aurora

    def suffix(part: str) -> str:
        return f"${{{name}-{part}.arnSuffix}}"

    found: dict[str, tuple[float, dict[str, str]]] = {
        "aurora-capacity": (
            aurora.maximum_capacity_acu * limits.aurora_capacity_percent / 100,
            {"DBClusterIdentifier": f"{name}-aurora"},
        ),
        "redis-memory": (limits.redis_memory_percent, {"CacheClusterId": f"${{{name}-redis.id}}-001"}),
        "redis-evictions": (1, {"CacheClusterId": f"${{{name}-redis.id}}-001"}),
    }
    for host, mount_points in MOUNT_POINTS.items():
        instance = {"InstanceId": f"${{{name}-{host}-instance.id}}"}
        found[f"{host}-down"] = (1, instance)
        found[f"{host}-memory"] = (limits.host_memory_percent, instance)
        found[f"{host}-failed-units"] = (1, {})
        for disk, path in mount_points.items():
            found[f"{host}-{disk}-disk"] = (limits.disk_percent, {**instance, "path": path, "fstype": "xfs"})
    for service in SERVICES:
        of_service = {"ClusterName": name, "ServiceName": f"{name}-{service}"}
        for kind, threshold in (
            ("cpu", limits.cpu_percent),
            ("memory", limits.memory_percent),
            ("running-tasks", config.services[service].minimum_tasks),
        ):
            found[f"{service}-{kind}"] = (threshold, of_service)
    for alb in ALBS:
        found[f"{alb}-5xx"] = (limits.http_5xx_percent, {"LoadBalancer": suffix(alb)})
        found[f"{alb}-unhealthy-targets"] = (
            1,
            {"LoadBalancer": suffix(alb), "TargetGroup": suffix(f"{alb}-targets")},
        )
    for port in NLB.ports:
        found[f"{NLB.load_balancer}-{port}-unhealthy-targets"] = (
            1,
            {"LoadBalancer": suffix(NLB.load_balancer), "TargetGroup": suffix(f"{NLB.load_balancer}-targets-{port}")},
        )
    return found


@pytest.mark.parametrize("stack", STACKS)
def test_alarms_are_exactly_these(stack: str) -> None:
    found = {name: (alarm["threshold"], dimensions(alarm)) for name, alarm in alarms(stack).items()}
    assert found == {name: (threshold, [watched]) for name, (threshold, watched) in expected(stack).items()}


@pytest.mark.parametrize("stack", STACKS)
def test_failed_units_of_each_host_are_counted_in_its_log_group_and_ring(stack: str) -> None:
    filters = evaluation_of(stack).of_type("aws:cloudwatch/logMetricFilter:LogMetricFilter")
    counted = {
        each.inputs["logGroupName"]: (each.inputs["pattern"], each.inputs["metricTransformation"]) for each in filters
    }
    watched = {
        f"/zelly/{host}": (
            """ ": Failed with result '" """.strip(),
            {
                "namespace": alarms(stack)[f"{host}-failed-units"]["namespace"],
                "name": alarms(stack)[f"{host}-failed-units"]["metricName"],
                "value": "1",
            },
        )
        for host in MOUNT_POINTS
    }
    assert counted == watched


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("host", MOUNT_POINTS)
def test_every_file_system_that_a_host_publishes_has_an_alarm(stack: str, host: str) -> None:
    instance = evaluation_of(stack).one("aws:ec2/instance:Instance", f"zelly-{stack}-{host}-instance")
    files = {file["path"]: file["content"] for file in yaml.safe_load(instance.inputs["userData"])["write_files"]}
    disk = json.loads(files["/etc/host/cloudwatch-agent.json"])["metrics"]["metrics_collected"]["disk"]
    watched = [
        alarm["dimensions"]["path"] for name, alarm in alarms(stack).items() if re.fullmatch(f"{host}-.*-disk", name)
    ]
    assert sorted(watched) == sorted(disk["resources"])


@pytest.mark.parametrize("stack", STACKS)
def test_every_alarm_writes_to_the_listed_addresses(stack: str) -> None:
    topic = f"${{zelly-{stack}-monitoring-alarms.arn}}"
    assert {(*alarm["alarmActions"], *alarm["okActions"]) for alarm in alarms(stack).values()} == {(topic, topic)}
    subscriptions = evaluation_of(stack).of_type("aws:sns/topicSubscription:TopicSubscription")
    # ElastiCache publishes to no encrypted topic, which the alarms' is.
    cache_events = f"${{zelly-{stack}-cache-events.arn}}"
    assert {tuple(sorted(subscription.inputs.items())) for subscription in subscriptions} == {
        (("endpoint", address), ("protocol", "email"), ("topic", each))
        for address in config_of(stack).alarms.emails
        for each in (topic, cache_events)
    }


@pytest.mark.parametrize("stack", STACKS)
def test_databases_tell_their_failures_and_maintenance_where_the_alarms_go(stack: str) -> None:
    subscriptions = evaluation_of(stack).of_type("aws:rds/eventSubscription:EventSubscription")
    assert {subscription.inputs["snsTopic"] for subscription in subscriptions} == {
        f"${{zelly-{stack}-monitoring-alarms.arn}}"
    }
    assert {subscription.inputs["sourceType"] for subscription in subscriptions} == {"db-cluster", "db-instance"}


@pytest.mark.parametrize("stack", STACKS)
def test_errors_count_from_as_many_requests_a_minute_as_the_config_says(stack: str) -> None:
    requests = config_of(stack).alarms.minimum_requests
    for alb in ALBS:
        queries = {query["id"]: query for query in alarms(stack)[f"{alb}-5xx"]["metricQueries"]}
        assert queries["rate"]["expression"] == f"IF(total >= {requests}, 100 * errors / total, 0)"


@pytest.mark.parametrize("stack", STACKS)
def test_dashboard_shows_what_is_documented(stack: str) -> None:
    dashboard = evaluation_of(stack).one("aws:cloudwatch/dashboard:Dashboard").inputs
    assert dashboard["dashboardName"] == f"zelly-{stack}"
    properties = [widget["properties"] for widget in json.loads(dashboard["dashboardBody"])["widgets"]]
    assert [widget["title"] for widget in properties] == [
        *(f"{alb}: {what}" for alb in ALBS for what in ("requests", "latency in seconds", "5xx")),
        *(f"{service}: CPU and memory in percent" for service in SERVICES),
        "redis: hits and misses",
    ]
    assert {widget["region"] for widget in properties} == {config_of(stack).region}
    references = set(re.findall(r"\$\{[^}]*\}", dashboard["dashboardBody"]))
    assert references == {
        f"${{zelly-{stack}-redis.id}}",
        *(f"${{zelly-{stack}-{alb}.arnSuffix}}" for alb in ALBS),
    }
