"""What is watched: alarms and whom they write to, and the dashboard."""

import json
from typing import Any

from tests.zelly_infra.embedded.environment import ACCOUNT_ID, Environment, only
from tests.zelly_infra.evaluations import config_of
from zelly_infra import catalog
from zelly_infra.config_sections import Alarms

SERVICES = tuple(service.name for service in catalog.SERVICES)
INGRESSES = [service.ingress for service in catalog.SERVICES]
HOSTS = ("clickhouse", "bastion")
DISKS = {
    "clickhouse-root-disk": ("clickhouse", "/"),
    "clickhouse-data-disk": ("clickhouse", "/var/lib/clickhouse"),
    "bastion-root-disk": ("bastion", "/"),
}
"""By the alarm's name: the host, and where the file system is mounted."""

APPLICATION_BALANCERS = [each.load_balancer for each in INGRESSES if isinstance(each, catalog.HttpsIngress)]
(NLB,) = [each for each in INGRESSES if isinstance(each, catalog.PassthroughIngress)]

Alarm = tuple[str, str, float, int, int, str]
"""What is measured, its statistic (empty for an expression), the threshold, how many of how many periods, and what
silence means."""

ABSENT_TASKS = {"enabled": "desired - running", "disabled": "IF(FILL(samples, 0) > 0, 0, 1)"}
"""Without Container Insights, which count tasks, silence of a service's own metrics tells."""


def expected_alarms(stack: str) -> dict[str, Alarm]:
    """Return every alarm by its short name."""
    config = config_of(stack)
    limits, aurora = config.alarms, config.aurora
    most = aurora.maximum_capacity_acu * limits.aurora_capacity_percent / 100
    absent = ABSENT_TASKS[config.containers.container_insights]
    cpu, memory = float(limits.cpu_percent), float(limits.memory_percent)
    unhealthy: Alarm = ("UnHealthyHostCount", "Maximum", 1.0, 5, 5, "notBreaching")
    host_memory = float(limits.host_memory_percent)
    down: Alarm = ("StatusCheckFailed", "Maximum", 1.0, 3, 3, "breaching")
    return {
        **{f"{name}-5xx": error_rate(limits) for name in APPLICATION_BALANCERS},
        **{f"{name}-unhealthy-targets": unhealthy for name in APPLICATION_BALANCERS},
        **{by_port(NLB.load_balancer, port): unhealthy for port in NLB.ports},
        **{f"{name}-running-tasks": (absent, "", 1.0, 10, 10, "breaching") for name in SERVICES},
        **{f"{name}-cpu": ("CPUUtilization", "Average", cpu, 3, 3, "notBreaching") for name in SERVICES},
        **{f"{name}-memory": ("MemoryUtilization", "Maximum", memory, 5, 5, "notBreaching") for name in SERVICES},
        "aurora-capacity": ("ServerlessDatabaseCapacity", "Maximum", most, 3, 3, "notBreaching"),
        "redis-memory": (
            "DatabaseMemoryUsagePercentage",
            "Maximum",
            float(limits.redis_memory_percent),
            5,
            5,
            "breaching",
        ),
        "redis-evictions": ("Evictions", "Sum", 1.0, 1, 1, "notBreaching"),
        **{f"{host}-down": down for host in HOSTS},
        **{f"{host}-failed-units": failed_units(stack, host) for host in HOSTS},
        **{f"{host}-memory": ("mem_used_percent", "Maximum", host_memory, 3, 3, "notBreaching") for host in HOSTS},
        **dict.fromkeys(DISKS, ("disk_used_percent", "Maximum", float(limits.disk_percent), 3, 3, "breaching")),
    }


def failed_units(stack: str, host: str) -> Alarm:
    return (f"zelly-{stack}-{host}-failed-units", "Sum", 1.0, 1, 6, "notBreaching")


def error_rate(limits: Alarms) -> Alarm:
    expression = f"IF(total >= {limits.minimum_requests}, 100 * errors / total, 0)"
    return (expression, "", float(limits.http_5xx_percent), 3, 5, "notBreaching")


