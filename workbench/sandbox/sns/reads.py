"""The readings of topics, their policies and subscriptions."""

from collections.abc import Mapping

from workbench.sandbox.making.answers import asked
from workbench.sandbox.making.table import Read

READS: Mapping[str, Read] = {
    "aws:sns/topic:Topic": Read(
        operation="get_topic_attributes",
        parameters={"TopicArn": "id"},
        result="Attributes",
        named={"name": lambda existing: existing.id.rpartition(":")[2]},
        # Each topic is born with a policy, and with a delivery policy.
        unread=("policy", "deliveryPolicy"),
        tags=asked("list_tags_for_resource", "Tags", ResourceArn="id"),
    ),
    "aws:sns/topicPolicy:TopicPolicy": Read(
        operation="get_topic_attributes",
        parameters={"TopicArn": "id"},
        result="Attributes",
        named={"arn": "TopicArn", "policy": "Policy"},
    ),
    "aws:sns/topicSubscription:TopicSubscription": Read(
        operation="get_subscription_attributes",
        parameters={"SubscriptionArn": "id"},
        result="Attributes",
        named={"ownerId": "Owner"},
        defaults={"filterPolicyScope": "MessageAttributes"},
        outputs={"pendingConfirmation": "PendingConfirmation == 'true'"},
    ),
}
