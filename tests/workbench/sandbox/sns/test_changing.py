import json
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of

TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"


def topic_attributes(sandbox: Sandbox, arn: str) -> dict[str, Any]:
    return sandbox.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]


def policy(arn: str, service: str) -> str:
    statement = {"Effect": "Allow", "Action": "SNS:Publish", "Resource": arn, "Principal": {"Service": service}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_attributes_of_a_topic_are_set_and_taken_away(sandbox: Sandbox) -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    created = sandbox.create(TOPIC, "changed", name="changes-alarms", displayName="First", kmsMasterKeyId=key)
    sandbox.update(TOPIC, "changed", name="changes-alarms", displayName="Second", tags={"Name": "alarms"})
    found = topic_attributes(sandbox, created.id)
    assert (found["DisplayName"], found.get("KmsMasterKeyId")) == ("Second", None)
    tags = sandbox.client("sns").list_tags_for_resource(ResourceArn=created.id)["Tags"]
    assert tags_of(tags) == {"Project": "shop", "Name": "alarms"}


def test_policy_is_replaced_and_then_the_one_that_every_topic_has(sandbox: Sandbox) -> None:
    arn = sandbox.create(TOPIC, "governed", name="changes-governed").id
    original = json.loads(topic_attributes(sandbox, arn)["Policy"])
    sandbox.create(TOPIC_POLICY, "governed", arn=arn, policy=policy(arn, "cloudwatch.amazonaws.com"))
    new = policy(arn, "events.amazonaws.com")
    sandbox.update(TOPIC_POLICY, "governed", arn=arn, policy=new)
    assert json.loads(topic_attributes(sandbox, arn)["Policy"]) == json.loads(new)
    sandbox.delete(TOPIC_POLICY, "governed")
    assert json.loads(topic_attributes(sandbox, arn)["Policy"]) == original


def test_attributes_of_a_subscription_are_changed(sandbox: Sandbox) -> None:
    arn = sandbox.create(TOPIC, "subscribed", name="changes-subscribed").id
    shared = {"topic": arn, "protocol": "https", "endpoint": "https://shop.example/alarms"}
    created = sandbox.create(
        SUBSCRIPTION, "web", **shared, rawMessageDelivery=True, filterPolicy=json.dumps({"kind": ["alarm"]})
    )
    sandbox.update(SUBSCRIPTION, "web", **shared, filterPolicy=json.dumps({"kind": ["recovery"]}))
    found = sandbox.client("sns").get_subscription_attributes(SubscriptionArn=created.id)["Attributes"]
    assert (found["RawMessageDelivery"], json.loads(found["FilterPolicy"])) == ("false", {"kind": ["recovery"]})


def test_subscription_and_topic_are_gone_once_deleted(sandbox: Sandbox) -> None:
    arn = sandbox.create(TOPIC, "gone", name="changes-gone").id
    sandbox.create(SUBSCRIPTION, "gone", topic=arn, protocol="email", endpoint="operations@shop.example")
    sns = sandbox.client("sns")
    assert len(sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]) == 1
    sandbox.delete(SUBSCRIPTION, "gone")
    assert sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"] == []
    sandbox.delete(TOPIC, "gone")
    sandbox.delete(TOPIC, "gone")
    with pytest.raises(sns.exceptions.NotFoundException):
        sns.get_topic_attributes(TopicArn=arn)
