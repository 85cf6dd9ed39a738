"""The readings of Slack channels' configurations."""

from collections.abc import Mapping

from workbench.sandbox.making.table import Read

READS: Mapping[str, Read] = {
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": Read(
        operation="describe_slack_channel_configurations",
        parameters={"ChatConfigurationArn": "id"},
        result="SlackChannelConfigurations[0]",
        defaults={"loggingLevel": "NONE", "userAuthorizationRequired": False},
    ),
}
