"""An SNS topic for the events of ElastiCache."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component, resolved_after
from zelly_components.identity.iam import Statement, policy


@dataclass(frozen=True, kw_only=True)
class CacheEventTopicArgs:
    """Arguments of a topic for a cache's events."""

    account_id: str
    """The account whose caches may publish, twelve digits."""
    emails: Sequence[str]
    """The addresses that hear of events. Each gets a mail from AWS and has to confirm it, beside the one for alarms.
    Empty: nobody is told unless something else subscribes to ``topic_arn``."""


class CacheEventTopic(Component):
    """An SNS topic to which ElastiCache publishes a cache's events: failovers, replaced nodes, maintenance, snapshots.

    It is not the topic of the alarms, because ElastiCache publishes to no encrypted topic, and asks for another
    condition than other services send (ElastiCache User Guide, "Event Notifications and Amazon SNS" and "Managing
    ElastiCache Amazon SNS notifications"). A message holds the event's name and the cache's, nothing out of the cache.

    Example::

        from zelly_components.cache_event_topic import CacheEventTopic, CacheEventTopicArgs

        events = CacheEventTopic(
            "shop-cache-events",
            CacheEventTopicArgs(account_id="123456789012", emails=["operations@shop.example"]),
        )
    """

    topic_arn: pulumi.Output[str]
    """The topic's ARN. It resolves once ElastiCache may publish: it gives up a topic that refuses it."""

    def __init__(self, name: str, args: CacheEventTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        topic = aws.sns.Topic(name, opts=self.child())
        topic_policy = aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=topic.arn,
            policy=policy([publish_statement(topic.arn, args.account_id)]),
            opts=self.child(),
        )
        for address in args.emails:
            aws.sns.TopicSubscription(
                f"{name}-{address}", topic=topic.arn, protocol="email", endpoint=address, opts=self.child()
            )
        self.topic_arn = resolved_after(topic.arn, topic_policy)
        self.register_annotated_outputs()


def publish_statement(topic_arn: pulumi.Input[str], account_id: str) -> Statement:
    """Return the statement that lets ElastiCache publish, as its user guide gives it.

    The principal is everybody, and the condition lets in what acts for this account alone.
    """
    return Statement(
        sid="CacheEvents",
        actions=["sns:Publish"],
        resources=[topic_arn],
        principals={"AWS": "*"},
        conditions={"StringEquals": {"aws:SourceOwner": account_id}},
    )
