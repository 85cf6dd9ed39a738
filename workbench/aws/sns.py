"""Amazon SNS: who is told when an alarm rings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from workbench.alerts import CHAT_ENDPOINT
from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

_PENDING = "PendingConfirmation"
"""What stands in the place of the ARN ("ListSubscriptionsByTopic", SNS API reference)."""


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """Somebody whom a topic writes to."""

    protocol: str
    endpoint: str = field(repr=False)
    """A URL may hold a key: :attr:`shown` is what may be printed."""
    is_confirmed: bool
    """Whether they followed the link in the mail that asked them; until then nothing reaches them."""

    @property
    def is_url(self) -> bool:
        """Whether a program is told, and not a person by mail."""
        return self.protocol in ("http", "https")

    @property
    def is_chat(self) -> bool:
        """Whether it is that of Amazon Q Developer in chat applications."""
        return self.endpoint == CHAT_ENDPOINT

    @property
    def shown(self) -> str:
        """The endpoint; of a URL nothing behind its host."""
        return f"{self.protocol}://{urlsplit(self.endpoint).hostname}/…" if self.is_url else self.endpoint


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

    def publish(
        self, topic_arn: str, message: str, *, subject: str, by_protocol: Mapping[str, str] | None = None
    ) -> str:
        """Publish a message and return its id; ``by_protocol`` holds the texts of those that get another one."""
        with calling("sns:Publish", topic_arn.rpartition(":")[2]):
            if by_protocol is None:
                return self._client.publish(TopicArn=topic_arn, Message=message, Subject=subject)["MessageId"]
            return self._client.publish(
                TopicArn=topic_arn,
                Message=json.dumps({"default": message, **by_protocol}),
                MessageStructure="json",
                Subject=subject,
            )["MessageId"]
