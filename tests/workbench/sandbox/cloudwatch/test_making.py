import json
import time
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.sandbox.errors import AwsRefusalError, UnmappedInputError
from zelly_components.alarms.host_metrics import FAILED_UNITS_PATTERN

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
METRIC_FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"


def alarm(sandbox: Sandbox, name: str) -> dict[str, Any]:
    (found,) = sandbox.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return found


def test_log_group_keeps_its_lines_for_its_days(sandbox: Sandbox) -> None:
    created = sandbox.create(LOG_GROUP, "api", name="/shop/ecs/api", retentionInDays=30, tags={"Name": "api"})
    logs = sandbox.client("logs")
    (found,) = logs.describe_log_groups(logGroupNamePrefix="/shop/ecs/api")["logGroups"]
    assert (found["logGroupName"], found["retentionInDays"]) == ("/shop/ecs/api", 30)
    assert created.id == "/shop/ecs/api"
    assert created.outputs["arn"] == found["logGroupArn"]
    assert logs.list_tags_for_resource(resourceArn=found["logGroupArn"])["tags"] == {"Project": "shop", "Name": "api"}


def test_log_group_without_a_retention_keeps_its_lines_for_ever(sandbox: Sandbox) -> None:
    sandbox.create(LOG_GROUP, "audit", name="/shop/audit", retentionInDays=0, skipDestroy=True)
    (found,) = sandbox.client("logs").describe_log_groups(logGroupNamePrefix="/shop/audit")["logGroups"]
    assert "retentionInDays" not in found


def test_metric_filter_counts_for_its_metric(sandbox: Sandbox) -> None:
    sandbox.create(LOG_GROUP, "host", name="/shop/host")
    created = sandbox.create(
        METRIC_FILTER,
        "failed-units",
        name="shop-failed-units",
        logGroupName="/shop/host",
        pattern=FAILED_UNITS_PATTERN,
        metricTransformation={"namespace": "FailedUnits", "name": "shop", "value": "1"},
    )
    assert created.id == "shop-failed-units"
    assert sandbox.client("logs").describe_metric_filters(logGroupName="/shop/host")["metricFilters"] == [
        {
            "filterName": "shop-failed-units",
            "filterPattern": FAILED_UNITS_PATTERN,
            "logGroupName": "/shop/host",
            "metricTransformations": [
                {"metricNamespace": "FailedUnits", "metricName": "shop", "metricValue": "1", "unit": "None"}
            ],
        }
    ]


def test_pattern_of_failed_units_picks_out_what_systemd_says_of_them(sandbox: Sandbox) -> None:
    sandbox.create(LOG_GROUP, "messages", name="/shop/messages")
    logs = sandbox.client("logs")
    logs.create_log_stream(logGroupName="/shop/messages", logStreamName="i-1/messages")
    failed = [
        "Nov 25 10:43:20 ip-10-0-0-1 systemd[1]: clickhouse-apply.service: Failed with result 'exit-code'.",
        "Nov 25 10:43:21 ip-10-0-0-1 systemd[1]: vpn-network.service: Failed with result 'timeout'.",
        "Nov 25 10:43:22 ip-10-0-0-1 systemd[1]: var-lib-clickhouse.mount: Failed with result 'exit-code'.",
    ]
    other = [
        "Nov 25 10:43:23 ip-10-0-0-1 systemd[1]: Finished clickhouse-apply.service.",
        "Nov 25 10:43:24 ip-10-0-0-1 clickhouse-apply[9]: attempt 1 of 120 failed: test -b /dev/sdf",
        "Nov 25 10:43:25 ip-10-0-0-1 systemd[1]: Failed to start clickhouse-apply.service.",
        "Nov 25 10:43:26 ip-10-0-0-1 sshd[9]: Failed password for invalid user result from 192.0.2.1",
    ]
    now = int(time.time() * 1000)
    logs.put_log_events(
        logGroupName="/shop/messages",
        logStreamName="i-1/messages",
        logEvents=[{"timestamp": now, "message": line} for line in (*failed, *other)],
    )
    found = logs.filter_log_events(logGroupName="/shop/messages", filterPattern=FAILED_UNITS_PATTERN)["events"]
    assert [event["message"] for event in found] == failed