def alarms(environment: Environment) -> dict[str, dict[str, Any]]:
    """Return the program's own alarms by short name; target tracking makes two more for each service that scales."""
    prefix = f"zelly-{environment.stack}-monitoring-"
    return {
        alarm["AlarmName"].removeprefix(prefix): alarm
        for alarm in environment.listed("cloudwatch", "describe_alarms", "MetricAlarms")
        if not alarm["AlarmName"].startswith("TargetTracking-")
    }


def measured(alarm: dict[str, Any]) -> Alarm:
    returned = [query["Expression"] for query in alarm["Metrics"] if query.get("ReturnData")]
    return (
        alarm.get("MetricName") or only(returned),
        alarm.get("Statistic", ""),
        alarm["Threshold"],
        alarm["DatapointsToAlarm"],
        alarm["EvaluationPeriods"],
        alarm["TreatMissingData"],
    )


def test_exactly_these_alarms_ring_at_their_thresholds(environment: Environment) -> None:
    found = alarms(environment)
    assert {name: measured(alarm) for name, alarm in found.items()} == expected_alarms(environment.stack)
    assert {alarm["ComparisonOperator"] for alarm in found.values()} == {"GreaterThanOrEqualToThreshold"}


def dimensions(alarm: dict[str, Any]) -> list[set[tuple[str, str]]]:
    """Return the dimensions of each metric that an alarm looks at."""
    metrics = [query["MetricStat"]["Metric"] for query in alarm["Metrics"] if "MetricStat" in query] or [alarm]
    return [{(each["Name"], each["Value"]) for each in metric["Dimensions"]} for metric in metrics]


def test_alarms_look_at_what_was_made(environment: Environment) -> None:
    found = alarms(environment)
    cluster = ("ClusterName", environment.outputs.cluster_name)
    for service in SERVICES:
        expected = {cluster, ("ServiceName", environment.outputs.service_names[service])}
        for kind in ("running-tasks", "cpu", "memory"):
            assert all(each == expected for each in dimensions(found[f"{service}-{kind}"])), (service, kind)
    node = only(environment.listed("elasticache", "describe_cache_clusters", "CacheClusters"))["CacheClusterId"]
    assert {name: dimensions(found[name]) for name in SINGLE_TARGETS} == {
        "aurora-capacity": [{("DBClusterIdentifier", f"zelly-{environment.stack}-aurora")}],
        "redis-memory": [{("CacheClusterId", node)}],
        "redis-evictions": [{("CacheClusterId", node)}],
    }


SINGLE_TARGETS = ("aurora-capacity", "redis-memory", "redis-evictions")


def test_units_that_fail_on_a_host_are_counted_in_its_log_group(environment: Environment) -> None:
    filters = environment.listed("logs", "describe_metric_filters", "metricFilters")
    names = {f"/zelly/{host}": f"zelly-{environment.stack}-{host}-failed-units" for host in HOSTS}
    assert {each["logGroupName"]: (each["filterPattern"], each["metricTransformations"]) for each in filters} == {
        group: (
            """ ": Failed with result '" """.strip(),
            [{"metricNamespace": "FailedUnits", "metricName": name, "metricValue": "1", "unit": "None"}],
        )
        for group, name in names.items()
    }
    counting = [alarms(environment)[f"{host}-failed-units"] for host in HOSTS]
    assert [(each["Namespace"], each["MetricName"], each["Dimensions"]) for each in counting] == [
        ("FailedUnits", name, []) for name in names.values()
    ]


def test_alarms_look_at_the_balancers_and_their_target_groups(environment: Environment) -> None:
    found = alarms(environment)
    for balancer in environment.listed("elbv2", "describe_load_balancers", "LoadBalancers"):
        name = balancer["LoadBalancerName"]
        this = ("LoadBalancer", balancer["LoadBalancerArn"].split(":loadbalancer/")[1])
        groups = environment.client("elbv2").describe_target_groups(LoadBalancerArn=balancer["LoadBalancerArn"])
        for group in groups["TargetGroups"]:
            alarm = f"{name}-unhealthy-targets" if balancer["Type"] == "application" else by_port(name, group["Port"])
            assert dimensions(found[alarm]) == [{this, ("TargetGroup", group["TargetGroupArn"].rsplit(":", 1)[1])}]
        if balancer["Type"] == "application":
            assert dimensions(found[f"{name}-5xx"]) == [{this}] * 3


