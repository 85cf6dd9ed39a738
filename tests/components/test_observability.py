import dataclasses
import json
from typing import Any

import pulumi

from workbench.evaluate import Evaluation, RecordedResource, evaluate
from zelly_components.observability import (
    AlarmThresholds,
    ApplicationLoadBalancerTarget,
    AuroraTarget,
    EcsServiceTarget,
    HostTarget,
    NetworkLoadBalancerTarget,
    Observability,
    ObservabilityArgs,
    RedisTarget,
)

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
TOPIC_ARN = "${shop-alarms.arn}"
ALARM_NAMES = [
    "shop-api-cpu",
    "shop-api-memory",
    "shop-api-running-tasks",
    "shop-aurora-capacity",
    "shop-bastion-down",
    "shop-bastion-failed-units",
    "shop-bastion-memory",
    "shop-bastion-root-disk",
    "shop-edge-443-unhealthy-targets",
    "shop-redis-evictions",
    "shop-redis-memory",
    "shop-web-5xx",
    "shop-web-unhealthy-targets",
]


def args() -> ObservabilityArgs:
    return ObservabilityArgs(
        region="eu-west-1",
        dashboard_name="shop",
        alarm_emails=["first@shop.example", "second@shop.example"],
        services=[
            EcsServiceTarget(label="api", cluster_name=pulumi.Output.from_input("shop"), service_name="shop-api")
        ],
        application_load_balancers=[
            ApplicationLoadBalancerTarget(
                label="web",
                load_balancer_arn_suffix=pulumi.Output.from_input("app/web/1"),
                target_group_arn_suffix="targetgroup/web/2",
            )
        ],
        network_load_balancers=[
            NetworkLoadBalancerTarget(
                label="edge",
                load_balancer_arn_suffix="net/edge/1",
                target_group_arn_suffixes={443: "targetgroup/tls/2"},
            )
        ],
        aurora=AuroraTarget(label="aurora", cluster_identifier="shop", maximum_capacity_acu=8),
        redis=RedisTarget(label="redis", cache_cluster_id="shop-001"),
        hosts=[
            HostTarget(
                label="bastion",
                instance_id="i-1",
                failed_units_metric="shop-bastion-failed-units",
                mount_points={"root": "/"},
            )
        ],
        thresholds=AlarmThresholds(
            http_5xx_percent=5,
            minimum_requests=20,
            cpu_percent=90,
            memory_percent=90,
            aurora_capacity_percent=90,
            redis_memory_percent=80,
            host_memory_percent=90,
            disk_percent=80,
        ),
    )


def record(**changes: Any) -> Evaluation:
    return evaluate(lambda: _make(dataclasses.replace(args(), **changes)))


def _make(observability_args: ObservabilityArgs) -> None:
    Observability("shop", observability_args)


def alarms(evaluation: Evaluation) -> dict[str, RecordedResource]:
    return {alarm.inputs["name"]: alarm for alarm in evaluation.of_type(ALARM)}


def test_every_address_is_subscribed_to_the_topic_of_the_alarms() -> None:
    subscriptions = record().of_type("aws:sns/topicSubscription:TopicSubscription")
    assert [subscription.inputs for subscription in subscriptions] == [
        {"topic": TOPIC_ARN, "protocol": "email", "endpoint": "first@shop.example"},
        {"topic": TOPIC_ARN, "protocol": "email", "endpoint": "second@shop.example"},
    ]


def test_only_alarms_and_databases_of_this_account_publish_to_the_topic() -> None:
    policy = record().one("aws:sns/topicPolicy:TopicPolicy").inputs
    assert policy["arn"] == TOPIC_ARN
    assert json.loads(policy["policy"])["Statement"] == [
        {
            "Sid": "Alarms",
            "Effect": "Allow",
            "Action": ["sns:Publish"],
            "Resource": [TOPIC_ARN],
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": "${account}"}},
        },
        {
            "Sid": "DatabaseEvents",
            "Effect": "Allow",
            "Action": ["sns:Publish"],
            "Resource": [TOPIC_ARN],
            "Principal": {"Service": "events.rds.amazonaws.com"},
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "${account}"},
                "ArnLike": {"aws:SourceArn": "arn:aws:rds:eu-west-1:${account}:*"},
            },
        },
    ]


def test_failures_and_maintenance_of_every_database_in_the_region_are_told_to_the_topic() -> None:
    evaluation = record()
    subscriptions = evaluation.of_type("aws:rds/eventSubscription:EventSubscription")
    assert {subscription.name: subscription.inputs for subscription in subscriptions} == {
        "shop-db-cluster-events": {
            "snsTopic": TOPIC_ARN,
            "sourceType": "db-cluster",
            "eventCategories": ["failover", "failure", "maintenance"],
        },
        "shop-db-instance-events": {
            "snsTopic": TOPIC_ARN,
            "sourceType": "db-instance",
            "eventCategories": ["failure", "low storage", "maintenance"],
        },
    }
    # RDS refuses a topic that it may not publish to.
    topic_policy = evaluation.one("aws:sns/topicPolicy:TopicPolicy").urn
    assert [topic_policy in subscription.depends_on for subscription in subscriptions] == [True, True]


