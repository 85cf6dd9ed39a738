"""Slack channels: configured once for an account, and subscribed to their topics."""

from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox
from workbench.alerts import CHAT_ENDPOINT
from workbench.sandbox.errors import AwsRefusalError

CHANNEL = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"
TOPIC = "aws:sns/topic:Topic"


def inputs(**changes: Any) -> dict[str, Any]:
    return {
        "configurationName": "shop",
        "slackTeamId": "T0123ABCD",
        "slackChannelId": "C0123ABCD",
        "iamRoleArn": "arn:aws:iam::123456789012:role/shop",
        "guardrailPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        "loggingLevel": "ERROR",
        "userAuthorizationRequired": False,
        **changes,
    }


def told(sandbox: Sandbox, topic: str) -> list[tuple[str, str]]:
    found = sandbox.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    return [(each["Protocol"], each["Endpoint"]) for each in found]


def test_channel_hears_of_its_topics_and_of_others_once_they_are_changed(sandbox: Sandbox) -> None:
    first, second = (sandbox.create(TOPIC, name, name=name).id for name in ("chat-first", "chat-second"))
    made = sandbox.create(CHANNEL, "shop", **inputs(snsTopicArns=[first]))
    assert made.id == "arn:aws:chatbot::123456789012:chat-configuration/slack-channel/shop"
    assert (told(sandbox, first), told(sandbox, second)) == ([("https", CHAT_ENDPOINT)], [])
    sandbox.update(CHANNEL, "shop", **inputs(snsTopicArns=[second], loggingLevel="INFO"))
    assert (told(sandbox, first), told(sandbox, second)) == ([], [("https", CHAT_ENDPOINT)])
    found = sandbox.client("chatbot").describe_slack_channel_configurations()["SlackChannelConfigurations"]
    assert [(each["LoggingLevel"], each["GuardrailPolicyArns"]) for each in found] == [
        ("INFO", ["arn:aws:iam::aws:policy/ReadOnlyAccess"])
    ]
    assert sandbox.read(CHANNEL, "shop") == {}
    with pytest.raises(AwsRefusalError, match="already configured"):
        sandbox.create(CHANNEL, "again", **inputs(configurationName="again"))
    sandbox.delete(CHANNEL, "shop")
    assert told(sandbox, second) == []
    assert sandbox.read(CHANNEL, "shop") is None