def by_port(name: str, port: int) -> str:
    return f"{name}-{port}-unhealthy-targets"


def test_databases_and_the_cache_tell_their_own_events(environment: Environment) -> None:
    subscriptions = environment.listed("rds", "describe_event_subscriptions", "EventSubscriptionsList")
    assert {
        each["SourceType"]: (each["SnsTopicArn"], sorted(each["EventCategoriesList"]), each["Enabled"], each["Status"])
        for each in subscriptions
    } == {
        "db-cluster": (
            environment.outputs.alarm_topic_arn,
            ["failover", "failure", "maintenance"],
            True,
            "active",
        ),
        "db-instance": (
            environment.outputs.alarm_topic_arn,
            ["failure", "low storage", "maintenance"],
            True,
            "active",
        ),
    }
    node = only(environment.listed("elasticache", "describe_cache_clusters", "CacheClusters"))
    # Inactive is what ElastiCache makes of a topic that it cannot publish to.
    assert node["NotificationConfiguration"] == {
        "TopicArn": environment.outputs.cache_event_topic_arn,
        "TopicStatus": "active",
    }


def test_only_alarms_and_databases_publish_to_a_topic_with_a_key_of_its_own(
    environment: Environment,
) -> None:
    topic = environment.outputs.alarm_topic_arn
    attributes = environment.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    of_this_account = {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}
    assert json.loads(attributes["Policy"])["Statement"] == [
        {
            "Sid": "Alarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": ["sns:Publish"],
            "Resource": [topic],
            "Condition": of_this_account,
        },
        {
            "Sid": "DatabaseEvents",
            "Effect": "Allow",
            "Principal": {"Service": "events.rds.amazonaws.com"},
            "Action": ["sns:Publish"],
            "Resource": [topic],
            "Condition": {
                **of_this_account,
                "ArnLike": {"aws:SourceArn": f"arn:aws:rds:{environment.region}:{ACCOUNT_ID}:*"},
            },
        },
    ]
    kms = environment.client("kms")
    key = attributes["KmsMasterKeyId"]
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    statements = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])["Statement"]
    # AWS's own key for SNS lets CloudWatch encrypt nothing.
    assert {each["Sid"]: (each["Principal"], each["Action"], each.get("Condition")) for each in statements} == {
        "Account": ({"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}, ["kms:*"], None),
        "Alarms": (
            {"Service": "cloudwatch.amazonaws.com"},
            ["kms:Decrypt", "kms:GenerateDataKey*"],
            of_this_account,
        ),
        "DatabaseEvents": (
            {"Service": "events.rds.amazonaws.com"},
            ["kms:Decrypt", "kms:GenerateDataKey*"],
            of_this_account,
        ),
    }


def test_dashboard_shows_services_balancers_and_redis(environment: Environment) -> None:
    cloudwatch = environment.client("cloudwatch")
    listed = [each["DashboardName"] for each in cloudwatch.list_dashboards()["DashboardEntries"]]
    # Dashboards are one for the account.
    assert environment.outputs.dashboard_name == f"zelly-{environment.stack}"
    assert environment.outputs.dashboard_name in listed
    body = cloudwatch.get_dashboard(DashboardName=environment.outputs.dashboard_name)["DashboardBody"]
    widgets = [widget["properties"] for widget in json.loads(body)["widgets"]]
    assert {widget["region"] for widget in widgets} == {environment.region}
    found = {widget["title"]: [metric[1] for metric in widget["metrics"]] for widget in widgets}
    errors = ["HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"]
    assert {title: metrics for title, metrics in found.items() if "latency" not in title} == {
        **{f"{name}: requests": ["RequestCount"] for name in APPLICATION_BALANCERS},
        **{f"{name}: 5xx": errors for name in APPLICATION_BALANCERS},
        **{f"{name}: CPU and memory in percent": ["CPUUtilization", "MemoryUtilization"] for name in SERVICES},
        "redis: hits and misses": ["CacheHits", "CacheMisses"],
    }
    latencies = {title: set(metrics) for title, metrics in found.items() if "latency" in title}
    assert latencies == {f"{name}: latency in seconds": {"TargetResponseTime"} for name in APPLICATION_BALANCERS}
