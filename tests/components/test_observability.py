import dataclasses
import inspect
import json
import re
from typing import Any

import pulumi
import pytest

from workbench.evaluate import Evaluation, RecordedResource, evaluate
from zelly_components import observability
from zelly_components.alarms.alarm import Alarm, Metric, MetricMath, as_math, as_metric
from zelly_components.alarms.dashboard import Line, Widget
from zelly_components.alarms.outages import Outage, outage
from zelly_components.alert_channels import AlertTopics
from zelly_components.observability import Observability, ObservabilityArgs

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
TOPIC_ARN = "${shop-alarms.arn}"
ALARM_NAMES = ["shop-api-absent", "shop-queue-full", "shop-units"]
EVENTS = {"db-cluster": ("failover", "maintenance"), "db-instance": ("low storage",)}
"""By the type of the database."""


def metric(name: str, dimensions: dict[str, pulumi.Input[str]]) -> Metric:
    return Metric(namespace="Shop", name=name, statistic="Maximum", dimensions=dimensions)


def alarm(name: str, measure: Metric | MetricMath) -> Alarm:
    return Alarm(
        name=name,
        description=f"{name} is wrong",
        metric=as_metric(measure),
        math=as_math(measure),
        threshold=3,
        period_seconds=60,
        periods=5,
        breaching_periods=4,
        missing_data="breaching",
    )


QUEUE: dict[str, pulumi.Input[str]] = {"Queue": pulumi.Output.from_input("orders")}


