"""Amazon Q Developer in chat applications: Slack channels."""

from collections.abc import Mapping

from workbench.sandbox.making.table import Delete, ResourceRow, Row, Tags, Update

_CHANGEABLE = (
    "guardrailPolicyArns",
    "iamRoleArn",
    "loggingLevel",
    "slackChannelId",
    "snsTopicArns",
    "userAuthorizationRequired",
)

RESOURCES: Mapping[str, ResourceRow] = {
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": Row(
        service="chatbot",
        operation="create_slack_channel_configuration",
        id="ChannelConfiguration.ChatConfigurationArn",
        result="ChannelConfiguration",
        dropped={"timeouts": "nothing is waited for"},
        tags=Tags(),
        delete=Delete(operation="delete_slack_channel_configuration", parameters={"ChatConfigurationArn": "id"}),
        update=dict.fromkeys(
            _CHANGEABLE,
            # The channel's id is required with every change.
            Update(
                operation="update_slack_channel_configuration",
                parameters={"ChatConfigurationArn": "id"},
                always=_CHANGEABLE,
            ),
        ),
        not_emulated=(
            "Every Slack workspace counts as authorized, and nothing is ever shown in a channel: a configuration "
            "subscribes the chat's endpoint to its topics.",
        ),
    ),
}
