from typing import Any

import pytest

from tests.components.ecs_arguments import run_example
from workbench.evaluate import Evaluation, evaluate
from zelly_components.deployment_alarms import DeploymentAlarms, DeploymentAlarmsArgs

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def args(**changes: Any) -> DeploymentAlarmsArgs:
    values: dict[str, Any] = {
        "service": "api",
        "load_balancer_arn_suffix": "app/shop/1",
        "target_group_arn_suffixes": ["targetgroup/blue/1", "targetgroup/green/2"],
        "http_5xx_percent": 5,
        "minimum_requests": 7,
    }
    return DeploymentAlarmsArgs(**(values | changes))


def record(**changes: Any) -> Evaluation:
    return evaluate(lambda: DeploymentAlarms("shop-api-deployment", args(**changes)) and None)


def queries(recorded: Evaluation, alarm: str) -> dict[str, Any]:
    return {query["id"]: query for query in recorded.one(ALARM, alarm).inputs["metricQueries"]}


def test_errors_are_those_of_the_worse_target_group() -> None:
    alarm = record().one(ALARM, "shop-api-deployment-5xx")
    compared = [query for query in alarm.inputs["metricQueries"] if query["returnData"]]
    assert [query["expression"] for query in compared] == ["MAX([rate, rate_2])"]
    found = queries(record(), "shop-api-deployment-5xx")
    assert found["rate_2"]["expression"] == (
        "IF(FILL(requests_2, 0) >= 7, 100 * FILL(target_errors_2, 0) / FILL(requests_2, 0), 0)"
    )
    assert (alarm.inputs["threshold"], alarm.inputs["evaluationPeriods"], alarm.inputs["datapointsToAlarm"]) == (
        5,
        3,
        2,
    )


@pytest.mark.parametrize("alarm", ["shop-api-deployment-5xx", "shop-api-deployment-unhealthy-targets"])
def test_both_target_groups_are_watched(alarm: str) -> None:
    watched = {
        query["metric"]["dimensions"]["TargetGroup"] for query in queries(record(), alarm).values() if "metric" in query
    }
    assert watched == {"targetgroup/blue/1", "targetgroup/green/2"}


def test_service_without_requests_is_no_reason_to_roll_back() -> None:
    for alarm in record().of_type(ALARM):
        assert alarm.inputs["treatMissingData"] == "notBreaching"
        assert " First: " in alarm.inputs["alarmDescription"]
        assert "alarmActions" not in alarm.inputs


def test_outputs_name_the_alarms() -> None:
    recorded = record()
    component = recorded.one("zelly-components:index:DeploymentAlarms")
    assert recorded.component_outputs[component.urn] == {
        "alarm_names": ["shop-api-deployment-5xx", "shop-api-deployment-unhealthy-targets"]
    }


def test_one_target_group_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^target_group_arn_suffixes: came 1; allowed two$"):
        record(target_group_arn_suffixes=["targetgroup/blue/1"])


def test_example_runs() -> None:
    assert len(run_example(DeploymentAlarms).of_type(ALARM)) == 2
