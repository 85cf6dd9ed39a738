import dataclasses
import json
import re
from typing import Any

import pulumi
import pytest

from workbench.evaluate import Evaluation, evaluate
from zelly_components.alarms.events import backup_events, database_events, deployment_events
from zelly_components.alert_channels import AlertChannels, AlertChannelsArgs, SlackChannelArgs

SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
SLACK = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"
PAGE, INFORM = "${shop-alerts-page.arn}", "${shop-alerts-inform.arn}"
SECRET = "https://pager.example/integration/k3y/enqueue"


def args(**changes: Any) -> AlertChannelsArgs:
    plain = AlertChannelsArgs(
        region="eu-west-1",
        pager_endpoint=SECRET,
        slack=SlackChannelArgs(workspace_id="T0123ABCD", channel_id="C0123ABCD"),
        emails=["operations@shop.example"],
        events=[*deployment_events(), *database_events({"db-instance": ["failure"]}), *backup_events()],
    )
    return dataclasses.replace(plain, **changes)


def record(**changes: Any) -> Evaluation:
    def program() -> None:
        channels = AlertChannels("shop-alerts", args(**changes))
        pulumi.export("topics", [channels.page_topic_arn, channels.inform_topic_arn])

    return evaluate(program)


def subscriptions(evaluation: Evaluation) -> list[tuple[str, str, str, str | None]]:
    return [
        (each.inputs["topic"], each.inputs["protocol"], each.inputs["endpoint"], each.inputs.get("region"))
        for each in evaluation.of_type(SUBSCRIPTION)
    ]


def test_pager_hears_of_pages_and_mailboxes_and_chat_of_everything() -> None:
    evaluation = record()
    assert subscriptions(evaluation) == [
        (INFORM, "email", "operations@shop.example", None),
        (PAGE, "https", "[secret]", None),
    ]
    assert evaluation.one(SLACK).inputs["snsTopicArns"] == [INFORM]
    assert evaluation.outputs["topics"] == [PAGE, INFORM]


def test_url_of_the_pager_is_secret_even_if_the_caller_forgot_it() -> None:
    evaluation = record()
    assert SECRET not in repr([resource.inputs for resource in evaluation.resources]) + repr(evaluation.outputs)
    assert evaluation.one(SUBSCRIPTION, "shop-alerts-page-pager").plain_inputs["endpoint"] == SECRET


def test_nobody_changes_anything_from_the_chat() -> None:
    evaluation = record()
    assert evaluation.one(SLACK).inputs["guardrailPolicyArns"] == ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    attached = [
        each.inputs["policyArn"] for each in evaluation.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    ]
    assert attached == ["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"]


@pytest.mark.parametrize(("region", "made_in"), [("eu-west-1", None), ("ap-south-1", "us-east-2")])
def test_channel_is_configured_where_the_chat_has_an_api(region: str, made_in: str | None) -> None:
    assert record(region=region).one(SLACK).inputs.get("region") == made_in


def test_without_slack_nothing_of_it_is_made() -> None:
    evaluation = record(slack=None)
    assert [resource.name for resource in evaluation.custom() if "slack" in resource.name] == []


def test_events_go_to_the_inform_topic_in_the_schema_that_the_chat_shows() -> None:
    evaluation = record()
    targets = evaluation.of_type("aws:cloudwatch/eventTarget:EventTarget")
    assert {target.inputs["arn"] for target in targets} == {INFORM}
    for target in targets:
        transformer = target.inputs["inputTransformer"]
        filled = transformer["inputTemplate"]
        for name in transformer["inputPaths"]:
            assert f"<{name}>" in filled
            filled = filled.replace(f"<{name}>", f"the {name}")
        message = json.loads(filled)
        assert (message["version"], message["source"]) == ("1.0", "custom")
        assert message["content"]["textType"] == "client-markdown"
        assert message["content"]["description"]
        assert [step for step in message["content"]["nextSteps"] if not step.startswith("First: ")] == []
        assert "<" not in filled