def args() -> ObservabilityArgs:
    absent = MetricMath(
        metrics={"desired": metric("Desired", QUEUE), "running": metric("Running", QUEUE)},
        expressions={"absent": "desired - running", "share": "100 * absent / desired"},
    )
    line = Line(namespace="Shop", metric="Waiting", dimensions=QUEUE, statistic="p95", label="waiting")
    return ObservabilityArgs(
        region="eu-west-1",
        dashboard_name="shop",
        alarm_emails=["first@shop.example", "second@shop.example"],
        alarms=[
            alarm("queue-full", metric("Waiting", QUEUE)),
            alarm("units", metric("Failed", {})),
            alarm("api-absent", absent),
        ],
        widgets=[Widget(title="jobs", lines=[line])],
        database_events=EVENTS,
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


def test_events_of_every_database_in_the_region_are_told_to_the_topic() -> None:
    evaluation = record()
    subscriptions = evaluation.of_type("aws:rds/eventSubscription:EventSubscription")
    assert {subscription.name: subscription.inputs for subscription in subscriptions} == {
        "shop-db-cluster-events": {
            "snsTopic": TOPIC_ARN,
            "sourceType": "db-cluster",
            "eventCategories": ["failover", "maintenance"],
        },
        "shop-db-instance-events": {
            "snsTopic": TOPIC_ARN,
            "sourceType": "db-instance",
            "eventCategories": ["low storage"],
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


def test_without_events_of_databases_rds_is_let_in_nowhere() -> None:
    evaluation = record(database_events={})
    assert evaluation.of_type("aws:rds/eventSubscription:EventSubscription") == []
    policies = [
        json.loads(evaluation.one(token).inputs["policy"])["Statement"]
        for token in ("aws:kms/key:Key", "aws:sns/topicPolicy:TopicPolicy")
    ]
    assert [[statement["Sid"] for statement in statements] for statements in policies] == [
        ["Account", "Alarms"],
        ["Alarms"],
    ]


def test_alarm_on_one_metric_carries_it_as_its_own_inputs() -> None:
    assert alarms(record())["shop-queue-full"].inputs == {
        "name": "shop-queue-full",
        "alarmDescription": "queue-full is wrong",
        "namespace": "Shop",
        "metricName": "Waiting",
        "statistic": "Maximum",
        "dimensions": {"Queue": "orders"},
        "period": 60,
        "comparisonOperator": "GreaterThanOrEqualToThreshold",
        "threshold": 3,
        "evaluationPeriods": 5,
        "datapointsToAlarm": 4,
        "treatMissingData": "breaching",
        "alarmActions": [TOPIC_ARN],
        "okActions": [TOPIC_ARN],
    }


def test_alarm_on_a_metric_without_dimensions_names_none() -> None:
    inputs = alarms(record())["shop-units"].inputs
    assert (inputs["namespace"], inputs["metricName"]) == ("Shop", "Failed")
    assert inputs.get("dimensions", {}) == {}


def test_alarm_on_an_expression_compares_its_last_one_only() -> None:
    inputs = alarms(record())["shop-api-absent"].inputs
    assert [(query["id"], query["returnData"]) for query in inputs["metricQueries"]] == [
        ("desired", False),
        ("running", False),
        ("absent", False),
        ("share", True),
    ]
    assert inputs["metricQueries"][0]["metric"] == {
        "namespace": "Shop",
        "metricName": "Desired",
        "dimensions": {"Queue": "orders"},
        "stat": "Maximum",
        "period": 60,
    }
    assert inputs["metricQueries"][3]["expression"] == "100 * absent / desired"
    assert {"namespace", "metricName", "statistic", "period", "dimensions"} & inputs.keys() == set()


def test_dashboard_is_canonical_json_with_its_outputs_resolved() -> None:
    dashboard = record().one("aws:cloudwatch/dashboard:Dashboard").inputs
    body = json.loads(dashboard["dashboardBody"])
    assert dashboard["dashboardName"] == "shop"
    assert dashboard["dashboardBody"] == json.dumps(body, sort_keys=True)
    (widget,) = body["widgets"]
    assert widget["properties"]["metrics"] == [
        ["Shop", "Waiting", "Queue", "orders", {"stat": "p95", "label": "waiting"}]
    ]


def test_two_alarms_of_one_name_are_refused() -> None:
    twice = [alarm("queue-full", metric("Waiting", {})), alarm("queue-full", metric("Failed", {}))]
    with pytest.raises(ValueError, match=r"^alarms: came queue-full more than once; allowed: names that differ$"):
        record(alarms=twice)


CHANNELS = AlertTopics(page="arn:page", inform="arn:inform")
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"


def paging(name: str) -> Alarm:
    return dataclasses.replace(alarm(name, metric(name, {})), severity="page")


def told(**changes: Any) -> Evaluation:
    alarms = [paging("down"), paging("errors"), paging("alone"), alarm("slow", metric("Slow", {})), paging("worker")]
    outages = [
        outage("clients", "First: look.", alarms, without=["alone", "worker"]),
        Outage(name="background", description="First: look.", alarms=["worker"], cause="clients"),
    ]
    return record(**{"alarms": alarms, "outages": outages, "topics": CHANNELS, "notify_recovery": True, **changes})


def test_with_channels_every_alarm_informs_and_pages_alone_or_in_its_outage() -> None:
    evaluation = told()
    actions = {
        name: (each.inputs["alarmActions"], each.inputs["okActions"]) for name, each in alarms(evaluation).items()
    }
    assert actions == {
        "shop-alone": (["arn:page", "arn:inform"], ["arn:page"]),
        **{name: (["arn:inform"], []) for name in ("shop-down", "shop-errors", "shop-slow", "shop-worker")},
    }
    clients, background = evaluation.one(COMPOSITE, "shop-clients"), evaluation.one(COMPOSITE, "shop-background")
    assert clients.inputs == {
        "alarmName": "shop-clients",
        "alarmDescription": "First: look.",
        "alarmRule": 'ALARM("shop-down") OR ALARM("shop-errors")',
        "alarmActions": ["arn:page"],
        "okActions": ["arn:page"],
    }
    assert background.inputs["actionsSuppressor"] == {
        "alarm": "shop-clients",
        "waitPeriod": 120,
        "extensionPeriod": 1200,
    }


def test_with_channels_no_topic_is_made_beside_theirs_and_databases_tell_those() -> None:
    evaluation = told()
    made = {resource.type for resource in evaluation.custom()} - {"pulumi:providers:aws"}
    assert made == {ALARM, COMPOSITE, "aws:cloudwatch/dashboard:Dashboard"}
    outputs = evaluation.component_outputs[evaluation.one("zelly-components:index:Observability").urn]
    assert outputs["topic_arn"] == "arn:inform"
    # Who mutes alarms mutes what pages for them as well.
    assert outputs["alarm_names"][-2:] == ["shop-clients", "shop-background"]


def test_without_channels_severities_and_outages_change_nothing() -> None:
    evaluation = told(topics=None)
    assert evaluation.of_type(COMPOSITE) == []
    assert {(*each.inputs["alarmActions"], *each.inputs["okActions"]) for each in alarms(evaluation).values()} == {
        (TOPIC_ARN, TOPIC_ARN)
    }


@pytest.mark.parametrize(
    ("outages", "message"),
    [
        ([Outage(name="a", description="", alarms=["slow"])], "outages.a.alarms: came slow; allowed alarms that page"),
        ([Outage(name="a", description="", alarms=["lost"])], "outages.a.alarms: came lost; allowed alarms that page"),
        ([Outage(name="a", description="", alarms=[])], "outages.a.alarms: came 0; allowed 1 to 100"),
        (
            [Outage(name="down", description="", alarms=["down"])],
            "outages: came down more than once; allowed: names that differ",
        ),
        (
            [Outage(name=name, description="", alarms=["down"]) for name in ("a", "b")],
            "outages' alarms: came down more than once; allowed: names that differ",
        ),
        (
            [Outage(name="a", description="", alarms=["down"], cause="b")],
            "outages.a.cause: came b; allowed None, the outages before it",
        ),
    ],
    ids=["inform", "unknown", "empty", "name", "twice", "cause"],
)
def test_outages_that_would_not_page_once_are_refused(outages: list[Outage], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        told(outages=outages)


def test_outputs_name_the_topic_the_dashboard_and_every_alarm() -> None:
    evaluation = record()
    outputs = evaluation.component_outputs[evaluation.one("zelly-components:index:Observability").urn]
    assert (outputs["topic_arn"], outputs["dashboard_name"], sorted(outputs["alarm_names"])) == (
        TOPIC_ARN,
        "shop",
        ALARM_NAMES,
    )


def test_no_kind_of_store_is_known_here() -> None:
    source = inspect.getsource(observability)
    kinds = set(re.findall(r"^from zelly_components\.alarms\.(\w+)", source, re.M))
    assert kinds == {"alarm", "dashboard", "measures", "outages"}
