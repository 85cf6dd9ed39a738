"""Composite alarms: made of alarms that are there, read back whole, changed with their state kept."""

from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.sandbox.errors import AwsRefusalError

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:page"


def composite(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "alarmName": name,
        "alarmDescription": "First: look.",
        "alarmRule": 'ALARM("part-of-outage")',
        "alarmActions": [TOPIC],
        "okActions": [TOPIC],
        **changes,
    }


def described(sandbox: Sandbox, name: str) -> dict[str, Any]:
    (found,) = sandbox.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])[
        "CompositeAlarms"
    ]
    return found


def test_outage_waits_for_what_causes_it_and_keeps_its_state_when_it_is_changed(sandbox: Sandbox) -> None:
    sandbox.create(
        ALARM,
        "part",
        name="part-of-outage",
        comparisonOperator="GreaterThanThreshold",
        evaluationPeriods=1,
        metricName="CPUUtilization",
        namespace="AWS/EC2",
        period=60,
        statistic="Average",
        threshold=90,
    )
    sandbox.create(COMPOSITE, "cause", **composite("cause"))
    suppressor = {"alarm": "cause", "waitPeriod": 120, "extensionPeriod": 1200}
    made = sandbox.create(COMPOSITE, "outage", **composite("outage", actionsSuppressor=suppressor))
    assert (made.id, made.outputs["arn"]) == ("outage", "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:outage")
    found = described(sandbox, "outage")
    members = ("AlarmRule", "ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")
    assert [found[member] for member in members] == ['ALARM("part-of-outage")', "cause", 120, 1200]
    assert (found["AlarmActions"], found["OKActions"], found["StateValue"]) == ([TOPIC], [TOPIC], "OK")
    tags = sandbox.client("cloudwatch").list_tags_for_resource(ResourceARN=made.outputs["arn"])["Tags"]
    assert tags_of(tags) == {"Project": "shop"}
    assert sandbox.read(COMPOSITE, "outage") == {}
    sandbox.client("cloudwatch").set_alarm_state(AlarmName="outage", StateValue="ALARM", StateReason="tried")
    sandbox.update(COMPOSITE, "outage", **composite("outage", alarmDescription="First: read."))
    found = described(sandbox, "outage")
    assert (found["AlarmDescription"], found["StateValue"]) == ("First: read.", "ALARM")
    assert not found.get("ActionsSuppressor")
    sandbox.delete(COMPOSITE, "outage")
    assert sandbox.read(COMPOSITE, "outage") is None


def test_alarm_that_is_not_there_can_be_part_of_none(sandbox: Sandbox) -> None:
    with pytest.raises(AwsRefusalError, match="AlarmRule contains invalid alarm names: lost"):
        sandbox.create(COMPOSITE, "odd", **composite("odd", alarmRule='ALARM("lost") OR OK("lost")'))