def test_topic_is_encrypted_with_a_key_that_alarms_and_databases_may_use() -> None:
    evaluation = record()
    assert evaluation.one("aws:sns/topic:Topic").inputs == {"kmsMasterKeyId": "${shop-alarms-key.arn}"}
    key = evaluation.one("aws:kms/key:Key").inputs
    assert key["enableKeyRotation"] is True
    assert json.loads(key["policy"])["Statement"] == [
        {
            "Sid": "Account",
            "Effect": "Allow",
            "Action": ["kms:*"],
            "Resource": ["*"],
            "Principal": {"AWS": "arn:aws:iam::${account}:root"},
        },
        {
            "Sid": "Alarms",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": ["*"],
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": "${account}"}},
        },
        {
            "Sid": "DatabaseEvents",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": ["*"],
            "Principal": {"Service": "events.rds.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": "${account}"}},
        },
    ]


def test_every_alarm_rings_at_its_threshold_and_tells_the_topic() -> None:
    made = alarms(record())
    assert sorted(made) == ALARM_NAMES
    assert {
        (alarm.inputs["comparisonOperator"], *alarm.inputs["alarmActions"], *alarm.inputs["okActions"])
        for alarm in made.values()
    } == {("GreaterThanOrEqualToThreshold", TOPIC_ARN, TOPIC_ARN)}


def test_recovery_is_told_only_when_wanted() -> None:
    assert [alarm.inputs["okActions"] for alarm in alarms(record(notify_recovery=False)).values()] == [[]] * len(
        ALARM_NAMES
    )


def test_alarm_on_one_metric_carries_it_as_its_own_inputs() -> None:
    inputs = alarms(record())["shop-bastion-down"].inputs
    assert inputs.pop("alarmDescription").startswith("bastion has failed its status checks")
    assert inputs == {
        "name": "shop-bastion-down",
        "namespace": "AWS/EC2",
        "metricName": "StatusCheckFailed",
        "statistic": "Maximum",
        "dimensions": {"InstanceId": "i-1"},
        "period": 60,
        "comparisonOperator": "GreaterThanOrEqualToThreshold",
        "threshold": 1,
        "evaluationPeriods": 3,
        "datapointsToAlarm": 3,
        "treatMissingData": "breaching",
        "alarmActions": [TOPIC_ARN],
        "okActions": [TOPIC_ARN],
    }


def test_alarm_on_a_metric_without_dimensions_names_none() -> None:
    inputs = alarms(record())["shop-bastion-failed-units"].inputs
    assert (inputs["namespace"], inputs["metricName"]) == ("FailedUnits", "shop-bastion-failed-units")
    assert inputs.get("dimensions", {}) == {}


def test_alarm_on_an_expression_compares_its_last_one_only() -> None:
    inputs = alarms(record())["shop-web-5xx"].inputs
    assert [(query["id"], query["returnData"]) for query in inputs["metricQueries"]] == [
        ("requests", False),
        ("target_errors", False),
        ("balancer_errors", False),
        ("total", False),
        ("errors", False),
        ("rate", True),
    ]
    assert inputs["metricQueries"][0]["metric"] == {
        "namespace": "AWS/ApplicationELB",
        "metricName": "RequestCount",
        "dimensions": {"LoadBalancer": "app/web/1"},
        "stat": "Sum",
        "period": 60,
    }
    assert inputs["metricQueries"][5]["expression"] == "IF(total >= 20, 100 * errors / total, 0)"
    assert {"namespace", "metricName", "statistic", "period", "dimensions"} & inputs.keys() == set()


def test_dashboard_is_canonical_json_with_its_outputs_resolved() -> None:
    dashboard = record().one("aws:cloudwatch/dashboard:Dashboard").inputs
    body = json.loads(dashboard["dashboardBody"])
    assert dashboard["dashboardName"] == "shop"
    assert dashboard["dashboardBody"] == json.dumps(body, sort_keys=True)
    assert [widget["properties"]["title"] for widget in body["widgets"]] == [
        "web: requests",
        "web: latency in seconds",
        "web: 5xx",
        "api: CPU and memory in percent",
        "redis: hits and misses",
    ]
    assert body["widgets"][0]["properties"]["metrics"][0][2:4] == ["LoadBalancer", "app/web/1"]


def test_outputs_name_the_topic_the_dashboard_and_every_alarm() -> None:
    evaluation = record()
    outputs = evaluation.component_outputs[evaluation.one("zelly-components:index:Observability").urn]
    assert (outputs["topic_arn"], outputs["dashboard_name"], sorted(outputs["alarm_names"])) == (
        TOPIC_ARN,
        "shop",
        ALARM_NAMES,
    )
