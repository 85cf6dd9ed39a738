"""SNS: topics, their policies and subscriptions."""

from collections.abc import Callable, Mapping
from typing import Any

from zelly_infra.sandbox.making import Made, Making
from zelly_infra.sandbox.table import AutoName, Function, Parameters, ResourceRow, Row, Tags


def _attribute(name: str) -> Callable[[Making, Any], Parameters]:
    """Return a function that puts a value into the map of attributes, whose values are all text."""

    def convert(_: Making, value: Any) -> Parameters:
        return {"Attributes": {name: str(value).lower() if isinstance(value, bool) else str(value)}}

    return convert


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
    ),
    "aws:sns/topicPolicy:TopicPolicy": Row(
        service="sns",
        operation="set_topic_attributes",
        id=lambda made: made.inputs["arn"],
        renames={"arn": "TopicArn", "policy": "AttributeValue"},
        parameters={"AttributeName": "Policy"},
        outputs={"owner": _owner},
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
        not_emulated=("No mail is sent: an e-mail subscription counts as confirmed without anybody's doing.",),
    ),
}

FUNCTIONS: Mapping[str, Function] = {}
