"""Schedules: made, changed as a whole, deleted."""

from typing import Any

from tests.workbench.sandbox.conftest import Sandbox

SCHEDULE = "aws:scheduler/schedule:Schedule"
ROLE = "arn:aws:iam::123456789012:role/shop-hours"


def inputs(**changes: Any) -> dict[str, Any]:
    return {
        "name": "shop-stop",
        "scheduleExpression": "cron(0 20 ? * MON *)",
        "scheduleExpressionTimezone": "Asia/Kolkata",
        "flexibleTimeWindow": {"mode": "OFF"},
        "target": {
            "arn": "arn:aws:scheduler:::aws-sdk:ec2:stopInstances",
            "roleArn": ROLE,
            "input": '{"InstanceIds": ["i-1"]}',
            "retryPolicy": {"maximumEventAgeInSeconds": 3600, "maximumRetryAttempts": 10},
        },
        **changes,
    }


def described(sandbox: Sandbox, name: str) -> dict[str, Any]:
    found = sandbox.client("scheduler").get_schedule(Name=name)
    return {
        key: found[key]
        for key in ("ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "Target", "State")
    }


def test_schedule_is_as_it_was_asked_for(sandbox: Sandbox) -> None:
    made = sandbox.create(SCHEDULE, "stop", **inputs())
    assert made.id == "default/shop-stop"
    assert made.outputs["arn"] == "arn:aws:scheduler:eu-west-1:123456789012:schedule/default/shop-stop"
    assert described(sandbox, "shop-stop") == {
        "ScheduleExpression": "cron(0 20 ? * MON *)",
        "ScheduleExpressionTimezone": "Asia/Kolkata",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "State": "ENABLED",
        "Target": {
            "Arn": "arn:aws:scheduler:::aws-sdk:ec2:stopInstances",
            "RoleArn": ROLE,
            "Input": '{"InstanceIds": ["i-1"]}',
            "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 10},
        },
    }


def test_change_keeps_what_is_not_changed(sandbox: Sandbox) -> None:
    sandbox.create(SCHEDULE, "moved", **inputs(name="shop-moved"))
    before = described(sandbox, "shop-moved")
    sandbox.update(SCHEDULE, "moved", **inputs(name="shop-moved", scheduleExpression="cron(30 21 ? * MON *)"))
    assert described(sandbox, "shop-moved") == {**before, "ScheduleExpression": "cron(30 21 ? * MON *)"}


def test_schedule_without_a_name_gets_one_and_goes(sandbox: Sandbox) -> None:
    nameless = {key: value for key, value in inputs().items() if key != "name"}
    made = sandbox.create(SCHEDULE, "nameless", **nameless)
    name = made.outputs["name"]
    assert (name[:9], len(name)) == ("nameless-", 16)
    sandbox.delete(SCHEDULE, "nameless")
    names = [found["Name"] for found in sandbox.client("scheduler").list_schedules()["Schedules"]]
    assert name not in names
