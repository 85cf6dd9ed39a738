import json
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.sandbox.errors import AwsRefusalError

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
METRIC_FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"


def log_groups(sandbox: Sandbox, name: str) -> list[dict[str, Any]]:
    return sandbox.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]


def alarms(sandbox: Sandbox, name: str) -> list[dict[str, Any]]:
    return sandbox.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]


def alarm(name: str, **other: Any) -> dict[str, Any]:
    return {
        "name": name,
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 3,
        "metricName": "CPUUtilization",
        "namespace": "AWS/EC2",
        "period": 60,
        "statistic": "Average",
        "threshold": 90,
        "dimensions": {"InstanceId": "i-1"},
        **other,
    }


def test_retention_is_changed_and_taken_away(sandbox: Sandbox) -> None:
    sandbox.create(LOG_GROUP, "api", name="/changes/api", retentionInDays=30)
    sandbox.update(LOG_GROUP, "api", name="/changes/api", retentionInDays=90, tags={"Name": "api"})
    (found,) = log_groups(sandbox, "/changes/api")
    assert found["retentionInDays"] == 90
    tags = sandbox.client("logs").list_tags_log_group(logGroupName="/changes/api")["tags"]
    assert tags == {"Project": "shop", "Name": "api"}
    sandbox.update(LOG_GROUP, "api", name="/changes/api")
    (found,) = log_groups(sandbox, "/changes/api")
    assert "retentionInDays" not in found


@pytest.mark.parametrize(("skip_destroy", "left"), [(False, 0), (True, 1)])
def test_log_group_is_deleted_unless_it_is_to_stay(sandbox: Sandbox, skip_destroy: bool, left: int) -> None:
    name = f"/changes/gone-{left}"
    sandbox.create(LOG_GROUP, name, name=name, skipDestroy=skip_destroy)
    sandbox.delete(LOG_GROUP, name)
    sandbox.delete(LOG_GROUP, name)
    assert len(log_groups(sandbox, name)) == left


def metric_filters(sandbox: Sandbox, log_group: str) -> list[tuple[str, str, list[dict[str, str]]]]:
    found = sandbox.client("logs").describe_metric_filters(logGroupName=log_group)["metricFilters"]
    return [(each["filterName"], each["filterPattern"], each["metricTransformations"]) for each in found]


def test_metric_filter_is_replaced_as_a_whole_and_deleted(sandbox: Sandbox) -> None:
    sandbox.create(LOG_GROUP, "host", name="/changes/host")
    names = {"name": "changes-failed", "logGroupName": "/changes/host"}
    counted = {"namespace": "Failed", "name": "host", "value": "1"}
    sandbox.create(METRIC_FILTER, "failed", **names, pattern="ERROR", metricTransformation=counted)
    made = {"metricNamespace": "Failed", "metricName": "host", "metricValue": "1", "unit": "None"}

    sandbox.update(METRIC_FILTER, "failed", **names, pattern='"FATAL"', metricTransformation=counted)
    assert metric_filters(sandbox, "/changes/host") == [("changes-failed", '"FATAL"', [made])]
    changed = {**counted, "value": "2", "unit": "Count"}
    sandbox.update(METRIC_FILTER, "failed", **names, pattern='"FATAL"', metricTransformation=changed)
    assert metric_filters(sandbox, "/changes/host") == [
        ("changes-failed", '"FATAL"', [{**made, "metricValue": "2", "unit": "Count"}])
    ]

    sandbox.delete(METRIC_FILTER, "failed")
    sandbox.delete(METRIC_FILTER, "failed")
    assert metric_filters(sandbox, "/changes/host") == []


def test_alarm_is_replaced_as_a_whole_and_keeps_its_tags(sandbox: Sandbox) -> None:
    name = "changes-cpu"
    sandbox.create(ALARM, "cpu", **alarm(name, alarmActions=[TOPIC], okActions=[TOPIC]), tags={"Name": "cpu"})
    sandbox.update(ALARM, "cpu", **alarm(name, alarmActions=[TOPIC], threshold=80), tags={"Name": "cpu"})
    (found,) = alarms(sandbox, name)
    assert (found["Threshold"], found["AlarmActions"], found["OKActions"]) == (80.0, [TOPIC], [])
    assert (found["Dimensions"], found["Period"]) == ([{"Name": "InstanceId", "Value": "i-1"}], 60)
    listed = sandbox.client("cloudwatch").list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]
    assert tags_of(listed) == {"Project": "shop", "Name": "cpu"}


