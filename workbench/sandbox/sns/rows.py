"""SNS: topics, their policies and subscriptions."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from workbench.sandbox.making.making import Existing, Made, Making
from workbench.sandbox.making.table import (
    AutoName,
    Change,
    Delete,
    Parameters,
    ResourceRow,
    Row,
    Tags,
    Update,
)


def _attribute(name: str) -> Callable[[Making, Any], Parameters]:
    """Return a function that puts a value into the map of attributes, whose values are all text."""

    def convert(_: Making, value: Any) -> Parameters:
        return {"Attributes": {name: _text(value)}}

    return convert


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _set_attribute(operation: str, member: str, name: str, *, default: str = "") -> Change:
    """Return a function that sets one attribute anew; without a value it gets AWS's own."""

    def change(existing: Existing, value: Any) -> None:
        given = default if value is None else _text(value)
        existing.call(operation, AttributeName=name, AttributeValue=given, **{member: existing.id})

    return change


def _restore_policy(existing: Existing) -> None:
    """Give a topic the policy that it was born with: one cannot be taken away from it."""
    actions = (
        "GetTopicAttributes",
        "SetTopicAttributes",
        "AddPermission",
        "RemovePermission",
        "DeleteTopic",
        "Subscribe",
        "ListSubscriptionsByTopic",
        "Publish",
    )
    policy = {
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [
            {
                "Effect": "Allow",
                "Sid": "__default_statement_ID",
                "Principal": {"AWS": "*"},
                "Action": [f"SNS:{action}" for action in actions],
                "Resource": existing.id,
                "Condition": {"StringEquals": {"AWS:SourceOwner": existing.account_id}},
            }
        ],
    }
    existing.call(
        "set_topic_attributes", TopicArn=existing.id, AttributeName="Policy", AttributeValue=json.dumps(policy)
    )


_TOPIC_ATTRIBUTES: Mapping[str, str] = {
    "archivePolicy": "ArchivePolicy",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deliveryPolicy": "DeliveryPolicy",
    "displayName": "DisplayName",
    "fifoThroughputScope": "FifoThroughputScope",
    "fifoTopic": "FifoTopic",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
}

_SUBSCRIPTION_ATTRIBUTES: Mapping[str, str] = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
    "replayPolicy": "ReplayPolicy",
    "subscriptionRoleArn": "SubscriptionRoleArn",
}


_SUBSCRIPTION_DEFAULTS: Mapping[str, str] = {
    "filterPolicyScope": "MessageAttributes",
    "rawMessageDelivery": "false",
}


def _owner(made: Made) -> str:
    return made.account_id


def _awaits_confirmation(made: Made) -> bool:
    # An address has to be confirmed by its reader.
    return made.inputs["protocol"].startswith("email")


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:sns/topic:Topic": Row(
        service="sns",
        operation="create_topic",
        id="TopicArn",
        into={key: _attribute(name) for key, name in _TOPIC_ATTRIBUTES.items()},
        name=AutoName(limit=256),
        tags=Tags(),
        outputs={"arn": "TopicArn", "owner": _owner},
        delete=Delete(operation="delete_topic", parameters={"TopicArn": "id"}),
        update={
            key: _set_attribute("set_topic_attributes", "TopicArn", name)
            for key, name in _TOPIC_ATTRIBUTES.items()
            if key != "fifoTopic"
        },
    ),
    "aws:sns/topicPolicy:TopicPolicy": Row(
        service="sns",
        operation="set_topic_attributes",
        id=lambda made: made.inputs["arn"],
        renames={"arn": "TopicArn", "policy": "AttributeValue"},
        parameters={"AttributeName": "Policy"},
        outputs={"owner": _owner},
        delete=_restore_policy,
        update={
            "policy": Update(
                operation="set_topic_attributes", parameters={"TopicArn": "id"}, constants={"AttributeName": "Policy"}
            )
        },
    ),
    "aws:sns/topicSubscription:TopicSubscription": Row(
        service="sns",
        operation="subscribe",
        id="SubscriptionArn",
        renames={"topic": "TopicArn"},
        parameters={"ReturnSubscriptionArn": True},
        into={key: _attribute(name) for key, name in _SUBSCRIPTION_ATTRIBUTES.items()},
        dropped={
            "confirmationTimeoutInMinutes": "nobody has to wait for a confirmation here",
            "endpointAutoConfirms": "nobody has to wait for a confirmation here",
        },
        outputs={
            "arn": "SubscriptionArn",
            "ownerId": _owner,
            "pendingConfirmation": _awaits_confirmation,
            "confirmationWasAuthenticated": lambda _: False,
        },
        delete=Delete(operation="unsubscribe", parameters={"SubscriptionArn": "id"}),
        update={
            key: _set_attribute(
                "set_subscription_attributes", "SubscriptionArn", name, default=_SUBSCRIPTION_DEFAULTS.get(key, "")
            )
            for key, name in _SUBSCRIPTION_ATTRIBUTES.items()
        },
        not_emulated=(
            "No mail is sent: an e-mail subscription counts as confirmed without anybody's doing.",
            "A subscription over HTTP or HTTPS counts as confirmed, and what is published reaches addresses of this "
            "machine alone.",
        ),
    ),
}