def test_rules_match_what_the_services_send() -> None:
    rules = record().of_type("aws:cloudwatch/eventRule:EventRule")
    assert {rule.name: json.loads(rule.inputs["eventPattern"]) for rule in rules} == {
        "shop-alerts-deployment-failed": {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
        },
        "shop-alerts-deployment-rolled-back": {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "detail": {
                "eventName": ["SERVICE_DEPLOYMENT_IN_PROGRESS"],
                "reason": [{"wildcard": "*rolling back*"}, {"wildcard": "*rollback*"}],
            },
        },
        "shop-alerts-db-instance-events": {
            "source": ["aws.rds"],
            "detail-type": ["RDS DB Instance Event"],
            "detail": {"EventCategories": ["failure"]},
        },
        "shop-alerts-backup-failed": {
            "source": ["aws.backup"],
            "detail-type": ["Backup Job State Change"],
            "detail": {"state": ["ABORTED", "EXPIRED", "FAILED"]},
        },
    }


def statements(evaluation: Evaluation, token: str, name: str) -> list[tuple[str, bool]]:
    document = json.loads(evaluation.one(token, name).inputs["policy"])
    return [(each["Sid"], "Condition" in each) for each in document["Statement"]]


def test_events_may_publish_to_the_inform_topic_alone_and_use_its_key() -> None:
    evaluation = record()
    policies = "aws:sns/topicPolicy:TopicPolicy"
    assert statements(evaluation, policies, "shop-alerts-page-policy") == [("Alarms", True)]
    assert statements(evaluation, policies, "shop-alerts-inform-policy") == [("Alarms", True), ("Events", False)]
    # EventBridge is silenced by a condition on the key.
    assert statements(evaluation, "aws:kms/key:Key", "shop-alerts-key") == [
        ("Account", False),
        ("Alarms", True),
        ("Events", False),
    ]


def test_another_region_has_both_topics_and_the_same_readers() -> None:
    evaluation = record(other_regions=["us-east-1"])
    there = {name: f"${{shop-alerts-us-east-1-{name}.arn}}" for name in ("page", "inform")}
    assert [each for each in subscriptions(evaluation) if each[3]] == [
        (there["inform"], "email", "operations@shop.example", "us-east-1"),
        (there["page"], "https", "[secret]", "us-east-1"),
    ]
    assert evaluation.one(SLACK).inputs["snsTopicArns"] == [INFORM, there["inform"]]
    for token in ("aws:kms/key:Key", "aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy"):
        regions = [each.inputs.get("region") for each in evaluation.of_type(token)]
        assert sorted(filter(None, regions)) == ["us-east-1"] * (len(regions) // 2)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"other_regions": ["eu-west-1"]}, "other_regions: came eu-west-1, which is the region itself; allowed others"),
        (
            {"events": [*backup_events(), *backup_events()]},
            "events: came backup-failed more than once; allowed: names that differ",
        ),
        (
            {"slack": SlackChannelArgs(workspace_id="T0123ABCD", channel_id="#alerts")},
            "slack.channel_id: came '#alerts'; allowed capital letters and digits, as in Slack's link",
        ),
    ],
    ids=["region", "events", "slack"],
)
def test_mistakes_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        record(**changes)


def test_topics_of_a_region_that_has_none_are_refused() -> None:
    def program() -> None:
        AlertChannels("shop-alerts", args()).topics("eu-west-2")

    with pytest.raises(ValueError, match=r"^region: came eu-west-2; allowed eu-west-1$"):
        evaluate(program)


def test_known_events_and_those_of_databases_are_what_their_functions_return() -> None:
    categories = {"db-instance": ["failure"]}
    by_functions = record(events=[*deployment_events(), *backup_events(), *database_events(categories)])
    by_data = record(events=[], known_events=["deployments", "backups"], database_events=categories)
    for token in ("aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"):
        rules = {rule.name: rule.inputs for rule in by_data.of_type(token)}
        assert rules == {rule.name: rule.inputs for rule in by_functions.of_type(token)}
        assert len(rules) == 4


def test_topics_of_every_region_are_outputs() -> None:
    def program() -> None:
        channels = AlertChannels("shop-alerts", args(other_regions=["us-east-1"]))
        assert list(channels.page_topic_arns) == list(channels.inform_topic_arns) == [args().region, "us-east-1"]
        assert channels.topics("us-east-1").page is not None

    evaluate(program)
