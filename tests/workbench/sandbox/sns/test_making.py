import json

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.evaluate import Created
from workbench.sandbox.errors import AwsRefusalError, UnmappedInputError

TOPIC = "aws:sns/topic:Topic"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"


@pytest.fixture(scope="module")
def topic(sandbox: Sandbox) -> Created:
    return sandbox.create(TOPIC, "alarms", kmsMasterKeyId=KEY, displayName="Shop", tags={"Name": "alarms"})


def test_topic_is_encrypted_with_its_key(sandbox: Sandbox, topic: Created) -> None:
    sns = sandbox.client("sns")
    attributes = sns.get_topic_attributes(TopicArn=topic.id)["Attributes"]
    assert (attributes["KmsMasterKeyId"], attributes["DisplayName"]) == (KEY, "Shop")
    assert tags_of(sns.list_tags_for_resource(ResourceArn=topic.id)["Tags"]) == {"Project": "shop", "Name": "alarms"}
    assert topic.outputs["name"].startswith("alarms-")
    assert topic.id == topic.outputs["arn"] == f"arn:aws:sns:eu-west-1:123456789012:{topic.outputs['name']}"
    assert topic.outputs["owner"] == "123456789012"


def test_policy_replaces_the_default_one(sandbox: Sandbox, topic: Created) -> None:
    statement = {
        "Sid": "Alarms",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic.id,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    created = sandbox.create("aws:sns/topicPolicy:TopicPolicy", "alarms", arn=topic.id, policy=policy)
    attributes = sandbox.client("sns").get_topic_attributes(TopicArn=topic.id)["Attributes"]
    assert (created.id, json.loads(attributes["Policy"])) == (topic.id, json.loads(policy))


def test_address_is_subscribed_and_has_to_confirm(sandbox: Sandbox, topic: Created) -> None:
    created = sandbox.create(
        SUBSCRIPTION, "operations", topic=topic.id, protocol="email", endpoint="operations@shop.example"
    )
    found = sandbox.client("sns").list_subscriptions_by_topic(TopicArn=topic.id)["Subscriptions"]
    assert [(item["SubscriptionArn"], item["Protocol"], item["Endpoint"]) for item in found] == [
        (created.id, "email", "operations@shop.example")
    ]
    outputs = ("arn", "ownerId", "pendingConfirmation", "confirmationWasAuthenticated")
    assert [created.outputs[key] for key in outputs] == [created.id, "123456789012", True, False]


def test_queue_gets_the_bare_messages_it_asked_for(sandbox: Sandbox) -> None:
    topic = sandbox.create(TOPIC, "orders", name="orders")
    created = sandbox.create(
        SUBSCRIPTION,
        "orders",
        topic=topic.id,
        protocol="sqs",
        endpoint="arn:aws:sqs:eu-west-1:123456789012:orders",
        rawMessageDelivery=True,
    )
    attributes = sandbox.client("sns").get_subscription_attributes(SubscriptionArn=created.id)["Attributes"]
    assert (attributes["RawMessageDelivery"], created.outputs["pendingConfirmation"]) == ("true", False)


def test_subscription_to_an_unknown_topic_is_refused(sandbox: Sandbox) -> None:
    lost = "arn:aws:sns:eu-west-1:123456789012:lost"
    with pytest.raises(AwsRefusalError, match="Subscribe failed with NotFound"):
        sandbox.create(SUBSCRIPTION, "lost", topic=lost, protocol="email", endpoint="operations@shop.example")


def test_unmapped_input_of_a_topic_is_named(sandbox: Sandbox) -> None:
    with pytest.raises(UnmappedInputError, match="input maximumMessageSize is not mapped; create_topic takes "):
        sandbox.create(TOPIC, "wrong", maximumMessageSize=1024)