def test_name_that_is_taken_is_refused(sandbox: Sandbox) -> None:
    sandbox.create(LOG_GROUP, "taken", name="/shop/taken")
    with pytest.raises(AwsRefusalError, match="CreateLogGroup failed with ResourceAlreadyExistsException"):
        sandbox.create(LOG_GROUP, "taken", name="/shop/taken")


def test_alarm_on_a_metric_has_everything_that_was_asked_for(sandbox: Sandbox) -> None:
    created = sandbox.create(
        ALARM,
        "api-cpu",
        name="shop-api-cpu",
        alarmDescription="The API is short of CPU.",
        comparisonOperator="GreaterThanOrEqualToThreshold",
        threshold=90,
        evaluationPeriods=5,
        datapointsToAlarm=3,
        treatMissingData="breaching",
        alarmActions=[TOPIC],
        okActions=[TOPIC],
        namespace="AWS/ECS",
        metricName="CPUUtilization",
        statistic="Average",
        dimensions={"ClusterName": "shop", "ServiceName": "api"},
        period=60,
    )
    found = alarm(sandbox, "shop-api-cpu")
    expected = {
        "AlarmDescription": "The API is short of CPU.",
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 90.0,
        "EvaluationPeriods": 5,
        "DatapointsToAlarm": 3,
        "TreatMissingData": "breaching",
        "AlarmActions": [TOPIC],
        "OKActions": [TOPIC],
        "ActionsEnabled": True,
        "Namespace": "AWS/ECS",
        "MetricName": "CPUUtilization",
        "Statistic": "Average",
        "Dimensions": [{"Name": "ClusterName", "Value": "shop"}, {"Name": "ServiceName", "Value": "api"}],
        "Period": 60,
        "Metrics": [],
    }
    assert {key: found[key] for key in expected} == expected
    assert created.id == "shop-api-cpu"
    assert created.outputs["arn"] == found["AlarmArn"]
    tags = sandbox.client("cloudwatch").list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]
    assert tags_of(tags) == {"Project": "shop"}


def test_alarm_on_an_expression_has_its_queries(sandbox: Sandbox) -> None:
    sandbox.create(
        ALARM,
        "web-5xx",
        name="shop-web-5xx",
        comparisonOperator="GreaterThanOrEqualToThreshold",
        threshold=5,
        evaluationPeriods=1,
        metricQueries=[
            {
                "id": "errors",
                "metric": {
                    "namespace": "AWS/ApplicationELB",
                    "metricName": "HTTPCode_Target_5XX_Count",
                    "dimensions": {"LoadBalancer": "app/web/1"},
                    "period": 300,
                    "stat": "Sum",
                },
                "returnData": False,
            },
            {"id": "percent", "expression": "100 * errors", "label": "percent", "returnData": True},
        ],
    )
    assert alarm(sandbox, "shop-web-5xx")["Metrics"] == [
        {
            "Id": "errors",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/ApplicationELB",
                    "MetricName": "HTTPCode_Target_5XX_Count",
                    "Dimensions": [{"Name": "LoadBalancer", "Value": "app/web/1"}],
                },
                "Period": 300,
                "Stat": "Sum",
            },
            "ReturnData": False,
        },
        {"Id": "percent", "Expression": "100 * errors", "Label": "percent", "ReturnData": True},
    ]


def test_unmapped_input_of_an_alarm_is_named(sandbox: Sandbox) -> None:
    with pytest.raises(UnmappedInputError, match="input alarmRule is not mapped; put_metric_alarm takes "):
        sandbox.create(
            ALARM, "wrong", alarmRule="ALARM(x)", comparisonOperator="LessThanThreshold", evaluationPeriods=1
        )


def test_dashboard_keeps_its_body(sandbox: Sandbox) -> None:
    body = json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "Shop"}}]})
    created = sandbox.create("aws:cloudwatch/dashboard:Dashboard", "shop", dashboardName="shop", dashboardBody=body)
    found = sandbox.client("cloudwatch").get_dashboard(DashboardName="shop")
    assert json.loads(found["DashboardBody"]) == json.loads(body)
    assert created.id == "shop"
    assert created.outputs["dashboardArn"] == found["DashboardArn"] == "arn:aws:cloudwatch::123456789012:dashboard/shop"
