import json
from typing import Any

import pytest

from workbench.evaluate import Evaluation, evaluate
from zelly_components.running_hours import RunningDatabaseArgs, RunningHours, RunningHoursArgs, RunningServiceArgs

SCHEDULE = "aws:scheduler/schedule:Schedule"
MUTE_RULE = "aws:cloudwatch/alarmMuteRule:AlarmMuteRule"
WORKING_DAYS = ["MON", "TUE", "WED", "THU", "FRI"]


def service(label: str, tasks: int) -> RunningServiceArgs:
    return RunningServiceArgs(
        label=label,
        cluster_name="shop",
        service_name=f"shop-{label}",
        service_arn=f"arn:aws:ecs:eu-west-1:123456789012:service/shop/shop-{label}",
        tasks=tasks,
    )


def record(**changes: Any) -> Evaluation:
    values: dict[str, Any] = {
        "region": "eu-west-1",
        "account_id": "123456789012",
        "weekdays": WORKING_DAYS,
        "start": "08:00",
        "stop": "20:00",
        "time_zone": "Asia/Kolkata",
        "services": [service("api", 2), service("worker", 1)],
        "instance_ids": {"one": "i-1", "two": "i-2"},
        "database": RunningDatabaseArgs(
            cluster_identifier="shop", cluster_arn="arn:aws:rds:eu-west-1:123456789012:cluster:shop"
        ),
        "alarm_names": ["shop-api-running-tasks", "shop-one-down"],
    }
    return evaluate(lambda: RunningHours("shop-hours", RunningHoursArgs(**(values | changes))) and None)


def schedules(evaluation: Evaluation) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Return when each schedule calls what, and with which request."""
    return {
        found.name.removeprefix("shop-hours-"): (
            found.inputs["scheduleExpression"],
            found.inputs["target"]["arn"].removeprefix("arn:aws:scheduler:::aws-sdk:"),
            json.loads(found.inputs["target"]["input"]),
        )
        for found in evaluation.of_type(SCHEDULE)
    }


def test_stores_start_before_the_services_and_stop_after_them() -> None:
    before, start = "cron(45 7 ? * MON,TUE,WED,THU,FRI *)", "cron(0 8 ? * MON,TUE,WED,THU,FRI *)"
    stop, after = "cron(0 20 ? * MON,TUE,WED,THU,FRI *)", "cron(15 20 ? * MON,TUE,WED,THU,FRI *)"
    instances, database = {"InstanceIds": ["i-1", "i-2"]}, {"DbClusterIdentifier": "shop"}

    def tasks(name: str, count: int) -> dict[str, Any]:
        return {"Cluster": "shop", "Service": f"shop-{name}", "DesiredCount": count}

    assert schedules(record()) == {
        "instances-start": (before, "ec2:startInstances", instances),
        "database-start": (before, "rds:startDBCluster", database),
        "api-start": (start, "ecs:updateService", tasks("api", 2)),
        "worker-start": (start, "ecs:updateService", tasks("worker", 1)),
        "api-stop": (stop, "ecs:updateService", tasks("api", 0)),
        "worker-stop": (stop, "ecs:updateService", tasks("worker", 0)),
        "instances-stop": (after, "ec2:stopInstances", instances),
        "database-stop": (after, "rds:stopDBCluster", database),
    }


def test_a_schedule_keeps_to_its_minute_and_to_its_time_zone() -> None:
    evaluation = record()
    policy = evaluation.one("aws:iam/rolePolicy:RolePolicy")
    for schedule in evaluation.of_type(SCHEDULE):
        assert schedule.inputs["flexibleTimeWindow"] == {"mode": "OFF"}
        assert schedule.inputs["scheduleExpressionTimezone"] == "Asia/Kolkata"
        assert schedule.inputs["target"]["roleArn"] == "${shop-hours-role.arn}"
        # A failed one is not tried again in the middle of the next period.
        assert schedule.inputs["target"]["retryPolicy"] == {
            "maximumEventAgeInSeconds": 3600,
            "maximumRetryAttempts": 10,
        }
        assert policy.urn in schedule.depends_on


def test_scheduler_may_start_and_stop_exactly_what_is_named() -> None:
    statements = json.loads(record().one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]
    assert [(statement["Action"], statement["Resource"]) for statement in statements] == [
        (
            ["ecs:UpdateService"],
            [f"arn:aws:ecs:eu-west-1:123456789012:service/shop/shop-{name}" for name in ("api", "worker")],
        ),
        (
            ["ec2:StartInstances", "ec2:StopInstances"],
            [f"arn:aws:ec2:eu-west-1:123456789012:instance/i-{number}" for number in (1, 2)],
        ),
        (["rds:StartDBCluster", "rds:StopDBCluster"], ["arn:aws:rds:eu-west-1:123456789012:cluster:shop"]),
    ]


def test_only_schedules_of_the_own_account_take_the_role() -> None:
    trust = json.loads(record().one("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert trust == [
        {
            "Sid": "AssumeRole",
            "Effect": "Allow",
            "Action": ["sts:AssumeRole"],
            "Principal": {"Service": "scheduler.amazonaws.com"},
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "123456789012"},
                # Scheduler sends the schedule's group, never the schedule itself.
                "ArnLike": {"aws:SourceArn": "arn:aws:scheduler:eu-west-1:123456789012:schedule-group/default"},
            },
        }
    ]


def test_every_alarm_is_mute_from_the_stop_until_things_have_started() -> None:
    rules = {rule.inputs["name"]: rule.inputs for rule in record().of_type(MUTE_RULE)}
    alarms = {"alarmNames": ["shop-api-running-tasks", "shop-one-down"]}
    assert {
        name: (rule["rule"]["schedule"], rule["muteTargets"], rule["description"]) for name, rule in rules.items()
    } == {
        "shop-hours-mute-mon-tue-wed-thu": (
            {"expression": "cron(0 20 * * MON,TUE,WED,THU)", "duration": "PT12H15M", "timezone": "Asia/Kolkata"},
            alarms,
            "Stopped outside running hours",
        ),
        "shop-hours-mute-fri": (
            {"expression": "cron(0 20 * * FRI)", "duration": "P2DT12H15M", "timezone": "Asia/Kolkata"},
            alarms,
            "Stopped outside running hours",
        ),
    }


def test_what_is_not_given_is_neither_scheduled_nor_permitted() -> None:
    evaluation = record(instance_ids={}, database=None, alarm_names=[])
    assert sorted(schedules(evaluation)) == ["api-start", "api-stop", "worker-start", "worker-stop"]
    statements = json.loads(evaluation.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]
    assert [statement["Sid"] for statement in statements] == ["SetTasks"]
    assert evaluation.of_type(MUTE_RULE) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"weekdays": ["mon"]},
            "weekdays: came mon; allowed one or more of MON, TUE, WED, THU, FRI, SAT, SUN, each once",
        ),
        (
            {"services": [], "instance_ids": {}, "database": None},
            "services, instance_ids, database: came none; allowed one or more things to stop",
        ),
        ({"services": [service("api", 1), service("api", 2)]}, "services.label: came api, api; allowed each once"),
        ({"alarm_names": ["alarm"] * 101}, "alarm_names: came 101; allowed at most 100"),
    ],
)
def test_bad_input_is_refused_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        record(**changes)
    assert str(error.value) == message