def test_new_alarm_has_nothing_of_a_deleted_one_of_its_name(sandbox: Sandbox) -> None:
    name = "changes-gone"
    sandbox.create(ALARM, "gone", **alarm(name), tags={"Old": "1"})
    sandbox.delete(ALARM, "gone")
    sandbox.delete(ALARM, "gone")
    assert alarms(sandbox, name) == []
    sandbox.create(ALARM, "gone", **alarm(name))
    (found,) = alarms(sandbox, name)
    listed = sandbox.client("cloudwatch").list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]
    assert tags_of(listed) == {"Project": "shop"}


def test_dashboard_has_its_new_body_until_it_is_deleted(sandbox: Sandbox) -> None:
    name = "changes"
    cloudwatch = sandbox.client("cloudwatch")
    sandbox.create(DASHBOARD, "shop", dashboardName=name, dashboardBody=json.dumps({"widgets": []}))
    body = json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "Shop"}}]})
    sandbox.update(DASHBOARD, "shop", dashboardName=name, dashboardBody=body)
    assert json.loads(cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]) == json.loads(body)
    sandbox.delete(DASHBOARD, "shop")
    sandbox.delete(DASHBOARD, "shop")
    assert cloudwatch.list_dashboards(DashboardNamePrefix=name)["DashboardEntries"] == []


MUTE_RULE = "aws:cloudwatch/alarmMuteRule:AlarmMuteRule"


def mute_rule(*alarms: str, duration: str = "PT12H") -> dict[str, Any]:
    return {
        "name": "shop-mute",
        "description": "Stopped",
        "rule": {"schedule": {"expression": "cron(0 20 * * MON)", "duration": duration, "timezone": "Asia/Kolkata"}},
        "muteTargets": {"alarmNames": list(alarms)},
    }


def test_mute_rule_is_kept_changed_and_goes(sandbox: Sandbox) -> None:
    cloudwatch = sandbox.client("cloudwatch")

    def kept() -> dict[str, Any]:
        found = cloudwatch.get_alarm_mute_rule(AlarmMuteRuleName="shop-mute")
        return {key: value for key, value in found.items() if key != "ResponseMetadata"}

    made = sandbox.create(MUTE_RULE, "mute", **mute_rule("one", "two"), tags={"Name": "mute"})
    arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm-mute-rule:shop-mute"
    expected: dict[str, Any] = {
        "Name": "shop-mute",
        "Description": "Stopped",
        "Rule": {"Schedule": {"Expression": "cron(0 20 * * MON)", "Duration": "PT12H", "Timezone": "Asia/Kolkata"}},
        "MuteTargets": {"AlarmNames": ["one", "two"]},
        "AlarmMuteRuleArn": arn,
        "Status": "SCHEDULED",
    }
    assert (made.id, made.outputs["arn"], kept()) == ("shop-mute", arn, expected)
    sandbox.update(MUTE_RULE, "mute", **mute_rule("two", duration="PT1H"), tags={"Name": "other"})
    expected["Rule"]["Schedule"]["Duration"] = "PT1H"
    assert kept() == {**expected, "MuteTargets": {"AlarmNames": ["two"]}}
    assert [rule["AlarmMuteRuleArn"] for rule in cloudwatch.list_alarm_mute_rules()["AlarmMuteRuleSummaries"]] == [arn]
    sandbox.delete(MUTE_RULE, "mute")
    assert cloudwatch.list_alarm_mute_rules()["AlarmMuteRuleSummaries"] == []
    with pytest.raises(cloudwatch.exceptions.ClientError, match="ResourceNotFoundException"):
        cloudwatch.get_alarm_mute_rule(AlarmMuteRuleName="shop-mute")


def test_mute_rule_takes_a_hundred_alarms(sandbox: Sandbox) -> None:
    with pytest.raises(AwsRefusalError, match="PutAlarmMuteRule failed with InvalidParameterValue"):
        sandbox.create(MUTE_RULE, "crowded", **mute_rule(*(f"alarm-{number}" for number in range(101))))
