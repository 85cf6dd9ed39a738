"""Amazon SNS: who is told when an alarm rings."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

CHAT_ENDPOINT = "https://global.sns-api.chatbot.amazonaws.com"
"""The address by which Amazon Q Developer in chat applications subscribes to topics, as topics list it."""

_PENDING = "PendingConfirmation"
"""What stands in the place of the ARN ("ListSubscriptionsByTopic", SNS API reference)."""


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """Somebody whom a topic writes to."""

    protocol: str
    endpoint: str
    is_confirmed: bool
    """Whether they followed the link in the mail that asked them; until then nothing reaches them."""


class Sns:
    """The calls of Amazon SNS that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: SNSClient = connection.client("sns")

    def subscriptions(self, topic_arn: str) -> list[Subscription]:
        """Return the subscriptions of a topic, by endpoint."""
        with calling("sns:ListSubscriptionsByTopic", topic_arn.rpartition(":")[2]):
            pages = self._client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
            found = [
                Subscription(
                    protocol=subscription["Protocol"],
                    endpoint=subscription["Endpoint"],
                    is_confirmed=subscription["SubscriptionArn"] != _PENDING,
                )
                for page in pages
                for subscription in page["Subscriptions"]
            ]
        return sorted(found, key=lambda subscription: (subscription.protocol, subscription.endpoint))
