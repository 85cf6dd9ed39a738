"""``module.observability``: one dashboard, one topic, and six alarms."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.adoption.estate.access import application_balancers
from tests.adoption.estate.balancers import Balancers
from tests.adoption.estate.making import Estate
from tests.adoption.estate.state_file import Written

MODULE = "observability"
_EMAIL = "alerts@zelly.in"


def make_observability(estate: Estate, balancers: Balancers) -> None:
    """Make everything of ``module.observability``."""
    topic = _topic(estate)
    _dashboard(estate, balancers)
    for position, (name, alarm) in enumerate(_alarms(estate, balancers).items()):
        _alarm(estate, topic, name, alarm, key=estate.key(position, name, mixed=str))


def _topic(estate: Estate) -> Written:
    name, sns = estate.name(f"{estate.prefix}-alerts"), estate.client("sns")
    arn = sns.create_topic(Name=name, Tags=estate.tag_list())["TopicArn"]
    policy = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    topic = estate.add(
        MODULE,
        "aws_sns_topic.alerts",
        {
            "id": arn,
            "arn": arn,
            "name": name,
            "name_prefix": estate.name_prefix(name) or "",
            "owner": estate.account_id,
            "policy": policy,
            **{
                f"{protocol}_{part}": "" if part.endswith("arn") else 0
                for protocol in ("application", "firehose", "http", "lambda", "sqs")
                for part in ("failure_feedback_role_arn", "success_feedback_role_arn", "success_feedback_sample_rate")
            },
            **estate.tags(),
        },
    )
    subscription = sns.subscribe(TopicArn=arn, Protocol="email", Endpoint=_EMAIL, ReturnSubscriptionArn=True)
    estate.add(
        MODULE,
        "aws_sns_topic_subscription.email",
        {
            "id": subscription["SubscriptionArn"],
            "arn": subscription["SubscriptionArn"],
            "endpoint": _EMAIL,
            "owner_id": estate.account_id,
            "protocol": "email",
            "topic_arn": arn,
        },
        after=[topic],
    )
    return topic


def _dashboard(estate: Estate, balancers: Balancers) -> None:
    metrics = [
        ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", balancers.balancers[name]["arn_suffix"]]
        for name in application_balancers()
    ]
    widget = {"type": "metric", "properties": {"metrics": metrics, "region": estate.region, "title": "Requests"}}
    body = json.dumps({"widgets": [widget]}, sort_keys=True, separators=(",", ":"))
    estate.client("cloudwatch").put_dashboard(DashboardName=estate.prefix, DashboardBody=body)
    estate.add(
        MODULE,
        "aws_cloudwatch_dashboard.this",
        {
            "id": estate.prefix,
            "dashboard_arn": estate.arn("cloudwatch", f"dashboard/{estate.prefix}", region=""),
            "dashboard_body": body,
            "dashboard_name": estate.prefix,
        },
        after=list(balancers.balancers.values()),
    )


def _alarms(estate: Estate, balancers: Balancers) -> Mapping[str, Mapping[str, Any]]:
    on_cluster = {"DBClusterIdentifier": f"{estate.prefix}-aurora"}
    on_node = {"CacheClusterId": f"{estate.prefix}-redis-001"}
    errors = {
        f"{name}-5xx": {
            "namespace": "AWS/ApplicationELB",
            "metric_name": "HTTPCode_Target_5XX_Count",
            "dimensions": {"LoadBalancer": balancers.balancers[name]["arn_suffix"]},
            "statistic": "Sum",
            "threshold": 10,
        }
        for name in application_balancers()
    }
    return {
        **errors,
        "aurora-acu": {
            "namespace": "AWS/RDS",
            "metric_name": "ACUUtilization",
            "dimensions": on_cluster,
            "statistic": "Average",
            "threshold": 90,
        },
        "redis-memory": {
            "namespace": "AWS/ElastiCache",
            "metric_name": "DatabaseMemoryUsagePercentage",
            "dimensions": on_node,
            "statistic": "Average",
            "threshold": 80,
        },
        "redis-evictions": {
            "namespace": "AWS/ElastiCache",
            "metric_name": "Evictions",
            "dimensions": on_node,
            "statistic": "Sum",
            "threshold": 0,
        },
    }


def _alarm(estate: Estate, topic: Written, name: str, alarm: Mapping[str, Any], *, key: str | int) -> None:
    full = f"{estate.prefix}-{name}"
    dimensions: Sequence[Mapping[str, str]] = [
        {"Name": each, "Value": value} for each, value in alarm["dimensions"].items()
    ]
    estate.client("cloudwatch").put_metric_alarm(
        AlarmName=full,
        AlarmDescription=f"{name} of {estate.prefix}",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=2,
        Period=300,
        Namespace=alarm["namespace"],
        MetricName=alarm["metric_name"],
        Dimensions=dimensions,
        Statistic=alarm["statistic"],
        Threshold=float(alarm["threshold"]),
        AlarmActions=[topic["arn"]],
        OKActions=[topic["arn"]],
        TreatMissingData="notBreaching",
        Tags=estate.tag_list(),
    )
    estate.add(
        MODULE,
        "aws_cloudwatch_metric_alarm.this",
        {
            "id": full,
            "alarm_actions": [topic["arn"]],
            "alarm_description": f"{name} of {estate.prefix}",
            "alarm_name": full,
            "arn": estate.arn("cloudwatch", f"alarm:{full}"),
            "comparison_operator": "GreaterThanThreshold",
            "evaluation_periods": 2,
            "ok_actions": [topic["arn"]],
            "period": 300,
            "treat_missing_data": "notBreaching",
            **alarm,
            **estate.tags(),
        },
        key=key,
        after=[topic],
    )
