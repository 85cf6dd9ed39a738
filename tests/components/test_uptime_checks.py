"""Checks from outside, their alarms and their topic, all where Route 53's metrics are."""

from typing import Any

import pulumi
import pytest

from workbench.evaluate import Evaluation, evaluate
from zelly_components.alert_channels import AlertTopics
from zelly_components.uptime_checks import UptimeCheckArgs, UptimeChecks, UptimeChecksArgs

HEALTH = UptimeCheckArgs(hostname="shop.example", path="/api/v1/health")
READY = UptimeCheckArgs(hostname="shop.example", path="/api/v1/health/ready", query="x-uptime-token=known")


def record(**changes: Any) -> Evaluation:
    values: dict[str, Any] = {"checks": {"health": HEALTH, "ready": READY}, "alarm_emails": ["ops@shop.example"]}
    return evaluate(lambda: UptimeChecks("uptime", UptimeChecksArgs(**(values | changes))) and None)


def test_each_url_is_asked_over_tls_from_everywhere() -> None:
    checks = {one.name: one.inputs for one in record().of_type("aws:route53/healthCheck:HealthCheck")}
    assert checks["uptime-ready"] == {
        "type": "HTTPS",
        "fqdn": "shop.example",
        "port": 443,
        "resourcePath": "/api/v1/health/ready?x-uptime-token=known",
        "requestInterval": 30,
        "failureThreshold": 3,
        "enableSni": True,
        "measureLatency": False,
        "tags": {"Name": "uptime-ready"},
    }
    assert checks["uptime-health"]["resourcePath"] == "/api/v1/health"


def test_each_check_rings_by_itself_after_three_bad_minutes_out_of_five() -> None:
    alarms = {one.inputs["name"]: one.inputs for one in record().of_type("aws:cloudwatch/metricAlarm:MetricAlarm")}
    assert alarms.keys() == {"uptime-health", "uptime-ready"}
    for name, alarm in alarms.items():
        read = ("period", "evaluationPeriods", "datapointsToAlarm", "comparisonOperator", "threshold", "statistic")
        assert [alarm[key] for key in read] == [60, 5, 3, "LessThanThreshold", 1, "Minimum"]
        assert alarm["dimensions"] == {"HealthCheckId": f"${{{name}.id}}"}
        assert alarm["treatMissingData"] == "breaching"
        assert alarm["alarmActions"] == alarm["okActions"] == ["${uptime.arn}"]


def test_what_tells_of_the_metric_stands_where_it_is() -> None:
    regions = {one.type.rpartition(":")[2]: one.inputs.get("region") for one in record().custom()}
    assert {kind for kind, region in regions.items() if region != "us-east-1"} == {"HealthCheck"}


def test_with_channels_all_checks_together_page_once() -> None:
    evaluation = record(topics=AlertTopics(page="arn:page", inform="arn:inform"))
    alarms = evaluation.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert [(each.inputs["alarmActions"], each.inputs["okActions"]) for each in alarms] == [(["arn:inform"], [])] * 2
    composite = evaluation.one("aws:cloudwatch/compositeAlarm:CompositeAlarm").inputs
    assert composite["alarmRule"] == 'ALARM("uptime-health") OR ALARM("uptime-ready")'
    # A composite alarm has its alarms beside it.
    assert (composite["region"], composite["alarmActions"], composite["okActions"]) == (
        "us-east-1",
        ["arn:page"],
        ["arn:page"],
    )
    assert evaluation.of_type("aws:sns/topic:Topic") == []


def test_a_secret_in_a_query_stands_in_no_record() -> None:
    known = UptimeCheckArgs(hostname="shop.example", path="/x", query=pulumi.Output.secret("x-uptime-token=s3cret"))
    evaluation = record(checks={"x": known})
    assert evaluation.one("aws:route53/healthCheck:HealthCheck").inputs["resourcePath"] == "[secret]"
    assert "s3cret" not in str([one.inputs for one in evaluation.resources])


@pytest.mark.parametrize(
    ("checks", "message"),
    [
        ({}, "checks: came none; allowed one or more"),
        ({"A": HEALTH}, "checks: came the name 'A'; allowed lower-case letters, digits and hyphens"),
        (
            {"a": UptimeCheckArgs(hostname="shop.example", path="health")},
            "checks.a.path: came 'health'; allowed a path such as /api/health",
        ),
    ],
)
def test_bad_input_is_refused_in_one_line(checks: dict[str, UptimeCheckArgs], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        record(checks=checks)
    assert str(error.value) == message
