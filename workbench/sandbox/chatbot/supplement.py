"""Amazon Q Developer in chat applications, which moto does not have: Slack channels and their topics."""

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from workbench.alerts import CHAT_ENDPOINT
from workbench.sandbox.server.table import Call, Missing, RefusalError, Supplement

_MEMBERS = (
    "SlackTeamId",
    "SlackChannelId",
    "SlackChannelName",
    "SnsTopicArns",
    "IamRoleArn",
    "ConfigurationName",
    "LoggingLevel",
    "GuardrailPolicyArns",
    "UserAuthorizationRequired",
    "Tags",
)


def _configurations(call: Call) -> dict[str, dict[str, Any]]:
    return call.kept("slack channels")


def _existing(call: Call, arn: str) -> dict[str, Any]:
    found = _configurations(call).get(arn)
    if found is None:
        raise RefusalError("ResourceNotFoundException", f"{arn} does not exist")
    return found


def _create(call: Call) -> Mapping[str, Any]:
    """Keep a configuration; a channel takes one for each account."""
    asked = call.parameters
    channel = (asked["SlackTeamId"], asked["SlackChannelId"])
    if channel in [(one["SlackTeamId"], one["SlackChannelId"]) for one in _configurations(call).values()]:
        raise RefusalError("ConflictException", f"Channel {channel[1]} is already configured in this account")
    arn = f"arn:aws:chatbot::{call.account_id}:chat-configuration/slack-channel/{asked['ConfigurationName']}"
    made = {
        "SlackTeamName": channel[0],
        "SlackChannelName": channel[1],
        "LoggingLevel": "NONE",
        "UserAuthorizationRequired": False,
        **{member: asked[member] for member in _MEMBERS if member in asked},
        "ChatConfigurationArn": arn,
        "State": "ENABLED",
    }
    _configurations(call)[arn] = made
    _subscribe(call, before=(), after=made.get("SnsTopicArns", ()))
    return {"ChannelConfiguration": made}


def _describe(call: Call) -> Mapping[str, Any]:
    wanted = call.parameters.get("ChatConfigurationArn")
    found = _configurations(call)
    return {"SlackChannelConfigurations": [one for arn, one in found.items() if wanted in (None, arn)]}


def _update(call: Call) -> Mapping[str, Any]:
    made = _existing(call, call.parameters["ChatConfigurationArn"])
    before = made.get("SnsTopicArns", ())
    made |= {member: call.parameters[member] for member in _MEMBERS if member in call.parameters}
    _subscribe(call, before=before, after=made.get("SnsTopicArns", ()))
    return {"ChannelConfiguration": made}


def _delete(call: Call) -> Mapping[str, Any]:
    arn = call.parameters["ChatConfigurationArn"]
    _subscribe(call, before=_existing(call, arn).get("SnsTopicArns", ()), after=())
    del _configurations(call)[arn]
    return {}


def _subscribe(call: Call, *, before: Any, after: Any) -> None:
    """Bring the subscriptions of the chat's endpoint to those that a configuration is to have."""
    for topic in sorted({*before, *after}):
        sns: Any = get_backend("sns")[call.account_id][topic.split(":")[3]]
        if topic not in sns.topics:
            continue
        if topic in after:
            sns.subscribe(topic, CHAT_ENDPOINT, "https")
            continue
        for arn, subscription in [*sns.subscriptions.items()]:
            if (subscription.topic.arn, subscription.endpoint) == (topic, CHAT_ENDPOINT):
                sns.unsubscribe(arn)


def _list_tags(call: Call) -> Mapping[str, Any]:
    return {"Tags": _existing(call, call.parameters["ResourceARN"]).get("Tags", [])}


def _tag(call: Call) -> Mapping[str, Any]:
    made = _existing(call, call.parameters["ResourceARN"])
    given = {tag["TagKey"]: tag for tag in (*made.get("Tags", ()), *call.parameters["Tags"])}
    made["Tags"] = [*given.values()]
    return {}


def _untag(call: Call) -> Mapping[str, Any]:
    made = _existing(call, call.parameters["ResourceARN"])
    made["Tags"] = [tag for tag in made.get("Tags", ()) if tag["TagKey"] not in call.parameters["TagKeys"]]
    return {}


_ANSWERS = {
    "CreateSlackChannelConfiguration": _create,
    "DescribeSlackChannelConfigurations": _describe,
    "UpdateSlackChannelConfiguration": _update,
    "DeleteSlackChannelConfiguration": _delete,
    "ListTagsForResource": _list_tags,
    "TagResource": _tag,
    "UntagResource": _untag,
}

SUPPLEMENT = Supplement(
    missing=tuple(Missing(service="chatbot", operation=name, answer=answer) for name, answer in _ANSWERS.items())
)
